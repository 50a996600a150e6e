/**
 * Port: a database of networks as the binary tree that it is, for whoever wants to see all of it. Nodes are numbers;
 * bit 0 of an address goes to child 0. Looking up one address is not its business.
 */
export interface NetworkTree<Value> {
  /** Where the addresses of a family begin. */
  root(family: 4 | 6): number;
  /** True: all addresses below have one value. */
  isLeaf(node: number): boolean;
  /** Of a node that is no leaf. `bit`: 0 or 1. */
  child(node: number, bit: number): number;
  /**
   * Of a leaf that was met on the way of this address of 4 or 16 octets: as a look-up of the address would find it, but
   * for the prefix length. The same object for the same leaf. Never throws.
   */
  valueOf(leaf: number, address: Uint8Array): Value;
}
