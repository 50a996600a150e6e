/**
 * When a worker last gave an answer with each target: a slot of a typed array for each name, one store per record on
 * the query path. Slots are given out when record sets are built and kept for the life of the worker.
 */

/** Of a record that belongs to no target, or to one too many; its time is never asked for. */
export const NO_SLOT = 0;

/** More names than any configuration has; names that come and go must not fill the memory. */
const MOST_SLOTS = 2 ** 20;
const FIRST_SLOTS = 64;

export type SlotOf = (target: string) => number;

export class TargetTimes {
  readonly #slots = new Map<string, number>();
  /** By slot. */
  readonly #targets: (string | undefined)[] = [undefined];
  /** Milliseconds since 1970; 0: never. */
  #times = new Float64Array(FIRST_SLOTS);

  slotOf(target: string): number {
    const known = this.#slots.get(target);
    if (known !== undefined) return known;
    const slot = this.#slots.size + 1;
    if (slot >= MOST_SLOTS) return NO_SLOT;
    this.#slots.set(target, slot);
    this.#targets[slot] = target;
    if (slot >= this.#times.length) {
      const grown = new Float64Array(this.#times.length * 2);
      grown.set(this.#times);
      this.#times = grown;
    }
    return slot;
  }

  /** Undefined: of `NO_SLOT`. */
  targetOf(slot: number): string | undefined {
    return this.#targets[slot];
  }

  note(slot: number, nowMs: number): void {
    this.#times[slot] = nowMs;
  }

  /** 0: never answered by this worker. */
  timeOf(target: string): number {
    const slot = this.#slots.get(target);
    return slot === undefined ? 0 : this.#times[slot]!;
  }
}
