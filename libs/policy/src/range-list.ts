/**
 * Collects the ranges of one family in the order of their addresses, merges neighbours that get the same, and lays them
 * out as `client-table.ts` reads them. Cold path.
 */
import { Ipv4Range, Ipv6Range, type RangeTable, UNDECIDED_BRANCH } from './client-table.ts';

/** Bits that the index goes by: as many as there are ranges for, within these bounds. */
const INDEX_BITS = { least: 4, most: 16 };
const FIRST_ROOM = 1_024;
const LOWEST = -0x8000_0000;

/** Branches of a set that a table can tell apart. */
export const MOST_BRANCHES = UNDECIDED_BRANCH;

export class RangeList {
  length = 0;
  #starts: Int32Array = new Int32Array(FIRST_ROOM);
  /** Empty for IPv4. */
  #nextStarts: Int32Array;
  #decisions: Int32Array = new Int32Array(FIRST_ROOM);
  /** What was added last. */
  #lastFirst = 0;
  #lastNext = 0;

  constructor(family: 4 | 6) {
    this.#nextStarts = new Int32Array(family === 6 ? FIRST_ROOM : 0);
  }

  /** Parts of this address were added, and clients in them get this and that: more of them change nothing. */
  isUndecidedAt(first: number, next: number): boolean {
    if (this.length === 0 || this.#lastFirst !== first || this.#lastNext !== next) return false;
    return (this.#decisions[this.length - 1]! & 0xffff) === UNDECIDED_BRANCH;
  }

  /**
   * From this address on; `first` and `next` are its 32 bits from 0 and 32 on, as signed numbers that count from the
   * lowest. Twice the same address: parts of it differ in later bits, and if they get different branches nothing is
   * decided here. Of merged ranges the most that any of them needs counts: more than needed costs a walk, no more.
   */
  add(first: number, next: number, branch: number, needed: number): void {
    const isPart = this.#lastFirst === first && this.#lastNext === next && this.length > 0;
    this.#lastFirst = first;
    this.#lastNext = next;
    const last = this.length - 1;
    if (last >= 0 && (this.#decisions[last]! & 0xffff) === branch) {
      if (needed > this.#decisions[last]! >>> 16) this.#decisions[last] = branch | (needed << 16);
      return;
    }
    if (isPart) this.#undecide(first, next);
    else this.#append(first, next, branch | (needed << 16));
  }

  /** What is merged with ranges before it is cut off from them again. */
  #undecide(first: number, next: number): void {
    const last = this.length - 1;
    const begins = this.#starts[last] === first && this.#nextStarts[last] === next;
    if (begins) this.#decisions[last] = UNDECIDED_BRANCH;
    else this.#append(first, next, UNDECIDED_BRANCH);
  }

  #append(first: number, next: number, decision: number): void {
    if (this.length === this.#starts.length) this.#grow();
    this.#starts[this.length] = first;
    this.#nextStarts[this.length] = next; // without effect for IPv4
    this.#decisions[this.length] = decision;
    this.length += 1;
  }

  finish(): RangeTable {
    const bits = Math.min(Math.max(32 - Math.clz32(this.length), INDEX_BITS.least), INDEX_BITS.most);
    return {
      ranges: shared(this.#ranges()),
      length: this.length,
      index: shared(this.#index(bits)),
      shift: 32 - bits,
    };
  }

  #grow(): void {
    const twice = (array: Int32Array): Int32Array => {
      const larger = new Int32Array(2 * array.length);
      larger.set(array);
      return larger;
    };
    this.#starts = twice(this.#starts);
    this.#nextStarts = twice(this.#nextStarts);
    this.#decisions = twice(this.#decisions);
  }

  #ranges(): Int32Array {
    const isLong = this.#nextStarts.length > 0;
    const { first, decision, words } = isLong ? Ipv6Range : Ipv4Range;
    const ranges = new Int32Array(this.length * words);
    for (let i = 0; i < this.length; i += 1) {
      ranges[i * words + first] = this.#starts[i]!;
      ranges[i * words + decision] = this.#decisions[i]!;
      if (isLong) ranges[i * words + Ipv6Range.next] = this.#nextStarts[i]!;
    }
    return ranges;
  }

  #index(bits: number): Int32Array {
    const index = new Int32Array(2 ** bits + 1);
    let range = 0;
    for (let slot = 0; slot < 2 ** bits; slot += 1) {
      const first = (slot << (32 - bits)) ^ LOWEST;
      while (range + 1 < this.length && this.#startsBy(range + 1, first)) range += 1;
      index[slot] = range;
    }
    index[2 ** bits] = this.length - 1;
    return index;
  }

  /** Whether a range has begun at the lowest address with these first 32 bits. */
  #startsBy(range: number, first: number): boolean {
    const start = this.#starts[range]!;
    return start < first || (start === first && (this.#nextStarts[range] ?? LOWEST) === LOWEST);
  }
}

/** In octets. */
export function tableSize({ ranges, index }: RangeTable): number {
  return ranges.byteLength + index.byteLength;
}

function shared(numbers: Int32Array): Int32Array {
  const copy = new Int32Array(new SharedArrayBuffer(numbers.byteLength));
  copy.set(numbers);
  return copy;
}
