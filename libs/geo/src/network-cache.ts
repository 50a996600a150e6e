/**
 * Remembers what each (record, prefix length) already decoded says, in bounded memory.
 *
 * Direct-mapped: a pair has one slot, and a newcomer takes it. A slot is used only if both numbers
 * are equal, so a hit is always what decoding would give. Numbers in typed arrays, so a hit
 * allocates nothing. Equal values are one frozen object, also when their records are not.
 */
import type { Found } from './record-kind.ts';

/** 2^14: a country database has some 250 records at some 25 depths. 2^18: cities and systems, of which few are busy. */
const SLOT_BITS = { least: 14, most: 18 };
/** Nodes of the tree that may share a slot: of a file that has so many, most networks are never asked for. */
const NODES_PER_SLOT = 16;
const MAX_INTERNED = 1 << 16;

export class NetworkCache<Value extends Found> {
  readonly #keyOf: (value: Value) => string;
  readonly #shift: number;
  readonly #records: Uint32Array; // 0 is never a record: those lie above nodeCount
  readonly #lengths: Uint8Array;
  readonly #values: (Value | undefined)[];
  readonly #interned = new Map<string, Value>();

  /** `keyOf`: equal for equal values alone. `nodeCount`: of the tree, from which the number of slots follows. */
  constructor(keyOf: (value: Value) => string, nodeCount: number) {
    const wanted = 32 - Math.clz32(Math.floor(nodeCount / NODES_PER_SLOT));
    const bits = Math.min(Math.max(wanted, SLOT_BITS.least), SLOT_BITS.most);
    this.#keyOf = keyOf;
    this.#shift = 32 - bits;
    this.#records = new Uint32Array(1 << bits);
    this.#lengths = new Uint8Array(1 << bits);
    this.#values = Array.from({ length: 1 << bits }, () => undefined);
  }

  get(record: number, prefixLength: number): Value | undefined {
    const slot = this.#slotOf(record, prefixLength);
    return this.#records[slot] === record && this.#lengths[slot] === prefixLength
      ? this.#values[slot]
      : undefined;
  }

  /** Keeps the value for a record, at the prefix length it carries, and returns the one object that equals it. */
  set(record: number, read: Value): Value {
    const value = this.#intern(read);
    const slot = this.#slotOf(record, value.prefixLength);
    this.#records[slot] = record;
    this.#lengths[slot] = value.prefixLength;
    this.#values[slot] = value;
    return value;
  }

  #intern(read: Value): Value {
    const key = this.#keyOf(read);
    const known = this.#interned.get(key);
    if (known !== undefined) return known;
    if (this.#interned.size >= MAX_INTERNED) this.#interned.clear();
    this.#interned.set(key, Object.freeze(read));
    return read;
  }

  /** Fibonacci hashing: neighbouring records and lengths land far apart. */
  #slotOf(record: number, prefixLength: number): number {
    return Math.imul(record ^ (prefixLength << 24), 0x9e3779b1) >>> this.#shift;
  }
}
