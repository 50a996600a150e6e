/**
 * The estimate of one round trip: a mean of logarithms that forgets with a half-life, so that a value ten times too
 * high weighs as much as one ten times too low. Once enough is known, a measurement further off than a factor counts
 * as if it were only that far: one that is absurd moves the estimate little, a path that has changed moves it all the
 * same. The clock is an argument (monotonic). It must not know whose round trip it is.
 */

export const HALF_LIFE_MS = 600_000;
/** Silent for so long, an estimate says nothing any more: six half-lives. */
export const FORGET_AFTER_MS = 3_600_000;
/** How many measurements one message may stand for. */
const MOST_SAMPLES = 100;
const OUTLIER = Math.log(3);
/** What is shown stays until the estimate has left it by more than both. */
const STAY_WITHIN_MS = 2;
const STAY_WITHIN_SHARE = 0.1;

export interface Estimate {
  /** Natural logarithm of milliseconds. */
  logMs: number;
  /** Measurements, each faded by its age. */
  weight: number;
  /** When the last one came. */
  atMs: number;
  /** Enough was measured once; holds until it is forgotten. */
  proven: boolean;
  /** What readers are told; undefined: nothing yet. */
  shownMs: number | undefined;
  /** When it last had a say in the rows of its system and its country. */
  toldAtMs: number;
}

export function newEstimate(nowMs: number): Estimate {
  return {
    logMs: 0,
    weight: 0,
    atMs: nowMs,
    proven: false,
    shownMs: undefined,
    toldAtMs: Number.NEGATIVE_INFINITY,
  };
}

/** `enough`: the weight from which on it is shown. Returns whether what is shown moved. */
export function noteRoundTrip(
  estimate: Estimate,
  { ms, samples }: { readonly ms: number; readonly samples: number },
  nowMs: number,
  enough: number,
): boolean {
  const faded = estimate.weight * 2 ** ((estimate.atMs - nowMs) / HALF_LIFE_MS);
  const added = Math.min(samples, MOST_SAMPLES);
  let away = Math.log(ms) - estimate.logMs;
  if (estimate.proven) away = Math.max(-OUTLIER, Math.min(OUTLIER, away));
  estimate.weight = faded + added;
  estimate.logMs += (added / estimate.weight) * away;
  estimate.atMs = nowMs;
  estimate.proven ||= estimate.weight >= enough;
  return settle(estimate);
}

export function roundTripMs({ logMs }: Estimate): number {
  return Math.exp(logMs);
}

/** As another controller has shown it: stays as it is while our own estimate is near it. */
export function adoptShown(estimate: Estimate, shownMs: number, enough: number, atMs: number): void {
  if (!estimate.proven) {
    // The little that was measured here so far comes on top.
    const { logMs, weight, atMs: measuredMs } = estimate;
    estimate.logMs = (enough * Math.log(shownMs) + weight * logMs) / (enough + weight);
    estimate.weight = enough + weight;
    estimate.atMs = weight === 0 ? atMs : Math.max(atMs, measuredMs);
    estimate.proven = true;
  }
  estimate.shownMs = shownMs;
  settle(estimate);
}

function settle(estimate: Estimate): boolean {
  if (!estimate.proven) return false;
  const ms = roundTripMs(estimate);
  const { shownMs } = estimate;
  if (
    shownMs !== undefined &&
    Math.abs(ms - shownMs) <= Math.max(STAY_WITHIN_MS, STAY_WITHIN_SHARE * shownMs)
  )
    return false;
  estimate.shownMs = ms;
  return true;
}
