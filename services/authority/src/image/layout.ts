/**
 * The image: all that an authority answers from, in one piece of shared memory that the main thread writes and every
 * worker reads in place. Where its words stand; `write-image.ts` puts them there, `read-image.ts` finds them.
 *
 *   header | entries, one behind the other ... free
 *
 *   slot tables   hash -> [0 empty | 1 gone | index of an entry]     of zones, names, policies
 *   zone          apex, SOA                      name   owner, its record sets
 *   record set    the answer as it is sent, or which policy decides      policy   once, however many names have it
 *
 * An index counts words of 32 bits from the start of the memory. Numbers are signed; octets are in network order.
 *
 * One writes, many read, nobody locks. This is what it rests on:
 *
 * 1. Entries are written, one behind the other, into words that nobody was ever shown, and never written again, but for
 *    those marked `mutable`. Then one `Atomics.store` says in the header how far the written words go, and another one puts
 *    the index into its slot.
 * 2. A reader keeps how far it knows the words to be written. What a slot holds is below that: then the entry was written
 *    before the store that the reader's `Atomics.load` of the header read from. That store synchronizes with that load
 *    (ECMA-262, section 29: memory model), so the plain writes before it happen before the reader's plain reads, and it sees
 *    the whole entry, and whatever older entries it names. Reading the slot itself may be a race, but a word is never torn,
 *    and whichever index comes out is one that was there. Is it not below what the reader knows, the slot is read again
 *    by `Atomics.load`, which synchronizes with the store of the slot, and the header after it. So it sees a record set
 *    before a change, or after it, never half; and an `Atomics.load`, which V8 does not inline, is needed once after each
 *    change and not for each query.
 * 3. Memory is not used twice within an image. What is replaced stays as it was for whoever still reads it. Space comes
 *    back by writing all that lives into another image and handing that to the workers. Each takes it between two
 *    batches, by a message; when all have answered, nobody holds the old one any more, and it is collected.
 * 4. A slot table that is full is written anew, twice as wide, and then one store in the header points to it. A reader
 *    that still walks the old one finds what was there before.
 * 5. Words marked `mutable` are each right by themselves: how many names hand what lies below them on (raised before such
 *    a name can be found, lowered after it is gone), how deep names go (never lowered), whether the apex owns a DNAME, the wildcard below a name (an index
 *    as in a slot, stored and read alike). Whoever reads an old one sees what was so before the change.
 *
 * 6. Who finds that a name is not there has looked at several slots one after the other, between which names may have come
 *    and gone: an empty non-terminal that comes with a new name hides a wildcard from whoever looked for that name a moment
 *    too early. So what rests on a name's absence is looked for again if `moves` was odd before or is another number after.
 *    Each step of a change leaves names that answer rightly, so a walk that no step falls into is right, also amid a change:
 *    some walks are enough.
 *
 * A change of several names becomes visible name by name, in a moment: each RRset is whole, and RRsets of a zone are no
 * more tied to each other than they are in caches.
 */

/** What threads hand to each other. */
export type ImageMemory = SharedArrayBuffer;

/** Header: where the slot tables are. Each begins with its count of slots, a power of two, less one. */
export const Header = {
  zones: 0,
  names: 1,
  policies: 2,
  /** Labels of the longest apex there ever was: mutable, only grows. */
  mostApexLabels: 3,
  /** How far the words are written: mutable, only grows. */
  end: 4,
  /** Counted up before and after a name comes, goes or becomes a zone cut: mutable, odd meanwhile. */
  moves: 5,
  words: 6,
} as const;

/** Nothing was ever loaded. */
export function emptyImage(): ImageMemory {
  const memory = new SharedArrayBuffer((Header.words + 2) * Int32Array.BYTES_PER_ELEMENT);
  const words = new Int32Array(memory);
  // One table of one slot, which is empty.
  words[Header.zones] = words[Header.names] = words[Header.policies] = Header.words;
  words[Header.end] = words.length;
  return memory;
}

/** What of the memory was given out, and so may be resident. */
export function writtenOctets(memory: ImageMemory): number {
  const words = new Int32Array(memory);
  return Atomics.load(words, Header.end) * words.BYTES_PER_ELEMENT;
}

export const EMPTY_SLOT = 0;
/** What was there is gone; what was put behind it is still found. */
export const GONE_SLOT = 1;

export const ZoneEntry = {
  /** `suffixHash` of the apex. */
  hash: 0,
  /** What names of this zone are told from those of others by; never given out twice in an image. */
  number: 1,
  /** 2^16 times the labels of the apex, plus its octets. */
  lengths: 2,
  /** Names that are zone cuts or own a DNAME: mutable. */
  redirects: 3,
  /** Labels of the deepest name: mutable, only grows. */
  mostLabels: 4,
  /** `NameEntry.flags` of the apex: mutable. */
  apexFlags: 5,
  /** TTL of a denial, in seconds. */
  negativeTtl: 6,
  /** Record set of the SOA; 0: the zone lacks facts and is not served. */
  soa: 7,
  /** Where names in the SOA's ready octets point to others: 2^16 times one place, plus the other; 0 is none. */
  soaPointers: 8,
  /** Octets of the apex, canonical. */
  name: 9,
} as const;

export const NameEntry = {
  /** `suffixHash` of the owner. */
  hash: 0,
  /** Number of its zone. */
  zone: 1,
  /** Of `NameFlag`. */
  flags: 2,
  /** Names one label below: mutable, for the writer alone. */
  children: 3,
  /** Index of the `*` one label below, 0 where there is none: mutable. */
  wildcard: 4,
  /** 2^16 times the count of record sets, plus the octets of the owner. */
  lengths: 5,
  /** Two words for each record set: type and index, in the order of types. Behind them the octets of the owner. */
  sets: 6,
} as const;

export const NameFlag = {
  /** NS records below the apex hand the name, and all below it, to other servers. */
  cut: 1,
  /** Owns a DNAME, and is no cut. */
  dname: 2,
} as const;

export const SetEntry = {
  /** 2^16 times the kind, plus the type. */
  type: 0,
  /** Seconds. */
  ttl: 1,

  /** Static: how many records. */
  records: 2,
  /** Octets of the records as an answer section whose owner is a pointer to the question, names in RDATA in full. */
  plainLength: 3,
  /** Octets of the same with names compressed as behind a question for the very owner; -1: too long for a message. */
  readyLength: 4,
  /** Index of those; that of the plain ones where no names can be compressed. */
  ready: 5,
  /** Octets of the plain ones. */
  plain: 6,

  /** Steered: index and number of the policy, and the seed of draws. */
  policy: 2,
  policyNumber: 3,
  seed: 4,
  steeredWords: 5,
} as const;

export const SetKind = { static: 0, steered: 1 } as const;

export const PolicyEntry = {
  /** Of its octets. */
  hash: 0,
  /** From 0 on, never given out twice in an image: readers keep by it what they made of it. */
  number: 1,
  length: 2,
  /** Record sets that have it: mutable, for the writer alone. */
  holders: 3,
  /** JSON of a steered record set without what differs from name to name. */
  octets: 4,
} as const;

/** Octets of a record before its RDATA when its owner is a pointer: owner, type, class, TTL, RDLENGTH. */
export const RECORD_HEADER = 12;

export function wordsFor(octets: number): number {
  return (octets + 3) >>> 2;
}

/** Slots of a table of names of all zones: the zone's number decides as much as the name. */
export function nameSlotHash(hash: number, zoneNumber: number): number {
  return hash ^ Math.imul(zoneNumber, 0x9e3779b1);
}
