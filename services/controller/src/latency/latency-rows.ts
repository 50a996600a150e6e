/**
 * Rows of one kind (prefixes of a family, systems, countries), at most so many: those used last stay. A row begins as a
 * candidate and takes a place among the others once one of its estimates is proven, so that strangers who are measured
 * once, or say so, push out candidates alone. It must not estimate.
 */
import { FORGET_AFTER_MS, newEstimate, type Estimate } from './estimate-round-trip.ts';

export interface LatencyRow {
  /** By target. */
  readonly estimates: Map<string, Estimate>;
}

export class LatencyRows {
  /** Pushed out by others, candidates not counted. */
  dropped = 0;
  readonly #limit: number;
  /** By key; in each, the one used last is the last. */
  readonly #rows = new Map<number, LatencyRow>();
  readonly #candidates = new Map<number, LatencyRow>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#rows.size;
  }

  get candidates(): number {
    return this.#candidates.size;
  }

  /** Proven rows, the one used last is the last. */
  entries(): IterableIterator<[number, LatencyRow]> {
    return this.#rows.entries();
  }

  /** Uses the row; makes it a candidate when it is new. */
  estimateOf(key: number, target: string, nowMs: number): Estimate {
    const group = this.#rows.has(key) ? this.#rows : this.#candidates;
    const row = group.get(key) ?? { estimates: new Map<string, Estimate>() };
    putLast(group, key, row);
    if (group.size > this.#limit) this.#dropOldest(group);
    let estimate = row.estimates.get(target);
    if (estimate === undefined) row.estimates.set(target, (estimate = newEstimate(nowMs)));
    return estimate;
  }

  /** For a row with an estimate that is proven. */
  promote(key: number): void {
    const row = this.#candidates.get(key);
    if (row === undefined) return;
    this.#candidates.delete(key);
    putLast(this.#rows, key, row);
    if (this.#rows.size > this.#limit) this.#dropOldest(this.#rows);
  }

  /** What was silent too long, and targets that are no more. Returns whether something that was shown is gone. */
  forget(nowMs: number, isKnown: (target: string) => boolean): boolean {
    let shown = false;
    for (const group of [this.#rows, this.#candidates]) {
      for (const [key, { estimates }] of group) {
        for (const [target, { atMs, shownMs }] of estimates) {
          if (nowMs - atMs <= FORGET_AFTER_MS && isKnown(target)) continue;
          estimates.delete(target);
          shown ||= shownMs !== undefined;
        }
        if (estimates.size === 0) group.delete(key);
      }
    }
    return shown;
  }

  #dropOldest(group: Map<number, LatencyRow>): void {
    const [oldest] = group.keys();
    group.delete(oldest!);
    if (group === this.#rows) this.dropped += 1;
  }
}

function putLast(group: Map<number, LatencyRow>, key: number, row: LatencyRow): void {
  group.delete(key);
  group.set(key, row);
}
