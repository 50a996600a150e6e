/**
 * Keeps what goes wrong over and over from flooding a log: an outage of an hour is tried thousands of times. Metrics
 * count each; this only says which are worth a line.
 */

/** Different reasons in one period; what comes beyond is a flood too. */
const MOST_REASONS = 50;
const PERIOD_MS = 60_000;

/** Whether to tell this reason: it was not told within the last minute. `monotonicMs`: milliseconds that only grow. */
export function seldom(monotonicMs: () => number): (reason: string) => boolean {
  const toldAtMs = new Map<string, number>();
  return (reason) => {
    const nowMs = monotonicMs();
    // In the order of telling, so the first are the oldest.
    for (const [told, atMs] of toldAtMs) {
      if (nowMs - atMs < PERIOD_MS) break;
      toldAtMs.delete(told);
    }
    if (toldAtMs.has(reason) || toldAtMs.size >= MOST_REASONS) return false;
    toldAtMs.set(reason, nowMs);
    return true;
  };
}
