/**
 * H2: when a check is due. Pure arithmetic on milliseconds of the wall clock; the loop that waits is run-schedule.ts.
 *
 * All probers of the world share the wall clock, so `now mod interval = phase * interval` staggers the vantages of
 * one pair without a word between them. Each prober adds a small shift of its own, so that two in one vantage part.
 */

/** The shift of a prober is at most this part of the interval. */
export const PROBER_SHIFT = 0.05;

/** New checks are probed at once, but many of them spread over this long, and very many at this rate. */
const FIRST_PROBES_SPREAD_MS = 1_000;
const FIRST_PROBES_PER_MS = 1;

export interface Timing {
  readonly intervalMs: number;
  /** 0 <= phase < 1. */
  readonly phase: number;
  /** 0 <= shift < PROBER_SHIFT, from `proberShift`. */
  readonly shift: number;
}

/**
 * When to probe next, having just probed (or skipped) at `nowMs`: the due time nearest to one interval from now.
 * So it lies more than half and at most one and a half intervals ahead: a wake-up that came a little early is not
 * repeated, and after a pause or a jump of the clock nothing is made up for.
 */
export function nextDueMs(nowMs: number, { intervalMs, phase, shift }: Timing): number {
  const offsetMs = ((phase + shift) % 1) * intervalMs;
  const notBeforeMs = nowMs + intervalMs / 2;
  return (Math.floor((notBeforeMs - offsetMs) / intervalMs) + 1) * intervalMs + offsetMs;
}

/**
 * How long the first probe of the `index`-th of `count` new checks waits: a lone one does not, and none longer than
 * its interval, which is the rate it will have anyway.
 */
export function firstDelayMs(index: number, count: number, intervalMs: number): number {
  const spreadMs = Math.max(FIRST_PROBES_SPREAD_MS, count / FIRST_PROBES_PER_MS);
  return (index / count) * Math.min(intervalMs, spreadMs);
}

/** The prober's own shift as a part of the interval: always the same for one id. */
export function proberShift(prober: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < prober.length; i += 1) hash = Math.imul(hash ^ prober.charCodeAt(i), 0x01000193);
  // FNV's last octets hardly reach the high bits, and "prober-1" and "prober-2" must part: mix once more.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash ^= hash >>> 13;
  return ((hash >>> 0) / 2 ** 32) * PROBER_SHIFT;
}
