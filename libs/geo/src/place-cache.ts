/**
 * Remembers the place of each (record, prefix length) already decoded, in bounded memory.
 *
 * Direct-mapped: a pair has one slot, and a newcomer takes it. A slot is used only if both numbers
 * are equal, so a hit is always what decoding would give. Numbers in typed arrays, so a hit
 * allocates nothing. Equal places are one object, also when their records are not.
 */
import type { Place } from '@signpost/contracts/place';

import type { PlaceFacts } from './read-record.ts';

const SLOTS = 1 << 14; // a country database has some 250 records at some 25 depths; 14 bits hold it well
const MAX_INTERNED = 1 << 16;

export class PlaceCache {
  readonly #records = new Uint32Array(SLOTS); // 0 is never a record: those lie above nodeCount
  readonly #lengths = new Uint8Array(SLOTS);
  readonly #places: (Place | undefined)[] = Array.from({ length: SLOTS }, () => undefined);
  readonly #interned = new Map<string, Place>();

  get(record: number, prefixLength: number): Place | undefined {
    const slot = slotOf(record, prefixLength);
    return this.#records[slot] === record && this.#lengths[slot] === prefixLength
      ? this.#places[slot]
      : undefined;
  }

  /** Keeps and returns the one place with these facts. */
  set(record: number, prefixLength: number, facts: PlaceFacts): Place {
    const place = this.#intern(facts, prefixLength);
    const slot = slotOf(record, prefixLength);
    this.#records[slot] = record;
    this.#lengths[slot] = prefixLength;
    this.#places[slot] = place;
    return place;
  }

  #intern(facts: PlaceFacts, prefixLength: number): Place {
    const { continent, country, subdivision, location } = facts;
    const key = [
      continent,
      country,
      subdivision,
      prefixLength,
      location?.latitude,
      location?.longitude,
    ].join();
    const known = this.#interned.get(key);
    if (known !== undefined) return known;
    if (this.#interned.size >= MAX_INTERNED) this.#interned.clear();
    const place = Object.freeze({ ...facts, prefixLength });
    this.#interned.set(key, place);
    return place;
  }
}

/** Fibonacci hashing: neighbouring records and lengths land far apart. */
function slotOf(record: number, prefixLength: number): number {
  return Math.imul(record ^ (prefixLength << 24), 0x9e3779b1) >>> 18;
}
