/**
 * Bounded affinity: the share of its clients that each target keeps, so that none has more than `bounded` times what
 * is wanted. The others go to each client's next. Changes by as much as it is off, in a TTL. Pure.
 */
import { GAIN, LEAST_KEEP } from './share-settings.ts';
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
      const has = seen.get(target) ?? 0;
      const off = has === 0 ? MOST_CHANGE : Math.log((bounded * share) / has);
      const step = GAIN * ttls * Math.min(MOST_CHANGE, Math.max(-MOST_CHANGE, off));
      const keep = Math.exp(Math.log(before.get(target) ?? 1) + step);
      return [target, Math.min(1, Math.max(LEAST_KEEP, keep))];
    }),
  );
}
