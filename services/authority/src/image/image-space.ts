/**
 * The writer's side of an image's memory: words given out one behind the other, and slot tables over them. It must not
 * know what entries mean. Why readers need no lock stands in `layout.ts`.
 */
import { EMPTY_SLOT, GONE_SLOT, Header, type ImageMemory } from './layout.ts';

/** No room: whoever writes makes a larger image, or one without what is gone, and goes on there. */
export class ImageFullError extends Error {
  override readonly name = 'ImageFullError';
}

/** Word indexes times four are octet indexes, which V8 shall keep as small integers. */
export const MOST_IMAGE_OCTETS = 2 ** 31 - 8;
const FIRST_SLOTS = 64;

export class ImageSpace {
  #memory: ImageMemory;
  #words: Int32Array;
  #octets: Uint8Array;
  #end: number = Header.words;

  /** The system gives memory when it is written to, so room costs nothing. */
  constructor(octets: number) {
    this.#memory = new SharedArrayBuffer(octets);
    this.#words = new Int32Array(this.#memory);
    this.#octets = new Uint8Array(this.#memory);
  }

  get memory(): ImageMemory {
    return this.#memory;
  }

  get words(): Int32Array {
    return this.#words;
  }

  get octets(): Uint8Array {
    return this.#octets;
  }

  /** Moves all of it, as it is, to larger memory; whoever reads the old one is not told. */
  enlarge(octets: number): void {
    const written = this.#words.subarray(0, this.#end);
    this.#memory = new SharedArrayBuffer(octets);
    this.#words = new Int32Array(this.#memory);
    this.#octets = new Uint8Array(this.#memory);
    this.#words.set(written);
  }

  /** Words given out so far. */
  get used(): number {
    return this.#end;
  }

  get free(): number {
    return this.words.length - this.#end;
  }

  /** Throws ImageFullError if so many words cannot be given out. */
  reserve(words: number): void {
    if (words > this.free) throw new ImageFullError(`${words} words, and ${this.free} are free`);
  }

  /** What was given out is written: it may be shown from now on. */
  publish(): void {
    Atomics.store(this.words, Header.end, this.#end);
  }

  /** Index of the first of so many words, all of them 0. */
  take(words: number): number {
    this.reserve(words);
    const at = this.#end;
    this.#end += words;
    return at;
  }
}

/** Hashes to entries, by linear probing; as large as twice what it holds at least. */
export class SlotTable {
  readonly #space: ImageSpace;
  readonly #header: number;
  readonly #hashOf: (entry: number) => number;
  /** Slots that are not empty: entries, and what is gone. */
  #filled = 0;
  #entries = 0;
  #first: number;
  #mask: number;

  /** @param header where the image's header points to this table */
  constructor(space: ImageSpace, header: number, hashOf: (entry: number) => number, slots = FIRST_SLOTS) {
    this.#space = space;
    this.#header = header;
    this.#hashOf = hashOf;
    this.#mask = slots - 1;
    this.#first = this.#begin(slots);
  }

  get entries(): number {
    return this.#entries;
  }

  /** The slot of the entry that `isIt` accepts, or -1. */
  find(hash: number, isIt: (entry: number) => boolean): number {
    const { words } = this.#space;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = words[this.#first + slot]!;
      if (entry === EMPTY_SLOT) return -1;
      if (entry !== GONE_SLOT && isIt(entry)) return slot;
    }
  }

  entryAt(slot: number): number {
    return this.#space.words[this.#first + slot]!;
  }

  /** Room for so many entries more, so that `insert` does not fail. Throws ImageFullError. */
  prepare(more: number): void {
    const slots = this.#mask + 1;
    if ((this.#filled + more) * 2 <= slots) return;
    let wider = slots;
    while ((this.#entries + more) * 3 > wider) wider *= 2;
    this.#rewrite(wider);
  }

  /** For an entry that is not there yet. From now on it is found. */
  insert(entry: number): void {
    const { words } = this.#space;
    let slot = this.#hashOf(entry) & this.#mask;
    while (words[this.#first + slot]! > GONE_SLOT) slot = (slot + 1) & this.#mask;
    if (words[this.#first + slot] === EMPTY_SLOT) this.#filled += 1;
    this.#entries += 1;
    this.#space.publish();
    Atomics.store(words, this.#first + slot, entry);
  }

  /** By an entry of the same hash. */
  replace(slot: number, entry: number): void {
    this.#space.publish();
    Atomics.store(this.#space.words, this.#first + slot, entry);
  }

  remove(slot: number): void {
    this.#entries -= 1;
    Atomics.store(this.#space.words, this.#first + slot, GONE_SLOT);
  }

  /** What is put in meanwhile may come or not. */
  *[Symbol.iterator](): IterableIterator<number> {
    const { words } = this.#space;
    const [first, end] = [this.#first, this.#first + this.#mask + 1];
    for (let slot = first; slot < end; slot += 1) {
      const entry = words[slot]!;
      if (entry > GONE_SLOT) yield entry;
    }
  }

  /** Index of the first slot; the word before it says how many there are. */
  #begin(slots: number): number {
    const at = this.#space.take(slots + 1);
    this.#space.words[at] = slots - 1;
    this.#space.publish();
    Atomics.store(this.#space.words, this.#header, at);
    return at + 1;
  }

  #rewrite(slots: number): void {
    const { words } = this.#space;
    const at = this.#space.take(slots + 1);
    words[at] = slots - 1;
    for (const entry of this) {
      let slot = this.#hashOf(entry) & (slots - 1);
      while (words[at + 1 + slot] !== EMPTY_SLOT) slot = (slot + 1) & (slots - 1);
      words[at + 1 + slot] = entry;
    }
    this.#first = at + 1;
    this.#mask = slots - 1;
    this.#filled = this.#entries;
    this.#space.publish();
    Atomics.store(words, this.#header, at);
  }
}
