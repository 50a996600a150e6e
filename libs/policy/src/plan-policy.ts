/**
 * Everything of a policy that health, load and time decide, before it is written down per type: what each rule ends
 * in, and which pools stand behind it. `compilePolicy` and `explainPolicy` both read it.
 * Pure. Knows no type and no client, so the plan of A is the plan of AAAA.
 */
import type { PolicyConfiguration, PolicyRule } from '@signpost/contracts/policy-configuration';

import { goesByHealth } from './choice.ts';
import { compileWhen } from './compile-condition.ts';
import { behind, NOBODY_IN_LINE } from './in-line.ts';
import { BranchTable, type PlannedGroup, type PlannedPool } from './plan-branches.ts';
import { planPin } from './plan-pin.ts';
import type { PlannedOutcome, PlannedRule, PolicyPlan } from './policy-plan.ts';
import { planRule, poolsOfRule } from './plan-rule.ts';
import type { PolicyInput } from './policy-input.ts';
import { poolStanding, type PoolStanding, requireNoun } from './pool-standing.ts';
import { type Ramp, rampOf } from './ramp-up.ts';

export type { PlannedGroup, PlannedOutcome, PlannedPool, PlannedRule, PolicyPlan };

export interface PlanOptions {
  /** Groups know who is next in line. Costs groups of their own for rules that differ in nothing else. */
  readonly inLine?: boolean;
}

/**
 * @param everybody for the plan of a single vantage: where it sees every pool of a rule down, the rule is that of
 *   everybody. Such a vantage is likelier cut off itself than all of them are, and must not empty an answer.
 */
export function planPolicy(
  input: PolicyInput,
  everybody?: PolicyPlan,
  { inLine = false }: PlanOptions = {},
): PolicyPlan {
  const rules = reachableRules(input.policyName, input.policy);
  const standings = standingsOf(rules, input);
  const pinned = planPin(input.pin, standings);
  if (pinned !== undefined) return pinned;
  const table = new BranchTable();
  const planned = rules.map((rule, index) => {
    const conditions = compileWhen(rule.when, input);
    const own = conditions === undefined ? [] : planRule(rule, input, standings);
    const isBlind = everybody !== undefined && !own.every(({ standing }) => goesByHealth(standing));
    const { outcomes, standings: by } = isBlind ? everybody.rules[index]! : { outcomes: own, standings };
    return {
      index,
      rule,
      conditions,
      standings: by,
      outcomes: outcomes.map((outcome) => ({
        ...outcome,
        when: [...(conditions ?? []), ...outcome.conditions],
        branch: table.indexOf(outcome.choice, inLine ? behind(outcome) : NOBODY_IN_LINE),
      })),
    };
  });
  const { branches, groups } = table;
  return { rules: markPublished(planned), branches, groups, standings, ramps: rampsOf(standings, input) };
}

export function matchesEverybody({ when }: PolicyRule): boolean {
  return when === undefined || Object.values(when).every((list) => list === undefined);
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
