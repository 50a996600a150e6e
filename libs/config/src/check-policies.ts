/**
 * Policies: pools and policies that exist, none of which leads back to itself, conditions that can match, rules that
 * are reached, with a last one for everybody, and options that go together.
 */
import type { PolicyConfiguration, PolicyRule, Stage } from '@signpost/contracts/policy-configuration';

import { checkConditions } from './check-conditions.ts';
import { nestingOf, policiesNamed } from './check-nesting.ts';
import { hasHostNames } from './check-pools.ts';
import type { Path, ReadableParts } from './readable-parts.ts';
import { missingNoun, type ReferenceMistake } from './reference-mistake.ts';

type Policies = Readonly<Record<string, PolicyConfiguration>>;

export function checkPolicies(parts: ReadableParts): ReferenceMistake[] {
  const { policies } = parts.nouns;
  const nesting = nestingOf(policies);
  return Object.entries(policies).flatMap(([name, policy]) => [
    ...policy.rules.flatMap((rule, index) => checkRule(rule, ['policies', name, 'rules', index], parts)),
    ...checkOrder(name, policy),
    ...checkSelect(name, policy, parts),
    ...checkOptions(name, policy, parts),
    ...nesting(name),
  ]);
}

/** Names of all pools that a policy may choose, those of policies it names and its fallback too. */
export function poolsOf(policy: PolicyConfiguration, policies: Policies): string[] {
  const pools = new Set<string>();
  for (const own of new Set([policy, ...nestedIn(policy, policies)])) {
    for (const stage of stagesOf(own)) for (const pool of poolsOfStage(stage)) pools.add(pool);
  }
  if (policy.fallback !== undefined) pools.add(policy.fallback);
  return [...pools];
}

/** What a fence does to those who share a resolver with others: it is in no mistake, but should be known. */
export function policyWarnings(parts: ReadableParts): ReferenceMistake[] {
  return Object.entries(parts.nouns.policies).flatMap(([name, policy]) =>
    policy.rules.flatMap((rule, index): ReferenceMistake[] => {
      const isFence = rule.try.length === 0 || rule.all_down === 'nodata';
      if (!isFence || policy.rules.length === 1) return [];
      const message =
        'clients of this rule may get no answer, and a resolver keeps that for all its clients, also those of other ' +
        'rules (scope 0, RFC 7871 7.4), for the negative TTL of the zone; keep soa.negative_ttl short';
      return [{ path: ['policies', name, 'rules', index], message }];
    }),
  );
}

function nestedIn(policy: PolicyConfiguration, policies: Policies): ReadonlySet<PolicyConfiguration> {
  const found = new Set<PolicyConfiguration>();
  const visit = (own: PolicyConfiguration): void => {
    for (const name of policiesNamed(own)) {
      const nested = Object.hasOwn(policies, name) ? policies[name] : undefined;
      if (nested === undefined || found.has(nested)) continue;
      found.add(nested);
      visit(nested);
    }
  };
  visit(policy);
  return found;
}

function stagesOf(policy: PolicyConfiguration): Stage[] {
  return policy.rules.flatMap((rule) => rule.try);
}

function poolsOfStage(stage: Stage): string[] {
  if (typeof stage === 'string') return [stage];
  if ('policy' in stage) return [];
  if ('weighted' in stage) return Object.keys(stage.weighted);
  return 'nearest' in stage ? stage.nearest : stage.fastest;
}

function checkRule(rule: PolicyRule, path: Path, parts: ReadableParts): ReferenceMistake[] {
  return [
    ...(rule.when === undefined ? [] : checkConditions(rule.when, [...path, 'when'], parts)),
    ...rule.try.flatMap((stage, index) => checkStage(stage, [...path, 'try', index], parts)),
    ...checkTrickle(rule, path),
  ];
}

function checkStage(stage: Stage, path: Path, parts: ReadableParts): ReferenceMistake[] {
  if (typeof stage === 'string') return missingNoun(parts, 'pools', stage, path);
  if ('policy' in stage) return missingNoun(parts, 'policies', stage.policy, [...path, 'policy']);
  if ('weighted' in stage) {
    return Object.keys(stage.weighted).flatMap((pool) =>
      missingNoun(parts, 'pools', pool, [...path, 'weighted', pool]).map((mistake) => ({
        ...mistake,
        atKey: true as const,
      })),
    );
  }
  const [kind, pools] = 'nearest' in stage ? ['nearest', stage.nearest] : ['fastest', stage.fastest];
  const bias = 'nearest' in stage ? Object.keys(stage.bias ?? {}) : [];
  return [
    ...pools.flatMap((pool, index) => [
      ...missingNoun(parts, 'pools', pool, [...path, kind, index]),
      ...checkPlaced(pool, kind, [...path, kind, index], parts),
      ...(pools.indexOf(pool) === index
        ? []
        : [{ path: [...path, kind, index], message: `pool "${pool}" stands here twice; remove one` }]),
    ]),
    ...bias
      .filter((pool) => !pools.includes(pool))
      .map((pool) => ({
        path: [...path, 'bias', pool],
        atKey: true as const,
        message: `pool "${pool}" is not among those of "nearest"; add it there or remove its bias`,
      })),
  ];
}

/** The nearest of pools that are nowhere cannot be told. Round trips may be measured, so `fastest` needs no place. */
function checkPlaced(pool: string, kind: string, path: Path, parts: ReadableParts): ReferenceMistake[] {
  const { pools, targets } = parts.nouns;
  if (kind !== 'nearest' || !Object.hasOwn(pools, pool)) return [];
  const members = pools[pool]!.members.map(({ target }) => target);
  const known = members.filter((target) => Object.hasOwn(targets, target));
  if (known.length < members.length || known.some((target) => targets[target]!.at !== undefined)) return [];
  const message = `no target of pool "${pool}" says where it is; write at: [latitude, longitude] in one of them`;
  return [{ path, message }];
}

function checkTrickle({ try: stages, trickle }: PolicyRule, path: Path): ReferenceMistake[] {
  if (trickle === undefined || stages.length > 1) return [];
  const message = 'there is no second stage that it could go to; add one to "try" or remove it';
  return [{ path: [...path, 'trickle'], message }];
}

function checkOrder(name: string, { rules }: PolicyConfiguration): ReferenceMistake[] {
  const path = ['policies', name, 'rules'];
  const catchAll = rules.findIndex(
    ({ when }) => when === undefined || Object.values(when).every((list) => list === undefined),
  );
  if (catchAll < 0) {
    const message = 'the last rule must match everybody; add one without "when" behind it';
    return [{ path: [...path, rules.length - 1, 'when'], message, atKey: true }];
  }
  return rules.slice(catchAll + 1).map((_, index) => ({
    path: [...path, catchAll + 1 + index],
    message: `never reached, since rules[${catchAll}] matches everybody; put it before that rule or remove it`,
  }));
}

/** RFC 2181 section 10.1: one CNAME record at a name. Beside pools of addresses, of which so many are given, it is one all the same. */
function checkSelect(name: string, policy: PolicyConfiguration, parts: ReadableParts): ReferenceMistake[] {
  if (policy.within.select === 1) return [];
  const { pools, policies } = parts.nouns;
  const used = poolsOf(policy, policies);
  const isOfHosts = (pool: string) => Object.hasOwn(pools, pool) && hasHostNames(pools[pool], parts);
  if (used.length === 0 || !used.every(isOfHosts)) return [];
  const message = `pool "${used[0]}" answers with host names, of which a name can have only one; write select: 1`;
  return [{ path: ['policies', name, 'within', 'select'], message }];
}

function checkOptions(name: string, policy: PolicyConfiguration, parts: ReadableParts): ReferenceMistake[] {
  const path: Path = ['policies', name];
  const { within, fallback } = policy;
  const mistakes: ReferenceMistake[] = [];
  if (within.affinity !== undefined && within.pick !== 'weighted') {
    const message = `affinity chooses by weight and client, not ${within.pick}; remove one of the two`;
    mistakes.push({ path: [...path, 'within', 'affinity'], message, atKey: true });
  }
  if (within.weigh === 'clients' && within.pick !== 'weighted') {
    const message = `only weights can be corrected, and ${within.pick} has none; remove one of the two`;
    mistakes.push({ path: [...path, 'within', 'weigh'], message });
  }
  if (fallback !== undefined) mistakes.push(...missingNoun(parts, 'pools', fallback, [...path, 'fallback']));
  const wanted: Path[] = [
    ...(policy.all_down === 'fallback' ? [[...path, 'all_down']] : []),
    ...policy.rules.flatMap((rule, index): Path[] =>
      rule.all_down === 'fallback' ? [[...path, 'rules', index, 'all_down']] : [],
    ),
  ];
  if (fallback !== undefined) return mistakes;
  const message = 'the policy names no fallback; add "fallback" with a pool to it';
  return [...mistakes, ...wanted.map((at) => ({ path: at, message }))];
}
