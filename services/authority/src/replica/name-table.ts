/**
 * Table from canonical wire names to entries: immutable, cheap to change a little.
 *
 *   directory  [page][page][page]...   indexed by the low bits of the name's hash
 *   page       [entry, entry]          all entries whose hash ends in those bits
 *
 * An edit copies the directory once and replaces each page it touches; all other pages are shared with the table
 * it came from, which stays as it was. Pages are never changed in place, so they hold no room to grow: with a million
 * names that counts. Looking up allocates nothing. It must not know what an entry means.
 */
import { hashName, type WireName } from '@signpost/dns/wire-name';

export interface Named {
  readonly name: WireName;
  /** `nameHash` of `name`. */
  readonly hash: number;
}

type Page<Entry> = readonly Entry[];

/** Entries per page that make the directory grow. */
const CROWDED = 4;

/** Signed, so that it stays a small integer in V8. */
export function nameHash(name: WireName): number {
  return hashName(name) | 0;
}

export class NameTable<Entry extends Named> {
  readonly size: number;
  readonly #pages: readonly Page<Entry>[];
  readonly #mask: number;

  /** `pages.length` is a power of two. Use `emptyTable` and `edit`. */
  constructor(pages: readonly Page<Entry>[], size: number) {
    this.#pages = pages;
    this.#mask = pages.length - 1;
    this.size = size;
  }

  /** The entry whose name is the canonical octets `start`..`end`. */
  find(octets: Uint8Array, start: number, end: number): Entry | undefined {
    const hash = hashName(octets, start, end) | 0;
    const page = this.#pages[hash & this.#mask]!;
    for (let i = 0; i < page.length; i += 1) {
      const entry = page[i]!;
      if (entry.hash === hash && holds(entry.name, octets, start, end)) return entry;
    }
    return undefined;
  }

  edit(): NameTableEditor<Entry> {
    return new NameTableEditor(this.#pages, this.size);
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    for (const page of this.#pages) yield* page;
  }
}

export function emptyTable<Entry extends Named>(): NameTable<Entry> {
  return new NameTable<Entry>([[]], 0);
}

/** Changes that become a new table with `finish`; must not be used after it. */
export class NameTableEditor<Entry extends Named> {
  #pages: Page<Entry>[];
  #size: number;

  constructor(pages: readonly Page<Entry>[], size: number) {
    this.#pages = pages.slice();
    this.#size = size;
  }

  get(name: WireName): Entry | undefined {
    const hash = nameHash(name);
    return this.#pages[hash & (this.#pages.length - 1)]!.find((entry) => isAt(entry, hash, name));
  }

  set(entry: Entry): void {
    const at = entry.hash & (this.#pages.length - 1);
    const page = this.#pages[at]!;
    const index = page.findIndex((other) => isAt(other, entry.hash, entry.name));
    this.#pages[at] = index < 0 ? page.concat(entry) : page.with(index, entry);
    if (index >= 0) return;
    this.#size += 1;
    if (this.#size > this.#pages.length * CROWDED) this.#grow();
  }

  delete(name: WireName): void {
    const hash = nameHash(name);
    const at = hash & (this.#pages.length - 1);
    const page = this.#pages[at]!;
    const index = page.findIndex((entry) => isAt(entry, hash, name));
    if (index < 0) return;
    this.#pages[at] = page.toSpliced(index, 1);
    this.#size -= 1;
  }

  finish(): NameTable<Entry> {
    return new NameTable(this.#pages, this.#size);
  }

  #grow(): void {
    const old = this.#pages;
    const pages: Page<Entry>[] = Array.from({ length: old.length * 4 }, () => []);
    for (const page of old) {
      for (const entry of page) {
        const at = entry.hash & (pages.length - 1);
        pages[at] = pages[at]!.concat(entry);
      }
    }
    this.#pages = pages;
  }
}

function isAt(entry: Named, hash: number, name: WireName): boolean {
  return entry.hash === hash && holds(entry.name, name, 0, name.length);
}

function holds(name: WireName, octets: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false;
  for (let i = 0; i < name.length; i += 1) if (name[i] !== octets[start + i]) return false;
  return true;
}
