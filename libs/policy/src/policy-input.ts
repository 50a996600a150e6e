/** What compiling, planning and explaining a policy all start from. */
import type {
  PolicyConfiguration,
  PoolConfiguration,
  TargetConfiguration,
  TtlPlan,
} from '@signpost/contracts/configuration';

import type { HealthView } from './health-view.ts';
import type { OverrideView } from './override-view.ts';

export type AllDown = 'fail_open' | 'nodata';

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
  /** Absent: none. */
  readonly overrides?: OverrideView;
  /** Wall clock. Absent: time plays no part, everything has settled. */
  readonly nowMs?: number;
}
