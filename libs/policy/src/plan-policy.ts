/**
 * Everything of a policy that health decides, before it is written down per type: which branch each rule ends
 * in, and which pools stand behind it. `compilePolicy` and `explainPolicy` both read it.
 * Pure. Knows no type and no client, so the plan of A is the plan of AAAA.
 */
import type { PolicyConfiguration, PolicyRule } from '@signpost/contracts/policy-configuration';
import type { AnswerGroup, Branch } from '@signpost/contracts/record-set';

import { chooseStage, type StageChoice, stagePools } from './choose-stage.ts';
import type { PolicyInput } from './policy-input.ts';
import { type MemberStanding, poolStanding, type PoolStanding, requireNoun } from './pool-standing.ts';
import { type Ramp, rampOf } from './ramp-up.ts';

export interface PlannedRule {
  /** Position in the configuration. */
  readonly index: number;
  readonly rule: PolicyRule;
  readonly choice: StageChoice;
  /** What it was chosen by, by pool. */
  readonly standings: ReadonlyMap<string, PoolStanding>;
  /** Index into `branches`. */
  readonly branch: number;
  /** False: it ends in the branch of the catch-all, and so do all after it; asking the client changes nothing. */
  readonly published: boolean;
}

export interface PlannedGroup {
  readonly pool: PoolStanding;
  readonly standing: AnswerGroup['standing'];
  readonly serving: readonly MemberStanding[];
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
  const allDown = input.policy.all_down ?? input.defaultAllDown;
  const groups: PlannedGroup[] = [];
  const branches: Branch[] = [];
  const planned = rules.map((rule, index) => {
    const own = { choice: chooseStage(rule.try, standings, allDown), standings };
    const { choice, standings: by } =
      everybody === undefined || serves(own.choice) ? own : everybody.rules[index]!;
    const branch = shared(branches, branchOf(choice, groups, by), sameBranch);
    return { index, rule, choice, standings: by, branch };
  });
  const catchAll = planned.at(-1)!;
  const lastOther = planned.findLastIndex(({ branch }) => branch !== catchAll.branch);
  return {
    rules: planned.map((rule) => ({ ...rule, published: rule.index <= lastOther || rule === catchAll })),
    branches,
    groups,
    standings,
    ramps: rampsOf(standings, input),
  };
}

export function matchesEverybody({ when }: PolicyRule): boolean {
  return when?.subnets === undefined && when?.geos === undefined;
}

function serves({ standing }: StageChoice): boolean {
  return standing === 'healthy' || standing === 'last_resort';
}

function reachableRules(policyName: string, policy: PolicyConfiguration): readonly PolicyRule[] {
  const catchAll = policy.rules.findIndex(matchesEverybody);
  if (catchAll < 0)
    throw new TypeError(`unchecked configuration: policy ${policyName} has no catch-all rule`);
  return policy.rules.slice(0, catchAll + 1);
}

function standingsOf(rules: readonly PolicyRule[], input: PolicyInput): ReadonlyMap<string, PoolStanding> {
  const names = rules.flatMap((rule) =>
    rule.try.flatMap((stage) => stagePools(stage).map(({ pool }) => pool)),
  );
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

function branchOf(
  choice: StageChoice,
  groups: PlannedGroup[],
  standings: ReadonlyMap<string, PoolStanding>,
): Branch {
  return {
    groups: choice.pools.map(({ pool, weight }) => {
      const group = plannedGroup(standings.get(pool)!, choice.standing);
      return { group: shared(groups, group, sameGroup), weight };
    }),
  };
}

function plannedGroup(pool: PoolStanding, standing: AnswerGroup['standing']): PlannedGroup {
  switch (standing) {
    case 'healthy':
    case 'last_resort':
      return { pool, standing, serving: pool.serving };
    case 'fail_open':
      return { pool, standing, serving: pool.servingThoughDown };
    case 'nodata':
      return { pool, standing, serving: [] };
    default:
      throw new TypeError(`unhandled standing ${String(standing satisfies never)}`);
  }
}

/** The index of the entry that is the same, which is added if there is none. */
function shared<Entry>(entries: Entry[], entry: Entry, same: (a: Entry, b: Entry) => boolean): number {
  const found = entries.findIndex((other) => same(other, entry));
  return found >= 0 ? found : entries.push(entry) - 1;
}

function sameGroup(a: PlannedGroup, b: PlannedGroup): boolean {
  return a.pool === b.pool && a.standing === b.standing;
}

function sameBranch(a: Branch, b: Branch): boolean {
  return (
    a.groups.length === b.groups.length &&
    a.groups.every(({ group, weight }, index) => {
      const other = b.groups[index]!;
      return group === other.group && weight === other.weight;
    })
  );
}
