/** What planning a policy comes to. Types only. */
import type { PolicyRule } from '@signpost/contracts/policy-configuration';
import type { Branch, SteeringCondition } from '@signpost/contracts/record-set';

import type { PlannedGroup } from './plan-branches.ts';
import type { Outcome } from './plan-rule.ts';
import type { PoolStanding } from './pool-standing.ts';
import type { Ramp } from './ramp-up.ts';

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
  /** Set where the policy was not asked, since the target that the input is pinned to serves. */
  readonly pinned?: { readonly target: string; readonly pool: string };
}
