/** A pool that answers, as all types of answers see it: its members that serve, and what each counts for. Pure. */
import type { AnswerGroup } from '@signpost/contracts/record-set';

import { goesByHealth } from './choice.ts';
import type { PlannedPool } from './plan-branches.ts';
import type { PolicyInput } from './policy-input.ts';
import type { MemberStanding, PoolStanding } from './pool-standing.ts';
import { type Ramp, rampedWeight } from './ramp-up.ts';

export type SteeredType = AnswerGroup['type'];
/** Types whose records name pools and hosts, not addresses. */
export type ServiceType = 'MX' | 'SRV' | 'HTTPS' | 'SVCB';
export type AddressType = Exclude<SteeredType, ServiceType>;

/** What answers depend on besides their group. */
export interface AnswerInput extends Pick<PolicyInput, 'services' | 'flatten' | 'resolved'> {
  readonly ramps: ReadonlyMap<string, Ramp>;
}

/** A member that serves, and what it counts for. */
export interface WeightedMember {
  readonly member: MemberStanding;
  readonly weight: number;
  /** Families that are down are answered as well. */
  readonly ignoreHealth: boolean;
}

export interface WeighedPool {
  readonly pool: PoolStanding;
  readonly members: readonly WeightedMember[];
}

export function isService(type: SteeredType): type is ServiceType {
  return type === 'MX' || type === 'SRV' || type === 'HTTPS' || type === 'SVCB';
}

export function weighed({ pool, standing, serving }: PlannedPool, { ramps }: AnswerInput): WeighedPool {
  // A fallback is as any other pool, as long as somebody serves in it.
  const ignoreHealth = !goesByHealth(standing) && !(standing === 'fallback' && pool.serving.length > 0);
  const ramp = ramps.get(pool.pool);
  const members = serving.map((member) => {
    const whole = ramp === undefined || ignoreHealth;
    return {
      member,
      weight: whole ? member.weight : rampedWeight(member.target, member.weight, ramp),
      ignoreHealth,
    };
  });
  return { pool, members };
}
