/**
 * All clients and the branch that each gets, as ranges of addresses: what the rules of a record set come to, worked out
 * beforehand by `build-client-table.ts`, so that a query needs one look-up. Neighbours that get the same are one range.
 *
 *   starts     | 0.0.0.0 |   ...   | 81.2.64.0 | 81.2.80.0 |  ...   range i: from starts[i] to before starts[i + 1]
 *   decisions  |    0    |   ...   |     2     |     0     |  ...   its branch
 *   index      by the first bits of an address: the range in which the addresses with these bits begin
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
  /** First 32 bits, less 2^31: V8 keeps what is above as an object, and signed numbers have the same order. */
  readonly starts: Int32Array;
  /** For IPv6 the next 32 bits, likewise; for IPv4 empty. */
  readonly nextStarts: Int32Array;
  /**
   * The branch, and 2^16 times the leading bits that must be known of a client: if fewer are, a subnet does not match
   * him that would match his address, and he may get another branch.
   */
  readonly decisions: Int32Array;
  /** One entry for each value of the first bits of an address, and the last range once more. */
  readonly index: Int32Array;
  /** 32 less the number of those bits. */
  readonly shift: number;
}

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
    const branch = branchOf(ipv4.decisions[range]!, sourceLength);
    if (branch !== UNDECIDED) widen(scope, bitsWithin(ipv4.starts, range, first));
    return branch;
  }
  const next = wordAt(address, 4);
  // Among these are the addresses that stand for IPv4 (RFC 4291 2.5.5), which are looked up as such.
  if (first === LOWEST && next === LOWEST) return UNDECIDED;
  const range = findLongRange(ipv6, first, next);
  const branch = branchOf(ipv6.decisions[range]!, sourceLength);
  if (branch !== UNDECIDED) widen(scope, bitsWithinLong(ipv6, range, first, next));
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

function findRange({ starts, index, shift }: RangeTable, address: number): number {
  const slot = (address ^ LOWEST) >>> shift;
  let low = index[slot]!;
  let high = index[slot + 1]!;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= address) low = middle;
    else high = middle - 1;
  }
  return low;
}

function findLongRange(
  { starts, nextStarts, index, shift }: RangeTable,
  first: number,
  next: number,
): number {
  const slot = (first ^ LOWEST) >>> shift;
  let low = index[slot]!;
  let high = index[slot + 1]!;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const start = starts[middle]!;
    if (start < first || (start === first && nextStarts[middle]! <= next)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** One more than the address shares with what lies before its range, and with what lies behind. */
function bitsWithin(starts: Int32Array, range: number, address: number): number {
  const before = range === 0 ? 0 : 1 + Math.clz32(address ^ (starts[range]! - 1));
  if (range + 1 === starts.length) return before;
  const behind = 1 + Math.clz32(address ^ starts[range + 1]!);
  return before > behind ? before : behind;
}

function bitsWithinLong(
  { starts, nextStarts }: RangeTable,
  range: number,
  first: number,
  next: number,
): number {
  let before = 0;
  if (range > 0) {
    const borrows = nextStarts[range] === LOWEST ? 1 : 0;
    before = 1 + commonBits(first ^ (starts[range]! - borrows), next ^ (nextStarts[range]! - 1));
  }
  if (range + 1 === starts.length) return before;
  const behind = 1 + commonBits(first ^ starts[range + 1]!, next ^ nextStarts[range + 1]!);
  return before > behind ? before : behind;
}

function commonBits(first: number, next: number): number {
  return first === 0 ? 32 + Math.clz32(next) : Math.clz32(first);
}

function widen(scope: Scope, bits: number): void {
  if (bits > scope.scope) scope.scope = bits;
}
