/**
 * A whole MaxMind DB as the tree of its networks, for whoever flattens it. Cold path: keeps what each record says, in
 * bounded memory, as long as somebody holds the tree. Must not be used for looking up single addresses.
 */
import type { NetworkTree } from '@signpost/contracts/network-tree';
import type { Reader, Response } from 'maxmind';

import { addressText } from './address-text.ts';
import type { Found, RecordKind } from './record-kind.ts';
import type { SearchTree, TreeShape } from './search-tree.ts';

/** A database of countries has some 250 records. */
const MOST_VALUES = 1 << 18;

export class MmdbNetworks<Value extends Found> implements NetworkTree<Value> {
  readonly #reader: Reader<Response>;
  readonly #tree: SearchTree;
  readonly #kind: RecordKind<Value>;
  readonly #shape: TreeShape;
  readonly #values = new Map<number, Value>();

  constructor(reader: Reader<Response>, tree: SearchTree, kind: RecordKind<Value>, shape: TreeShape) {
    this.#reader = reader;
    this.#tree = tree;
    this.#kind = kind;
    this.#shape = shape;
  }

  /** A file for IPv4 alone knows nothing of IPv6. */
  root(family: 4 | 6): number {
    if (family === 4) return this.#tree.ipv4Start;
    return this.#shape.ipVersion === 6 ? 0 : this.#shape.nodeCount;
  }

  isLeaf(node: number): boolean {
    return node >= this.#shape.nodeCount;
  }

  child(node: number, bit: number): number {
    return this.#tree.record(node, bit);
  }

  valueOf(leaf: number, address: Uint8Array): Value {
    const known = this.#values.get(leaf);
    if (known !== undefined) return known;
    if (this.#values.size >= MOST_VALUES) this.#values.clear();
    const value = leaf === this.#shape.nodeCount ? this.#kind.nothing(0) : this.#read(address);
    this.#values.set(leaf, value);
    return value;
  }

  /** What cannot be read counts as nothing known, as in a look-up. */
  #read(address: Uint8Array): Value {
    try {
      return Object.freeze(this.#kind.read(this.#reader.get(addressText(address)), 0));
    } catch {
      return this.#kind.nothing(0);
    }
  }
}
