/**
 * Finds entries of an image by name, in place: every path reads through here. Allocates nothing, never throws, and sees
 * what was put in before or after a change, whole; why stands in `layout.ts`.
 */
import type { HashedName } from '@signpost/dns/hashed-name';

import {
  EMPTY_SLOT,
  GONE_SLOT,
  Header,
  type ImageMemory,
  NameEntry,
  nameSlotHash,
  wordsFor,
  ZoneEntry,
} from './layout.ts';

export class ImageIndex {
  readonly words: Int32Array;
  readonly octets: Uint8Array;
  /** How far the words are known to be written. */
  #known = 0;
  /** Where the last name was found. */
  #slot = 0;

  constructor(memory: ImageMemory) {
    this.words = new Int32Array(memory);
    this.octets = new Uint8Array(memory);
  }

  /** How often names came or went; odd: they do. */
  get moves(): number {
    return Atomics.load(this.words, Header.moves);
  }

  /** Entry of the served zone whose apex is the canonical octets `start`..`end`, or 0. `hash`: their `suffixHash`. */
  findZone(octets: Uint8Array, start: number, end: number, hash: number): number {
    const { words } = this;
    const table = this.#follow(Header.zones);
    const mask = words[table]!;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#follow(table + 1 + slot);
      if (entry === EMPTY_SLOT) return 0;
      if (entry === GONE_SLOT || words[entry + ZoneEntry.hash] !== hash) continue;
      const length = words[entry + ZoneEntry.lengths]! & 0xffff;
      if (length !== end - start || !this.#holds(entry + ZoneEntry.name, octets, start, length)) continue;
      return words[entry + ZoneEntry.soa] === 0 ? 0 : entry;
    }
  }

  /**
   * As `findZone`, but by the hash and the count of labels alone: what looks like the zone of a name is it if the name is
   * found in it, and else `isApex` says so.
   */
  guessZone(hash: number, labelCount: number): number {
    const { words } = this;
    const table = this.#follow(Header.zones);
    const mask = words[table]!;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#follow(table + 1 + slot);
      if (entry === EMPTY_SLOT) return 0;
      if (entry === GONE_SLOT || words[entry + ZoneEntry.hash] !== hash) continue;
      if (words[entry + ZoneEntry.lengths]! >>> 16 === labelCount && words[entry + ZoneEntry.soa] !== 0)
        return entry;
    }
  }

  /** Whether the apex of the zone is the canonical octets from `start` up to `end`. */
  isApex(zone: number, octets: Uint8Array, start: number, end: number): boolean {
    const length = this.words[zone + ZoneEntry.lengths]! & 0xffff;
    return length === end - start && this.#holds(zone + ZoneEntry.name, octets, start, length);
  }

  /** As `findName`, of a whole name: by words, so faster. */
  findWholeName(zone: number, { words: name, length, hashes }: HashedName): number {
    const { words } = this;
    const hash = hashes[0]!;
    const table = this.#follow(Header.names);
    const number = words[zone + ZoneEntry.number]!;
    const wanted = wordsFor(length);
    for (let slot = nameSlotHash(hash, number); ; slot = this.#slot + 1) {
      const entry = this.#nextName(table, slot, hash, number, length);
      if (entry === 0) return 0;
      const at = ownerOf(words, entry);
      let i = 0;
      while (i < wanted && words[at + i] === name[i]) i += 1;
      if (i === wanted) return entry;
    }
  }

  /** Entry of a name in the zone at entry `zone`, or 0. */
  findName(zone: number, octets: Uint8Array, start: number, end: number, hash: number): number {
    const table = this.#follow(Header.names);
    const number = this.words[zone + ZoneEntry.number]!;
    for (let slot = nameSlotHash(hash, number); ; slot = this.#slot + 1) {
      const entry = this.#nextName(table, slot, hash, number, end - start);
      if (entry === 0 || this.#holds(ownerOf(this.words, entry), octets, start, end - start)) return entry;
    }
  }

  /** The first name that may be it from this slot of the table on, or 0. */
  #nextName(table: number, from: number, hash: number, zoneNumber: number, length: number): number {
    const { words } = this;
    const mask = words[table]!;
    for (let slot = from & mask; ; slot = (slot + 1) & mask) {
      const entry = this.#follow(table + 1 + slot);
      if (entry === EMPTY_SLOT) return 0;
      if (entry === GONE_SLOT || words[entry + NameEntry.hash] !== hash) continue;
      if (words[entry + NameEntry.zone] !== zoneNumber) continue;
      if ((words[entry + NameEntry.lengths]! & 0xffff) !== length) continue;
      this.#slot = slot;
      return entry;
    }
  }

  /** Entry of the `*` below the name at entry `name`, or 0. */
  findWildcard(name: number): number {
    return this.#follow(name + NameEntry.wildcard);
  }

  /** The index that stands at a word, whose entry can be read: see `layout.ts`. */
  #follow(at: number): number {
    const entry = this.words[at]!;
    return entry < this.#known ? entry : this.#synchronize(at);
  }

  #synchronize(at: number): number {
    const entry = Atomics.load(this.words, at);
    this.#known = Atomics.load(this.words, Header.end);
    return entry;
  }

  #holds(at: number, octets: Uint8Array, start: number, length: number): boolean {
    const own = this.octets;
    const from = at * 4;
    for (let i = 0; i < length; i += 1) if (own[from + i] !== octets[start + i]) return false;
    return true;
  }
}

/** Index of a name's octets. */
function ownerOf(words: Int32Array, name: number): number {
  return name + NameEntry.sets + 2 * (words[name + NameEntry.lengths]! >>> 16);
}
