/** How long to wait before the next attempt: doubling, bounded, with full jitter, so that many do not come at once. Pure. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** `attempt` from 0; `draw` uniform in [0, 1). At least a tenth of the bound, so that it is never a busy loop. */
export function backoffMs(attempt: number, draw: number, { firstMs, mostMs }: BackoffBounds): number {
  const bound = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
  return bound * (0.1 + 0.9 * draw);
}
