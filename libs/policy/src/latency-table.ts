/**
 * Round trips measured between clients and targets, as selection asks for them. Filled by the authority from what the
 * controller publishes; hot path, so implementations allocate nothing and never throw.
 * Must not know how they were measured.
 */
import type { ClientView } from './match-client.ts';

export interface LatencyTable {
  /**
   * The row of the client: by its prefix, else its autonomous system, else its country; -1 when nothing was measured
   * for it. Sets `bits`.
   */
  find(client: ClientView): number;
  /** Leading bits of the client's address that the last `find` took, also when it found nothing. */
  readonly bits: number;
  /** Milliseconds; NaN when not measured. `slot` is the number of the target, as `prepareSteering` was given it. */
  at(row: number, slot: number): number;
}

/** Nothing was measured. */
export const NO_LATENCIES: LatencyTable = { find: () => -1, bits: 0, at: () => Number.NaN };
