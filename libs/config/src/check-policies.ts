/**
 * Policies: pools that exist, conditions that can match, and rules that are reached, with a last one for everybody.
 */
import type { PolicyConfiguration, PolicyRule, Stage } from '@signpost/contracts/policy-configuration';
import { geoCodeProblem } from '@signpost/contracts/place';
import { parsePrefix } from '@signpost/dns/address';

import { hasHostNames } from './check-pools.ts';
import type { Path, ReadableParts } from './readable-parts.ts';
import { missingNoun, type ReferenceMistake } from './reference-mistake.ts';

export function checkPolicies(parts: ReadableParts): ReferenceMistake[] {
  return Object.entries(parts.nouns.policies).flatMap(([name, policy]) => [
    ...policy.rules.flatMap((rule, index) => checkRule(rule, ['policies', name, 'rules', index], parts)),
    ...checkOrder(name, policy),
    ...checkSelect(name, policy, parts),
  ]);
}

/** Names of all pools that a policy may choose. */
export function poolsOf(policy: PolicyConfiguration): string[] {
  return policy.rules.flatMap((rule) => rule.try.flatMap(poolsOfStage));
}

function poolsOfStage(stage: Stage): string[] {
  return typeof stage === 'string' ? [stage] : Object.keys(stage.weighted);
}

function checkRule(rule: PolicyRule, path: Path, parts: ReadableParts): ReferenceMistake[] {
  const geos = (rule.when?.geos ?? []).flatMap((code, index) => {
    const problem = geoCodeProblem(code);
    return problem === undefined ? [] : [{ path: [...path, 'when', 'geos', index], message: problem }];
  });
  const subnets = (rule.when?.subnets ?? []).flatMap((text, index) => {
    const prefix = parsePrefix(text);
    if (prefix.kind === 'prefix') return [];
    const what = prefix.kind === 'malformed' ? 'is no subnet' : 'has bits set behind its length';
    return [{ path: [...path, 'when', 'subnets', index], message: `"${text}" ${what}; ${prefix.remedy}` }];
  });
  const pools = rule.try.flatMap((stage, index) => {
    const stagePath = [...path, 'try', index];
    if (typeof stage === 'string') return missingNoun(parts, 'pools', stage, stagePath);
    return poolsOfStage(stage).flatMap((pool) =>
      missingNoun(parts, 'pools', pool, [...stagePath, 'weighted', pool]).map((mistake) => ({
        ...mistake,
        atKey: true as const,
      })),
    );
  });
  return [...subnets, ...geos, ...pools];
}

function checkOrder(name: string, { rules }: PolicyConfiguration): ReferenceMistake[] {
  const path = ['policies', name, 'rules'];
  const catchAll = rules.findIndex(({ when }) => when?.subnets === undefined && when?.geos === undefined);
  if (catchAll < 0) {
    const message = 'the last rule must match everybody; add one without "when" behind it';
    return [{ path: [...path, rules.length - 1, 'when'], message, atKey: true }];
  }
  return rules.slice(catchAll + 1).map((_, index) => ({
    path: [...path, catchAll + 1 + index],
    message: `never reached, since rules[${catchAll}] matches everybody; put it before that rule or remove it`,
  }));
}

/** RFC 2181 section 10.1: one CNAME record at a name. */
function checkSelect(name: string, policy: PolicyConfiguration, parts: ReadableParts): ReferenceMistake[] {
  if (policy.within.select === 1) return [];
  const { pools } = parts.nouns;
  const host = poolsOf(policy).find((pool) => Object.hasOwn(pools, pool) && hasHostNames(pools[pool], parts));
  if (host === undefined) return [];
  const message = `pool "${host}" answers with host names, of which a name can have only one; write select: 1`;
  return [{ path: ['policies', name, 'within', 'select'], message }];
}
