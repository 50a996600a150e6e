/**
 * Where clients of a pool go that it does not keep, and all of them when it is down: by the room that the other pools
 * have. Both are planned while the pool is up, so that the second stands ready when it is needed (gdnsd #126: a dead
 * site's load must not be dumped on its neighbour). Pure.
 */
import type { Capacity } from './aim-keep.ts';
import { PLAN_DEAD_BAND, PLAN_STEP } from './load-settings.ts';
import type { Room } from './pool-load.ts';

export interface Neighbour extends Capacity {
  readonly pool: string;
  /** Whether it could take anybody now. */
  readonly up: boolean;
}

const WHOLE = 1_000;
/** Nothing to pour yet: planned as for a few clients. */
const A_LITTLE = 1e-6;

/**
 * How to pour so much load over the others: in proportion to their room below soft as far as it lasts, what is left
 * in proportion to the room below hard, and beyond by size. Of a pool that is down it is as if it were up, since
 * whoever plans by it comes back to it with its own clients. Undefined: there is no pool whose room is known.
 */
export function shareRoom(neighbours: readonly Neighbour[], pouring: number): Room | undefined {
  if (neighbours.length === 0) return undefined;
  const shares = new Map(neighbours.map(({ pool }) => [pool, 0]));
  const total = neighbours.reduce((sum, { hard }) => sum + hard, 0);
  let left = Math.max(pouring, A_LITTLE * total);
  for (const room of ROOMS) {
    const takers = neighbours.some(({ up }) => up) ? neighbours.filter(({ up }) => up) : neighbours;
    const all = takers.reduce((sum, taker) => sum + room(taker), 0);
    if (all <= 0) continue;
    const filled = Math.min(1, left / all);
    for (const neighbour of neighbours) {
      shares.set(neighbour.pool, shares.get(neighbour.pool)! + filled * room(neighbour));
    }
    left -= all;
    if (left <= 0) break;
  }
  return wholeShares(shares);
}

/** In the order in which they are filled; the last one has no end. */
const ROOMS: readonly ((of: Capacity) => number)[] = [
  ({ load, soft }) => Math.max(0, soft - load),
  ({ load, soft, hard }) => Math.max(0, hard - Math.max(load, soft)),
  ({ hard }) => hard,
];

/** The plan that follows: the same while it is near enough, else part of the way to what it should be. */
export function followRoom(plan: Room | undefined, aim: Room | undefined): Room | undefined {
  if (plan === undefined || aim === undefined) return aim;
  const pools = new Set([...plan.keys(), ...aim.keys()]);
  const known = pools.size === plan.size && pools.size === aim.size;
  const off = [...pools].map((pool) => Math.abs((aim.get(pool) ?? 0) - (plan.get(pool) ?? 0)));
  if (known && Math.max(...off) < PLAN_DEAD_BAND) return plan;
  const next = new Map<string, number>();
  for (const [pool, share] of aim) {
    const before = plan.get(pool) ?? 0;
    next.set(pool, before + PLAN_STEP * (share - before));
  }
  return wholeShares(next);
}

/** The plan without pools of which nothing is known any more. */
export function withoutUnknown(plan: Room | undefined, isKnown: (pool: string) => boolean): Room | undefined {
  if (plan === undefined || [...plan.keys()].every(isKnown)) return plan;
  const left = [...plan].filter(([pool]) => isKnown(pool));
  return left.length === 0 ? undefined : wholeShares(new Map(left));
}

/** Parts of a thousand, in order of the names, whatever the unit of load is. */
function wholeShares(room: ReadonlyMap<string, number>): Room {
  let total = 0;
  for (const weight of room.values()) total += weight;
  const pools = [...room.keys()].toSorted();
  return new Map(
    pools.map((pool) => [
      pool,
      total > 0 ? Math.round((WHOLE * room.get(pool)!) / total) : Math.round(WHOLE / pools.length),
    ]),
  );
}
