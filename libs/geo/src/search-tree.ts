/**
 * Walks the binary search tree of a MaxMind DB (binary format 2.0) for an address given in octets.
 *
 * The maxmind reader takes addresses as text and decodes a record for each look-up; this walk
 * allocates nothing, so that a record needs decoding only when it is met for the first time.
 * Must not read the data section. A walk ends after at most 128 steps whatever the file holds.
 *
 *     node n:  | left record | right record |   2 x 24, 28 or 32 bits; bit 0 of the address goes left
 *     record:  < nodeCount  another node
 *              = nodeCount  nothing known
 *              > nodeCount  a record in the data section
 */

export interface TreeShape {
  readonly nodeCount: number;
  readonly recordSize: number;
  readonly ipVersion: number;
}

export class SearchTree {
  /** What the last `find` ended at: a record above `nodeCount`, or 0 for nothing. */
  found = 0;
  /** Where IPv4 begins. */
  readonly ipv4Start: number;

  readonly #octets: Uint8Array;
  readonly #nodeCount: number;
  readonly #recordSize: number;

  /** The caller has checked that `octets` holds all `nodeCount` nodes. */
  constructor(octets: Uint8Array, shape: TreeShape) {
    this.#octets = octets;
    this.#nodeCount = shape.nodeCount;
    this.#recordSize = shape.recordSize;
    this.ipv4Start = shape.ipVersion === 4 ? 0 : this.#below96();
  }

  /**
   * Follows the address from octet `first` on (4 octets: IPv4, 16: IPv6), sets `found` and returns how
   * many bits were needed. IPv4 is looked up below ::/96; those 96 bits are not counted.
   */
  find(address: Uint8Array, first: number): number {
    const bits = (address.length - first) * 8;
    let node = bits === 32 ? this.ipv4Start : 0;
    let depth = 0;
    while (depth < bits && node < this.#nodeCount) {
      const bit = (address[first + (depth >> 3)]! >> (7 - (depth & 7))) & 1;
      node = this.record(node, bit);
      depth += 1;
    }
    this.found = node > this.#nodeCount ? node : 0;
    return depth;
  }

  /** The left (bit 0) or right (bit 1) record of a node below `nodeCount`. */
  record(node: number, bit: number): number {
    const octets = this.#octets;
    if (this.#recordSize === 24) {
      const at = node * 6 + bit * 3;
      return (octets[at]! << 16) | (octets[at + 1]! << 8) | octets[at + 2]!;
    }
    if (this.#recordSize === 28) {
      const at = node * 7 + bit * 4;
      const shared = octets[node * 7 + 3]!; // top four bits of the left record, then of the right one
      const top = bit === 0 ? shared >> 4 : shared & 0x0f;
      return (top << 24) | (octets[at]! << 16) | (octets[at + 1]! << 8) | octets[at + 2]!;
    }
    const at = node * 8 + bit * 4;
    const value = (octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!;
    return value >>> 0;
  }

  /** Where IPv4 begins in a tree of ipVersion 6; a tree may end before, then all IPv4 shares that end. */
  #below96(): number {
    let node = 0;
    for (let depth = 0; depth < 96 && node < this.#nodeCount; depth += 1) node = this.record(node, 0);
    return node;
  }
}
