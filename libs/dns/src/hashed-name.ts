/**
 * A name that is overwritten again and again: where its labels begin, and a hash of it and of each name above it, by which
 * all of them can be looked for.
 */

/** The longest name, in whole words. */
const ROOM = 256;
/** Labels of the longest name, and the root. */
const MOST_LABELS = 128;

/** Where the labels of a name begin. */
export interface Labels {
  /** Of the name, with the final zero. */
  readonly length: number;
  /** Leftmost first; only the first `labelCount` count. */
  readonly labelOffsets: Uint8Array;
  /** Without the root. */
  readonly labelCount: number;
}

export class HashedName implements Labels {
  /** Canonical wire form; only the first `length` octets count. */
  readonly octets = new Uint8Array(ROOM);
  /** The same memory in words; the last one of the name is filled up with zeros. */
  readonly words = new Int32Array(this.octets.buffer);
  /** Octets with the final zero; 0: there is no name. */
  length = 0;
  /** Where each label begins, leftmost first; only the first `labelCount` count. */
  readonly labelOffsets = new Uint8Array(MOST_LABELS);
  /** Without the root. */
  labelCount = 0;
  /** By label: `suffixHash` of the name from there, the root's behind the last label. */
  readonly hashes = new Int32Array(MOST_LABELS);
}

/** Where the name of a label begins; of the root, for one past the last label. */
export function startOfLabel({ labelOffsets, labelCount, length }: Labels, label: number): number {
  return label === labelCount ? length - 1 : labelOffsets[label]!;
}
