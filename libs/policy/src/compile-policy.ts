/**
 * Compiles a policy and the present health into what is published for one owner name and type.
 * Everything that health decides is decided here; what depends on the client stays in the rules of the set.
 * Pure; equal input gives an equal set, so that a comparison finds what changed.
 */
import type {
  PolicyConfiguration,
  PoolConfiguration,
  TargetConfiguration,
  TtlPlan,
} from '@signpost/contracts/configuration';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';

import type { HealthView } from './health-view.ts';

export type AllDown = 'fail_open' | 'nodata';
export type SteeredType = 'A' | 'AAAA' | 'CNAME';

/** A checked policy and what it refers to. */
export interface PolicyInput {
  readonly policyName: string;
  readonly policy: PolicyConfiguration;
  /** `defaults.all_down`, for a policy that names none. */
  readonly defaultAllDown: AllDown;
  readonly ttl: TtlPlan;
  readonly pools: Readonly<Record<string, PoolConfiguration>>;
  readonly targets: Readonly<Record<string, TargetConfiguration>>;
  readonly health: HealthView;
}

/**
 * The set to publish. Rules, branches and the order of groups are the same for every type of one input, so
 * all types choose the same pool. For `CNAME`: undefined unless some pool of host names is reachable.
 */
export function compilePolicy(_input: PolicyInput, _type: SteeredType): SteeredRecordSet | undefined {
  throw new Error('not written yet');
}
