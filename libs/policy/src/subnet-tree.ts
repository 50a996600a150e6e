/**
 * The subnets of one family that rules name, as a binary tree: each leaf is a part of the address space that lies in
 * the same subnets from end to end. Cold path.
 */
import type { Prefix } from '@signpost/dns/address';

export interface SubnetNode {
  /** Lengths of the subnets that hold it, shortest first. */
  lengths: readonly number[];
  /** Undefined: a leaf. */
  halves: readonly [SubnetNode, SubnetNode] | undefined;
}

export function subnetTree(subnets: readonly Prefix[]): SubnetNode {
  const root: SubnetNode = { lengths: [], halves: undefined };
  // Shortest first, so that the node of a subnet is a leaf when its turn comes.
  for (const subnet of subnets.toSorted((a, b) => a.length - b.length)) insert(root, subnet);
  return root;
}

function insert(root: SubnetNode, { octets, length }: Prefix): void {
  let node = root;
  for (let bit = 0; bit < length; bit += 1) {
    const { lengths } = node;
    node.halves ??= [
      { lengths, halves: undefined },
      { lengths, halves: undefined },
    ];
    node = node.halves[((octets[bit >>> 3]! >> (7 - (bit & 7))) & 1) as 0 | 1];
  }
  if (node.lengths.at(-1) !== length) node.lengths = [...node.lengths, length];
}
