/**
 * What a configuration says of load, worked out once when it is taken: per pool its limits, the pools that could
 * take its clients, and how long caches hold answers with it. Pure; must not look at loads or health.
 */
import { poolsBeside } from '@signpost/config/check-load';
import { poolsOf } from '@signpost/config/check-policies';
import type { Configuration } from '@signpost/contracts/configuration';
import type { LoadLimits, PoolConfiguration } from '@signpost/contracts/policy-configuration';
import type { TtlPlan } from '@signpost/contracts/ttl-plan';

import { SHORTEST_TTL_MS } from './load-settings.ts';

export interface LoadPool {
  readonly name: string;
  readonly pool: PoolConfiguration;
  /** Undefined: it is not shed, nor is its room known; it is here since others may take its clients. */
  readonly limits: LoadLimits | undefined;
  /** Other pools with limits that stand in a rule with it, in order of their names. */
  readonly beside: readonly string[];
  /** The longest stable TTL of records that may answer with it. */
  readonly ttlMs: number;
}

/** By name of the pool: those that steering by load can concern. Empty when no pool has `load`. */
export type LoadPools = ReadonlyMap<string, LoadPool>;

export interface SteeredUse {
  readonly policy: string;
  readonly ttl: TtlPlan;
}

export function loadPoolsOf(
  { pools, policies }: Pick<Configuration, 'pools' | 'policies'>,
  records: readonly SteeredUse[],
): LoadPools {
  const beside = poolsBeside({ pools, policies });
  const ttls = new Map<string, number>();
  for (const [name, policy] of Object.entries(policies)) {
    const ttlMs = longestTtlMs(records.filter((record) => record.policy === name));
    for (const pool of poolsOf(policy, policies)) ttls.set(pool, Math.max(ttls.get(pool) ?? 0, ttlMs));
  }
  return new Map(
    [...beside].map(([name, others]) => [
      name,
      {
        name,
        pool: pools[name]!,
        limits: pools[name]!.load,
        beside: others,
        ttlMs: Math.max(SHORTEST_TTL_MS, ttls.get(name) ?? 0),
      },
    ]),
  );
}

/** Targets whose load is listened to. */
export function loadTargetsOf(loadPools: LoadPools): ReadonlySet<string> {
  const targets = new Set<string>();
  for (const { limits, pool } of loadPools.values()) {
    if (limits !== undefined) for (const { target } of pool.members) targets.add(target);
  }
  return targets;
}

function longestTtlMs(records: readonly SteeredUse[]): number {
  return 1_000 * Math.max(0, ...records.map(({ ttl }) => Math.max(ttl.stable, ttl.floor)));
}
