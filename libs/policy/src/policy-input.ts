/** What compiling, planning and explaining a policy all start from. */
import type { VantageConfiguration } from '@signpost/contracts/configuration';
import type {
  AllDown,
  PolicyConfiguration,
  PoolConfiguration,
} from '@signpost/contracts/policy-configuration';
import type { TargetConfiguration } from '@signpost/contracts/configuration';
import type { ServiceBinding } from '@signpost/contracts/record-configuration';
import type { TtlPlan } from '@signpost/contracts/ttl-plan';

import type { HealthView } from './health-view.ts';
import type { LoadView } from './load-view.ts';
import type { OverrideView } from './override-view.ts';
import type { ResolvedNames } from './resolved-names.ts';
import type { ShareView } from './share-view.ts';

/** Settings of MX, SRV, HTTPS and SVCB records. */
export interface ServicePlan {
  /** Canonical text; the name of a pool is `<pool>.<owner>`. */
  readonly owner: string;
  readonly binding: ServiceBinding;
  readonly preference: number;
  /** Absent: no SRV records. */
  readonly srv?: { readonly priority: number; readonly port: number };
}

/** A checked policy and what it refers to. */
export interface PolicyInput {
  readonly policyName: string;
  readonly policy: PolicyConfiguration;
  /** `defaults.all_down`, for a policy that names none. */
  readonly defaultAllDown: AllDown;
  readonly ttl: TtlPlan;
  readonly pools: Readonly<Record<string, PoolConfiguration>>;
  readonly targets: Readonly<Record<string, TargetConfiguration>>;
  /** Those that stages may name. Absent: none does. */
  readonly policies?: Readonly<Record<string, PolicyConfiguration>>;
  /** Those that conditions may name. Absent: none does. */
  readonly vantages?: Readonly<Record<string, VantageConfiguration>>;
  readonly health: HealthView;
  /** Absent: none. */
  readonly overrides?: OverrideView;
  /** Absent: nothing is known of load. */
  readonly load?: LoadView;
  /** Absent: weights are as configured. */
  readonly shares?: ShareView;
  /** Absent: no host name was resolved. */
  readonly resolved?: ResolvedNames;
  /** How other types than addresses are answered. Absent: A, AAAA and CNAME alone are. */
  readonly services?: ServicePlan;
  /** Addresses of host names are answered, since a CNAME cannot stand at the name. */
  readonly flatten?: boolean;
  /** This target alone, as long as it serves; else as the policy says. */
  readonly pin?: string;
  /** Owner name whose draws are shared, see the record set. */
  readonly seed?: string;
  /** Wall clock. Absent: time plays no part, everything has settled, and no time window is open. */
  readonly nowMs?: number;
  /** Time windows are taken for open to some and closed to others, so that nothing is left out. Absent: `nowMs` decides. */
  readonly anyTime?: boolean;
}
