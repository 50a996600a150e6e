/**
 * Where a walk through three binary trees at once is, and what it has left to see: depth first, lowest address first.
 * A stack of numbers. Cold path.
 */
import type { SubnetNode } from './subnet-tree.ts';

export class Path {
  /** Where it is: nodes of databases and of the tree of subnets, and so many bits below the roots. */
  place = 0;
  system = 0;
  subnet: SubnetNode;
  depth = 0;
  /** The lowest address there, 32 bits each. */
  first = 0;
  second = 0;
  third = 0;
  fourth = 0;

  readonly #places: number[];
  readonly #systems: number[];
  readonly #subnets: SubnetNode[];
  readonly #depths = [0];
  /** Four words for each. */
  readonly #words = [0, 0, 0, 0];
  readonly #octets: number;

  constructor(family: 4 | 6, place: number, system: number, subnet: SubnetNode) {
    this.#octets = family === 4 ? 4 : 16;
    this.subnet = subnet;
    this.#places = [place];
    this.#systems = [system];
    this.#subnets = [subnet];
  }

  /** False: all was seen. */
  next(): boolean {
    if (this.#depths.length === 0) return false;
    this.place = this.#places.pop()!;
    this.system = this.#systems.pop()!;
    this.subnet = this.#subnets.pop()!;
    this.depth = this.#depths.pop()!;
    this.fourth = this.#words.pop()!;
    this.third = this.#words.pop()!;
    this.second = this.#words.pop()!;
    this.first = this.#words.pop()!;
    return true;
  }

  /** A half of where it is; the one pushed last comes first. */
  push(bit: number, place: number, system: number, subnet: SubnetNode): void {
    this.#places.push(place);
    this.#systems.push(system);
    this.#subnets.push(subnet);
    this.#depths.push(this.depth + 1);
    const set = bit << (31 - (this.depth & 31));
    const word = this.depth >> 5;
    this.#words.push(
      word === 0 ? this.first | set : this.first,
      word === 1 ? this.second | set : this.second,
      word === 2 ? this.third | set : this.third,
      word === 3 ? this.fourth | set : this.fourth,
    );
  }

  /** Into the first octets of an array. */
  writeAddress(into: Uint8Array): void {
    for (let octet = 0; octet < this.#octets; octet += 1) {
      const word = octet < 4 ? this.first : octet < 8 ? this.second : octet < 12 ? this.third : this.fourth;
      into[octet] = word >>> (24 - 8 * (octet & 3));
    }
  }
}
