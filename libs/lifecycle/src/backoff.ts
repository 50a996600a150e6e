/** How long to wait before the next attempt: doubling, bounded, with jitter, so that many do not come at once. Pure. */
export interface BackoffBounds {
  readonly firstMs: number;
  readonly mostMs: number;
  /** The share of the wait that is no chance; a tenth by default, so that it is never a busy loop. */
  readonly certain?: number;
}

/** `attempt` from 0; `draw` uniform in [0, 1). */
export function backoffMs(attempt: number, draw: number, bounds: BackoffBounds): number {
  const { firstMs, mostMs, certain = 0.1 } = bounds;
  const bound = Math.min(mostMs, firstMs * 2 ** Math.min(attempt, 30));
  return bound * (certain + (1 - certain) * draw);
}
