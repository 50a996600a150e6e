/**
 * What a policy knows of load: two look-ups, filled by the controller from what targets push.
 * Must not know signals, clocks or damping.
 */

export interface LoadView {
  /** The share of its clients that a pool keeps, 0 to 1; 1 for one that has room or of which nothing is known. */
  keepOf(pool: string): number;
  /**
   * By pool: weights (at least 0) of the room beside this pool, for the clients it does not keep
   * and, with `spill: headroom`, for all of them when it is down. Undefined: nothing is known, the next stage takes them.
   */
  roomBeside(pool: string): ReadonlyMap<string, number> | undefined;
}

export const NO_LOAD: LoadView = { keepOf: () => 1, roomBeside: () => undefined };
