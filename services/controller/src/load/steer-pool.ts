/**
 * (what is known of all pools, clock) -> the share of its clients that each keeps, and where the others go. Pure.
 * Moves little by little: one change per TTL, at most a step, none within the dead band.
 */
import { aimKeep, type Capacity } from './aim-keep.ts';
import type { LoadPool } from './load-pools.ts';
import { CALM_AFTER_TTLS, DEAD_BAND, holdMs, LARGEST_STEP, MOST_DOUBLINGS } from './load-settings.ts';
import { followRoom, shareRoom, withoutUnknown, type Neighbour } from './plan-room.ts';
import type { PoolLoad } from './pool-load.ts';

type Pools = ReadonlyMap<string, PoolLoad>;
type Limited = (name: string) => LoadPool | undefined;

export function steerPool(of: LoadPool, pools: Pools, poolOf: Limited, nowMs: number): PoolLoad {
  const known = pools.get(of.name)!;
  const neighbours = of.beside.flatMap((name) => neighbourOf(name, pools, poolOf));
  return planRoom(stepKeep(known, of, neighbours, nowMs), of, neighbours, nowMs);
}

/** None of a pool of which nothing is known, or no longer. */
function neighbourOf(name: string, pools: Pools, poolOf: Limited): Neighbour[] {
  const known = pools.get(name);
  const limits = poolOf(name)?.limits;
  if (known?.load === undefined || known.feed === 'released' || limits === undefined) return [];
  const { load, up, upSinceMs } = known;
  return [{ pool: name, load, soft: limits.soft * up, hard: limits.hard * up, up: upSinceMs !== undefined }];
}

function stepKeep(
  known: PoolLoad,
  { limits, ttlMs }: LoadPool,
  neighbours: readonly Neighbour[],
  nowMs: number,
): PoolLoad {
  if (nowMs < known.keptUntilMs) return known;
  const aim = aimOf(known, limits, neighbours, nowMs - ttlMs);
  if (aim === undefined) return known;
  const off = whole(aim) - known.keep;
  const back = Math.sign(off) === -known.moved;
  const turns = nowMs - known.turnedAtMs < CALM_AFTER_TTLS * ttlMs ? known.turns : 0;
  const band = back && !hasRoom(known, limits) ? wideBand(turns) : DEAD_BAND;
  if (Math.abs(off) < band - ROUNDING) return known;
  const stepped = whole(known.keep + Math.max(-LARGEST_STEP, Math.min(LARGEST_STEP, off)));
  return {
    ...known,
    // Nearer to all than the dead band it could not be told from all, and would stay there.
    keep: stepped > 1 - DEAD_BAND + ROUNDING ? 1 : stepped,
    moved: off > 0 ? 1 : -1,
    turns: back ? turns + 1 : turns,
    turnedAtMs: back ? nowMs : known.turnedAtMs,
    keptUntilMs: nowMs + holdMs(ttlMs),
  };
}

function wideBand(turns: number): number {
  return DEAD_BAND * 2 ** Math.min(turns + 1, MOST_DOUBLINGS);
}

/** For all of its clients: then nothing keeps them away. */
function hasRoom({ feed, demand, up }: PoolLoad, limits: LoadPool['limits']): boolean {
  return limits === undefined || feed === 'released' || (demand !== undefined && demand <= limits.soft * up);
}

/** Undefined: it stays as it is. */
function aimOf(
  { feed, demand, effective, up, upSinceMs }: PoolLoad,
  limits: LoadPool['limits'],
  neighbours: readonly Neighbour[],
  settledBeforeMs: number,
): number | undefined {
  if (limits === undefined || feed === 'released') return 1;
  if (feed !== 'fresh' || demand === undefined) return undefined;
  if (upSinceMs === undefined || upSinceMs > settledBeforeMs) return undefined;
  const takers = neighbours.filter((neighbour) => neighbour.up);
  const elsewhere = takers.length === 0 ? undefined : sumOf(takers);
  return aimKeep({ demand, effective, soft: limits.soft * up, hard: limits.hard * up, elsewhere });
}

function sumOf(capacities: readonly Capacity[]): Capacity {
  const sum = { load: 0, soft: 0, hard: 0 };
  for (const { load, soft, hard } of capacities) {
    sum.load += load;
    sum.soft += soft;
    sum.hard += hard;
  }
  return sum;
}

/**
 * As if the others carried nothing of this pool: what it sends them must not look like load that drives it away.
 * Frozen while it is down, and for a TTL after, since then they carry all of it.
 */
function planRoom(
  known: PoolLoad,
  { ttlMs }: LoadPool,
  neighbours: readonly Neighbour[],
  nowMs: number,
): PoolLoad {
  const { demand = 0, keep, effective, upSinceMs, plannedUntilMs } = known;
  const isKnown = (pool: string) => neighbours.some((neighbour) => neighbour.pool === pool);
  const room = withoutUnknown(known.room, isKnown);
  const spill = withoutUnknown(known.spill, isKnown);
  const settled = upSinceMs !== undefined && nowMs - upSinceMs >= ttlMs;
  if (room !== undefined && (!settled || nowMs < plannedUntilMs)) return { ...known, room, spill };
  const sent = (pool: string) => (demand * (1 - effective) * (known.spread?.get(pool) ?? 0)) / 1_000;
  const others = neighbours.map((other) => ({ ...other, load: Math.max(0, other.load - sent(other.pool)) }));
  return {
    ...known,
    room: followRoom(room, shareRoom(others, demand * (1 - keep))),
    spill: followRoom(spill, shareRoom(others, demand)),
    plannedUntilMs: nowMs + holdMs(ttlMs),
  };
}

const ROUNDING = 1e-9;

/** Whole percent: what people read, and few different record sets. */
function whole(share: number): number {
  return Math.round(share * 100) / 100;
}
