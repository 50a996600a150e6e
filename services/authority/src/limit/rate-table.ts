/**
 * How much of its allowance each key has used, in memory of fixed size that all workers of a process share: a flood's
 * source ports are spread over the workers, so none of them sees all of it.
 *
 *   set     [slot][slot]...[slot]      eight, found by the low half of the key's hash; one cache line
 *   slot    [tag][due]                 the high half of the hash, and when the key's allowance is whole again
 *
 * One number says it all (the virtual scheduling of GCRA): each response moves `due` on by the time it costs, and one
 * is allowed while `due` is no more than the burst ahead of now. What is refused counts too, up to the window, so a
 * flood that goes on gets nothing more, as in BIND.
 *
 * A key without a slot takes the one in its set that is due first. Is that not due yet, then the key inherits what was
 * used, though never more than the whole burst: so nobody gains by being put out, and whoever comes to a crowded set
 * waits for one response's cost at most.
 *
 * Pure: memory, hash and time are arguments. Workers race without locks; what one of them loses is one response.
 */

/** Times are counted in this; 32 bits of it are half a day, and comparing is by serial numbers (RFC 1982). */
const UNITS_PER_MS = 100;
/** Of the clock between two looks at it. */
const SKEW = 1_000 * UNITS_PER_MS;
const WORDS_PER_SLOT = 2;
const WORDS_PER_SET = 8 * WORDS_PER_SLOT;
const ATTEMPTS = 8;

export const MOST_PER_SECOND = 1_000 * UNITS_PER_MS;

/** @param slots a power of two, at least 8 */
export function rateTableMemory(slots: number): SharedArrayBuffer {
  return new SharedArrayBuffer(slots * WORDS_PER_SLOT * Int32Array.BYTES_PER_ELEMENT);
}

export class RateTable {
  readonly #words: Int32Array;
  readonly #setMask: number;
  readonly #cost: number;
  readonly #burst: number;
  readonly #most: number;

  /**
   * @param perSecond 1 to `MOST_PER_SECOND`; a burst is as many, that is what a second allows
   * @param windowMs what a flood has used beyond the burst is remembered for so long
   */
  constructor(memory: SharedArrayBuffer, perSecond: number, windowMs: number) {
    this.#words = new Int32Array(memory);
    this.#setMask = this.#words.length / WORDS_PER_SET - 1;
    this.#cost = Math.ceil((1_000 * UNITS_PER_MS) / perSecond);
    this.#burst = 1_000 * UNITS_PER_MS;
    this.#most = this.#burst + windowMs * UNITS_PER_MS;
  }

  /** Counts one response of the key with this hash; false: the key has had its share. */
  take(hashLow: number, hashHigh: number, nowMs: number): boolean {
    const now = (nowMs * UNITS_PER_MS) | 0;
    const tag = hashHigh | 1; // 0 is an empty slot
    const slot = this.#find((hashLow & this.#setMask) * WORDS_PER_SET, tag, now);
    for (let attempt = 1; ; attempt += 1) {
      const due = Atomics.load(this.#words, slot + 1);
      const used = this.#used(due, now);
      const next = (now + Math.min(used + this.#cost, this.#most)) | 0;
      const isWritten = Atomics.compareExchange(this.#words, slot + 1, due, next) === due;
      if (isWritten || attempt === ATTEMPTS) return used + this.#cost <= this.#burst;
    }
  }

  /** Where the key's slot stands, which now is the key's own. */
  #find(set: number, tag: number, now: number): number {
    const words = this.#words;
    let first = set;
    let least = this.#most + 1;
    let due = 0;
    for (let slot = set; slot < set + WORDS_PER_SET; slot += WORDS_PER_SLOT) {
      if (words[slot] === tag) return slot;
      const slotDue = words[slot + 1]!;
      const used = words[slot] === 0 ? 0 : this.#used(slotDue, now);
      if (used >= least) continue;
      first = slot;
      least = used;
      due = slotDue;
    }
    // Where another worker was faster, what it wrote stands: it may have counted for the same key.
    Atomics.compareExchange(words, first + 1, due, (now + Math.min(least, this.#burst)) | 0);
    Atomics.store(words, first, tag);
    return first;
  }

  /**
   * Units of time until the allowance is whole; a time that cannot be is one from long ago, or of another clock. Another
   * worker may have read the clock a moment later than this one, so what is used up whole may seem more than that.
   */
  #used(due: number, now: number): number {
    const ahead = (due - now) | 0;
    return ahead < 0 || ahead > this.#most + SKEW ? 0 : Math.min(ahead, this.#most);
  }
}
