/**
 * Everything of a policy that health, load and time decide, before it is written down per type: what each rule ends
 * in, and which pools stand behind it. `compilePolicy` and `explainPolicy` both read it.
 * Pure. Knows no type and no client, so the plan of A is the plan of AAAA.
 */
import type { PolicyConfiguration, PolicyRule } from '@signpost/contracts/policy-configuration';
import type { Branch, SteeringCondition } from '@signpost/contracts/record-set';

import { compileWhen } from './compile-condition.ts';
import { BranchTable, type PlannedGroup } from './plan-branches.ts';
import { type Outcome, planRule, poolsOfRule } from './plan-rule.ts';
import type { PolicyInput } from './policy-input.ts';
import { poolStanding, type PoolStanding, requireNoun } from './pool-standing.ts';
import { type Ramp, rampOf } from './ramp-up.ts';

export type { PlannedGroup };

/** One way in which a rule ends. */
export interface PlannedOutcome extends Outcome {
  /** Of the rule and of nested policies; empty: everybody. */
  readonly when: readonly SteeringCondition[];
  /** Index into `branches`. */
  readonly branch: number;
  /** False: it ends in the branch of the catch-all, and so do all after it; asking the client changes nothing. */
  readonly published: boolean;
}

export interface PlannedRule {
  /** Position in the configuration. */
  readonly index: number;
  readonly rule: PolicyRule;
  /** Its own conditions; undefined: its time windows are closed. */
  readonly conditions: readonly SteeringCondition[] | undefined;
  /** What it was decided by, by pool. */
  readonly standings: ReadonlyMap<string, PoolStanding>;
  /** In order; the last for everybody whom the rule matches. Empty while its time windows are closed. */
  readonly outcomes: readonly PlannedOutcome[];
}

export interface PolicyPlan {
  /** In the order of the configuration; the last matches everybody. */
  readonly rules: readonly PlannedRule[];
  readonly branches: readonly Branch[];
  readonly groups: readonly PlannedGroup[];
  readonly standings: ReadonlyMap<string, PoolStanding>;
  /** By pool: members that serve with a part of their weight. */
  readonly ramps: ReadonlyMap<string, Ramp>;
}

/**
 * @param everybody for the plan of a single vantage: where it sees every pool of a rule down, the rule is that of
 *   everybody. Such a vantage is likelier cut off itself than all of them are, and must not empty an answer.
 */
export function planPolicy(input: PolicyInput, everybody?: PolicyPlan): PolicyPlan {
  const rules = reachableRules(input.policyName, input.policy);
  const standings = standingsOf(rules, input);
  const table = new BranchTable();
  const planned = rules.map((rule, index) => {
    const conditions = compileWhen(rule.when, input);
    const own = conditions === undefined ? [] : planRule(rule, input, standings);
    const isBlind = everybody !== undefined && !own.every(serves);
    const { outcomes, standings: by } = isBlind ? everybody.rules[index]! : { outcomes: own, standings };
    return {
      index,
      rule,
      conditions,
      standings: by,
      outcomes: outcomes.map((outcome) => ({
        ...outcome,
        when: [...(conditions ?? []), ...outcome.conditions],
        branch: table.indexOf(outcome.choice),
      })),
    };
  });
  const { branches, groups } = table;
  return { rules: markPublished(planned), branches, groups, standings, ramps: rampsOf(standings, input) };
}

export function matchesEverybody({ when }: PolicyRule): boolean {
  return when === undefined || Object.values(when).every((list) => list === undefined);
}

function serves({ standing }: Outcome): boolean {
  return standing === 'healthy' || standing === 'last_resort';
}

type Unmarked = Omit<PlannedRule, 'outcomes'> & {
  readonly outcomes: readonly Omit<PlannedOutcome, 'published'>[];
};

function markPublished(rules: readonly Unmarked[]): readonly PlannedRule[] {
  const all = rules.flatMap(({ outcomes }) => outcomes);
  const catchAll = all.at(-1)!;
  const lastOther = all.findLastIndex(({ branch }) => branch !== catchAll.branch);
  let position = 0;
  return rules.map((rule) => ({
    ...rule,
    outcomes: rule.outcomes.map((outcome) => ({
      ...outcome,
      published: position++ <= lastOther || outcome === catchAll,
    })),
  }));
}

function reachableRules(policyName: string, policy: PolicyConfiguration): readonly PolicyRule[] {
  const catchAll = policy.rules.findIndex(matchesEverybody);
  if (catchAll < 0)
    throw new TypeError(`unchecked configuration: policy ${policyName} has no catch-all rule`);
  return policy.rules.slice(0, catchAll + 1);
}

function standingsOf(rules: readonly PolicyRule[], input: PolicyInput): ReadonlyMap<string, PoolStanding> {
  const { fallback } = input.policy;
  const names = rules.flatMap((rule) => poolsOfRule(rule, input.policies));
  if (fallback !== undefined) names.push(fallback);
  return new Map(
    [...new Set(names)].map((name) => {
      const pool = requireNoun(input.pools, 'pool', name);
      return [name, poolStanding(name, pool, input.targets, input.health, input.overrides)];
    }),
  );
}

function rampsOf(
  standings: ReadonlyMap<string, PoolStanding>,
  { pools, nowMs }: PolicyInput,
): ReadonlyMap<string, Ramp> {
  return new Map(
    [...standings].map(([name, { serving }]) => [name, rampOf(serving, pools[name]?.ramp_up, nowMs)]),
  );
}
