/**
 * When the probes of a burst begin. Pure.
 *
 * All of them fall within `BURST_WITHIN_MS` of its beginning and none waits for another to end, so that a refused
 * connection is confirmed within a second and a black hole within a second and one timeout, whatever the interval.
 */

export const BURST_WITHIN_MS = 900;

/** Who asks for more failures than this in a row wants patience: the rest is left to the probes that are due. */
export const MAX_BURST_PROBES = 10;

/** Milliseconds from the beginning of the burst, the first at once; `spacingMs` shrinks as far as it must. */
export function burstDelays(count: number, spacingMs: number): readonly number[] {
  const probes = Math.min(count, MAX_BURST_PROBES);
  const stepMs = Math.min(spacingMs, BURST_WITHIN_MS / Math.max(1, probes - 1));
  return Array.from({ length: Math.max(0, probes) }, (_, i) => i * stepMs);
}
