/**
 * (what is known of a pool, what its targets pushed, how it stands, clock) -> what is known of it now. Pure; measures
 * and changes nothing about who is kept.
 *
 * A load counts for the demand, and for the room that others see, only while the pool is up and has been for a TTL:
 * what a pool carries that lost its clients, or just got them back, says nothing of what it will carry.
 */
import { formatDuration } from '@signpost/contracts/duration';
import type { PoolStanding } from '@signpost/policy/pool-standing';

import type { LoadPool } from './load-pools.ts';
import { approach, cachedMs, FALL_BACK_AFTER_MS, FRESH_FOR_MS, smoothingMs } from './load-settings.ts';
import type { HeardLoad, LoadFeed, PoolLoad } from './pool-load.ts';
import { sumLoad } from './sum-load.ts';

export interface Measuring {
  readonly heard: ReadonlyMap<string, HeardLoad>;
  /** Silence means something from then on; undefined: NATS is not reached. */
  readonly hearingSinceMs: number | undefined;
  readonly nowMs: number;
  /** Since the last look. */
  readonly passedMs: number;
}

/** Of a pool that is seen for the first time; a change of `keep` must wait until there is something to judge by. */
export function unknownPool({ ttlMs }: LoadPool, nowMs: number): PoolLoad {
  return {
    feed: 'frozen',
    reason: 'no load was pushed yet',
    freshAtMs: nowMs,
    measured: undefined,
    load: undefined,
    demand: undefined,
    up: 1,
    upSinceMs: Number.NEGATIVE_INFINITY,
    keep: 1,
    effective: 1,
    keptUntilMs: nowMs + ttlMs,
    moved: 0,
    turns: 0,
    turnedAtMs: Number.NEGATIVE_INFINITY,
    room: undefined,
    spill: undefined,
    spread: undefined,
    plannedUntilMs: nowMs,
  };
}

export function measurePool(
  before: PoolLoad,
  of: LoadPool,
  standing: PoolStanding,
  measuring: Measuring,
): PoolLoad {
  const { nowMs, passedMs } = measuring;
  const upSinceMs = standing.healthyEnough ? (before.upSinceMs ?? nowMs) : undefined;
  const up = standing.healthyEnough ? standing.up : before.up;
  const follow = approach(passedMs, cachedMs(of.ttlMs));
  const effective = before.effective + follow * (before.keep - before.effective);
  const spread = spreadOf(before, follow);
  const seen = { ...before, ...feedOf(before, of, standing, measuring), up, upSinceMs, effective, spread };
  if (seen.feed !== 'fresh' || seen.measured === undefined) return seen;
  const settled = upSinceMs !== undefined && nowMs - upSinceMs >= of.ttlMs;
  if (before.load === undefined || before.demand === undefined) {
    return upSinceMs === undefined
      ? seen
      : { ...seen, load: seen.measured, demand: seen.measured / effective };
  }
  if (!settled) return seen;
  const towards = approach(passedMs, smoothingMs(of.ttlMs));
  const load = before.load + towards * (seen.measured - before.load);
  const demand = before.demand + towards * (seen.measured / effective - before.demand);
  return { ...seen, load, demand };
}

function spreadOf({ spread, room }: PoolLoad, follow: number): PoolLoad['spread'] {
  if (spread === undefined || room === undefined) return room;
  const share = (pool: string) => spread.get(pool) ?? 0;
  return new Map([...room].map(([pool, now]) => [pool, share(pool) + follow * (now - share(pool))]));
}

type Feed = Pick<PoolLoad, 'feed' | 'reason' | 'freshAtMs' | 'measured'>;

function feedOf(
  before: PoolLoad,
  { limits }: LoadPool,
  { members }: PoolStanding,
  { heard, hearingSinceMs, nowMs }: Measuring,
): Feed {
  const { measured } = before;
  if (limits === undefined) {
    return {
      feed: 'unlimited',
      reason: 'the pool has no load limits',
      freshAtMs: nowMs,
      measured: undefined,
    };
  }
  const sum = sumLoad(members, heard, nowMs);
  if (sum.known) return { feed: 'fresh', reason: '', freshAtMs: nowMs, measured: sum.sum };
  const freshAtMs = hearingSinceMs === undefined ? nowMs : Math.max(before.freshAtMs, hearingSinceMs);
  const feed: LoadFeed = nowMs - freshAtMs > FALL_BACK_AFTER_MS ? 'released' : 'frozen';
  return { feed, reason: silence(feed, sum.silent, heard), freshAtMs, measured };
}

function silence(feed: LoadFeed, silent: readonly string[], heard: Measuring['heard']): string {
  const named = silent.slice(0, 3).map((target) => (heard.has(target) ? target : `${target} (never heard)`));
  const more = silent.length > named.length ? ` and ${silent.length - named.length} more` : '';
  const bound = formatDuration(feed === 'released' ? FALL_BACK_AFTER_MS : FRESH_FOR_MS);
  const then = feed === 'released' ? 'weights go back to what is configured' : 'all stays as it is';
  return `no load of ${named.join(', ')}${more} for more than ${bound}: ${then}`;
}
