/**
 * Bounded affinity: the share of its clients that each target keeps, so that none has more than `bounded` times what
 * is wanted. The others go to each client's next. Clients are sent away soon and taken back late, and not for little:
 * a resolver that is large by itself would else be moved to and fro. Pure.
 */
import { BOUND_SLACK, GAIN, LEAST_KEEP, TAKE_BACK_GAIN } from './share-settings.ts';
import type { Spread } from './spread.ts';

/** By target, 0 to 1; absent: 1. */
export type Keeps = ReadonlyMap<string, number>;

/** In one TTL a share is at most multiplied or divided by so much before the gain is taken. */
const MOST_CHANGE = Math.log(3);

/** `ttls`: how much of a TTL has passed. */
export function boundAffinity(
  before: Keeps,
  wanted: Spread,
  seen: Spread,
  bounded: number,
  ttls: number,
): Keeps {
  return new Map(
    [...wanted].map(([target, share]) => {
      const room = Math.log((bounded * share) / Math.max(seen.get(target) ?? 0, share / 1_000));
      const step = ttls * paceOf(room) * Math.min(MOST_CHANGE, Math.max(-MOST_CHANGE, room));
      const keep = Math.exp(Math.log(before.get(target) ?? 1) + step);
      return [target, Math.min(1, Math.max(LEAST_KEEP, keep))];
    }),
  );
}

/** `room`: below 0 it has too many. */
function paceOf(room: number): number {
  if (room < -BOUND_SLACK) return GAIN;
  return room > BOUND_SLACK ? TAKE_BACK_GAIN : 0;
}
