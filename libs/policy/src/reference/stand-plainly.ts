/**
 * How pools and targets stand, said plainly for `steer-plainly.ts`: who is down, who would serve, what is answered.
 * Shares nothing with `pool-standing.ts` and `compile-policy.ts`. For tests alone.
 */
import type { HealthState } from '@signpost/contracts/health';
import type { Within } from '@signpost/contracts/policy-configuration';
import type { AnswerGroup } from '@signpost/contracts/record-set';

import type { AddressType } from '../weighed-pool.ts';
import type { PolicyInput } from '../policy-input.ts';

export interface Member {
  readonly target: string;
  readonly weight: number;
  readonly state: HealthState;
  readonly ipv4: HealthState;
  readonly ipv6: HealthState;
  /** Taken out by hand: never answered. */
  readonly withdrawn: boolean;
  /** By hand as well, but whole. */
  readonly onlyDrained: boolean;
  /** When it was seen to fail; undefined: it was not. */
  readonly lostMs: number | undefined;
}

export interface Standing {
  readonly members: readonly Member[];
  readonly isHealthy: boolean;
  readonly serving: readonly Member[];
  readonly thoughDown: readonly Member[];
  readonly thoughDrained: readonly Member[];
}

export function stand(input: PolicyInput, poolName: string): Standing {
  const pool = input.pools[poolName]!;
  const members = pool.members.map(({ target, weight }): Member => {
    const { status } = input.targets[target]!;
    const override = input.overrides?.inForce(target)?.set;
    const forced = override ?? (status === 'obey' ? undefined : status);
    const seen = pool.monitor === undefined ? undefined : input.health(pool.monitor, target);
    const said: HealthState | undefined = forced === undefined ? undefined : forced === 'up' ? 'up' : 'down';
    return {
      target,
      weight,
      state: said ?? seen?.state ?? 'up',
      ipv4: said ?? seen?.ipv4 ?? 'up',
      ipv6: said ?? seen?.ipv6 ?? 'up',
      withdrawn: forced === 'down',
      onlyDrained: override === 'drain' && status !== 'down' && (status === 'up' || seen?.state !== 'down'),
      lostMs: said === undefined && seen?.state === 'down' ? seen.changedMs : undefined,
    };
  });
  const counting = countingOf(members, isUp);
  const weightOf = (some: readonly Member[]) => some.reduce((sum, { weight }) => sum + (weight || 1), 0);
  const up = counting.filter(isUp);
  const sure = up.filter(({ state }) => state !== 'unknown');
  return {
    members,
    isHealthy: up.length > 0 && weightOf(up) >= (pool.min_up ?? 0) * weightOf(counting) - 1e-6,
    serving: sure.length > 0 ? sure : up,
    thoughDown: countingOf(members, (member) => !member.withdrawn).filter(({ withdrawn }) => !withdrawn),
    thoughDrained: countingOf(members, ({ onlyDrained }) => onlyDrained).filter(
      ({ onlyDrained }) => onlyDrained,
    ),
  };
}

/** Weight 0 counts only when nobody of positive weight passes the test. */
function countingOf(members: readonly Member[], test: (member: Member) => boolean): readonly Member[] {
  const weighted = members.filter(({ weight }) => weight > 0);
  const standby = members.filter(({ weight }) => weight === 0);
  if (weighted.some(test)) return weighted;
  return standby.some(test) || weighted.length === 0 ? standby : weighted;
}

function isUp({ state }: Member): boolean {
  return state !== 'down';
}

export interface PlainAnswer {
  readonly rdata: string;
  /** Of the weight of all answers, 0 to 1. */
  readonly share: number;
  readonly keep: number;
}

/** Of members that serve, in their order; without those that have no address of the type, or a family that is down. */
export function answersPlainly(
  members: readonly Member[],
  { input, pool, within, standing, type }: AnsweredBy,
): readonly PlainAnswer[] {
  const isHost = input.pools[pool]!.members.some(({ target }) => input.targets[target]!.cname !== undefined);
  const answered = isHost ? 'CNAME' : type;
  const isSeen =
    standing === 'healthy' ||
    standing === 'last_resort' ||
    (standing === 'fallback' && stand(input, pool).serving.length > 0);
  const able = members.flatMap(({ target, weight, ipv4, ipv6 }) => {
    const { a, aaaa, cname } = input.targets[target]!;
    const rdata = { A: a, AAAA: aaaa, CNAME: cname }[answered];
    const family = { A: ipv4, AAAA: ipv6, CNAME: 'up' as const }[answered];
    if (rdata === undefined || (isSeen && family === 'down')) return [];
    const factor =
      within.weigh === 'clients' ? (input.shares?.factorOf(input.policyName, pool, target) ?? 1) : 1;
    const bounded = within.affinity?.bounded !== undefined;
    const keep = bounded ? (input.shares?.keepOf(input.policyName, pool, target) ?? 1) : 1;
    return [{ rdata, weight: weight * factor, keep }];
  });
  const total = able.reduce((sum, { weight }) => sum + weight, 0);
  return able.map(({ rdata, weight, keep }) => ({
    rdata,
    share: total === 0 ? 1 / able.length : weight / total,
    keep,
  }));
}

export interface AnsweredBy {
  readonly input: PolicyInput;
  readonly pool: string;
  readonly within: Within;
  readonly standing: AnswerGroup['standing'];
  readonly type: AddressType;
}
