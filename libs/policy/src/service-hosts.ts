/**
 * Under which host names the targets of a pool are reached, for records that name hosts: their own names, or for
 * targets with addresses one name for the pool, `<pool>.<owner>`, at which the controller publishes them. Pure.
 */
import type { WeighedPool } from './weighed-pool.ts';

export interface ServiceHost {
  /** With the final dot. */
  readonly host: string;
  /** Of several, the heaviest. */
  readonly target: string;
  readonly weight: number;
}

/** Heaviest first; equal ones in the order of the pool. */
export function serviceHosts({ pool, members }: WeighedPool, owner: string): readonly ServiceHost[] {
  const sorted = members.toSorted((a, b) => b.weight - a.weight);
  const hosts = new Map<string, ServiceHost>();
  for (const { member, weight } of sorted) {
    const host = member.configuration.cname ?? `${poolOwner(pool.pool, owner)}.`;
    const before = hosts.get(host.toLowerCase());
    hosts.set(
      host.toLowerCase(),
      before === undefined
        ? { host, target: member.target, weight }
        : { ...before, weight: before.weight + weight },
    );
  }
  return [...hosts.values()];
}

/** Where the addresses of a pool are published; `owner` in canonical text, and so is the result. */
export function poolOwner(pool: string, owner: string): string {
  return owner === '.' ? pool : `${pool}.${owner}`;
}
