/**
 * All clients and the branch that each gets, as ranges of addresses: what the rules of a record set come to, worked out
 * beforehand by `build-client-table.ts`, so that a query needs one look-up. Neighbours that get the same are one range.
 *
 *   ranges  | 0.0.0.0, 0 |   ...   | 81.2.64.0, 2 | 81.2.80.0, 0 |  ...   where a range starts, and its branch
 *   index   by the first bits of an address: the range in which the addresses with these bits begin
 *
 * The scope of an answer is the widest correct one: the shortest prefix of the address that stays within its range.
 * Hot path: no allocation, no throw. Whatever it does not know is `UNDECIDED`, and the rules are walked.
 */
import type { ClientView } from './match-client.ts';
import type { Scope } from './match-rules.ts';

/** Not to be told from the first 64 bits of the address, or not for a client of whom so few bits are known. */
export const UNDECIDED = -1;
/** The same among `decisions`. */
export const UNDECIDED_BRANCH = 0xffff;

/** Typed arrays alone, over shared memory: threads hand it to each other without a copy. */
export interface ClientTable {
  readonly ipv4: RangeTable;
  readonly ipv6: RangeTable;
  /** It holds for the databases that it was built from. */
  readonly usesPlaces: boolean;
  readonly usesSystems: boolean;
}

/** The first range starts at the lowest address, so that every address is in one. */
export interface RangeTable {
  /**
   * One range behind the other, so that a look-up finds all of one in a cache line: `Ipv4Range` or `Ipv6Range` of words.
   * Addresses are less 2^31: V8 keeps what is above as an object, and signed numbers have the same order.
   */
  readonly ranges: Int32Array;
  /** How many ranges. */
  readonly length: number;
  /** One entry for each value of the first bits of an address, and the last range once more. */
  readonly index: Int32Array;
  /** 32 less the number of those bits. */
  readonly shift: number;
}

/**
 * Words of a range. `decision`: the branch, and 2^16 times the leading bits that must be known of a client: if fewer are, a
 * subnet does not match him that would match his address, and he may get another branch.
 */
export const Ipv4Range = { first: 0, decision: 1, words: 2 } as const;
/** `first` and `next`: the first 64 bits of the address where it starts. */
export const Ipv6Range = { first: 0, next: 1, decision: 2, words: 4 } as const;

/** Shared by all record sets with the same rules; filled when the table is there. */
export interface Flattened {
  readonly table: ClientTable | undefined;
}

export const NOT_FLATTENED: Flattened = { table: undefined };

const LOWEST = -0x8000_0000;

/** The branch, or `UNDECIDED`; adds to the scope what it took. */
export function findBranch({ ipv4, ipv6 }: ClientTable, client: ClientView, scope: Scope): number {
  const { address, sourceLength } = client;
  const first = wordAt(address, 0);
  if (client.family === 4) {
    const range = findRange(ipv4, first);
    const branch = branchOf(ipv4.ranges[range + Ipv4Range.decision]!, sourceLength);
    if (branch !== UNDECIDED) widen(scope, bitsWithin(ipv4.ranges, range, first));
    return branch;
  }
  const next = wordAt(address, 4);
  // Among these are the addresses that stand for IPv4 (RFC 4291 2.5.5), which are looked up as such.
  if (first === LOWEST && next === LOWEST) return UNDECIDED;
  const range = findLongRange(ipv6, first, next);
  const branch = branchOf(ipv6.ranges[range + Ipv6Range.decision]!, sourceLength);
  if (branch !== UNDECIDED) widen(scope, bitsWithinLong(ipv6.ranges, range, first, next));
  return branch;
}

function branchOf(decision: number, sourceLength: number): number {
  const branch = decision & 0xffff;
  return branch === UNDECIDED_BRANCH || sourceLength < decision >>> 16 ? UNDECIDED : branch;
}

function wordAt(octets: Uint8Array, at: number): number {
  const word = (octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!;
  return word ^ LOWEST;
}

/** Index of the range's first word. */
function findRange({ ranges, index, shift }: RangeTable, address: number): number {
  const slot = (address ^ LOWEST) >>> shift;
  let low = index[slot]!;
  let high = index[slot + 1]!;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (ranges[middle * Ipv4Range.words]! <= address) low = middle;
    else high = middle - 1;
  }
  return low * Ipv4Range.words;
}

/** Likewise. */
function findLongRange({ ranges, index, shift }: RangeTable, first: number, next: number): number {
  const slot = (first ^ LOWEST) >>> shift;
  let low = index[slot]!;
  let high = index[slot + 1]!;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const start = ranges[middle * Ipv6Range.words]!;
    if (start < first || (start === first && ranges[middle * Ipv6Range.words + Ipv6Range.next]! <= next)) {
      low = middle;
    } else high = middle - 1;
  }
  return low * Ipv6Range.words;
}

/** One more than the address shares with what lies before its range, and with what lies behind. */
function bitsWithin(ranges: Int32Array, range: number, address: number): number {
  const before = range === 0 ? 0 : 1 + Math.clz32(address ^ (ranges[range]! - 1));
  const after = range + Ipv4Range.words;
  if (after === ranges.length) return before;
  const behind = 1 + Math.clz32(address ^ ranges[after]!);
  return before > behind ? before : behind;
}

function bitsWithinLong(ranges: Int32Array, range: number, first: number, next: number): number {
  let before = 0;
  if (range > 0) {
    const start = ranges[range + Ipv6Range.next]!;
    const borrows = start === LOWEST ? 1 : 0;
    before = 1 + commonBits(first ^ (ranges[range]! - borrows), next ^ (start - 1));
  }
  const after = range + Ipv6Range.words;
  if (after === ranges.length) return before;
  const behind = 1 + commonBits(first ^ ranges[after]!, next ^ ranges[after + Ipv6Range.next]!);
  return before > behind ? before : behind;
}

function commonBits(first: number, next: number): number {
  return first === 0 ? 32 + Math.clz32(next) : Math.clz32(first);
}

function widen(scope: Scope, bits: number): void {
  if (bits > scope.scope) scope.scope = bits;
}
