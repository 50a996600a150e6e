/** What the fast path overwrites with each query. One per worker. */
import type { Query } from '@signpost/dns/query';

/** A name to be looked for, as it stands in a query or in the state. */
export interface FastName {
  /** Canonical, from its beginning. */
  readonly octets: Uint8Array;
  /** The same memory in words; the last one of the name is filled up with zeros. */
  readonly words: Int32Array;
  readonly labelOffsets: Uint8Array;
  /** By label, of `copyAndHash`. */
  readonly hashes: Int32Array;
}

/** The longest name, in whole words. */
const NAME_ROOM = 256;
/** Labels of the longest name, and the root. */
const MOST_LABELS = 128;

function newName(): FastName {
  const octets = new Uint8Array(NAME_ROOM);
  return {
    octets,
    words: new Int32Array(octets.buffer),
    labelOffsets: new Uint8Array(MOST_LABELS),
    hashes: new Int32Array(MOST_LABELS),
  };
}

export class FastState {
  /** Entry of the zone that holds the name, and the label of the name at which its apex begins. */
  zone = 0;
  apexLabel = 0;
  /** Of the name that was located. */
  entry = 0;
  /** Of the label at which a zone cut begins. */
  cutLabel = 0;
  /** Of the name or zone that the response is counted by. */
  holderHash = 0;
  /** The question's name. */
  readonly question: FastName;
  /** An alias' target, or a name server. */
  readonly target: FastName = newName();
  /** Where in the message the target stands. */
  targetAt = 0;

  /** Where the next octet goes, and how far the message may go. */
  at = 0;
  limit = 0;
  answers = 0;
  authorities = 0;
  additionals = 0;
  /** Longest prefix that any selection needed. */
  scope = 0;

  constructor({ qname, qnameWords, labelOffsets, hashes }: Query) {
    this.question = { octets: qname, words: qnameWords, labelOffsets, hashes };
  }
}
