/**
 * Canonical names: uncompressed wire form in lower case, so that equality is
 * equality of octets and a suffix of a name is a suffix of its octets.
 *
 *   3 w w w 7 e x a m p l e 3 c o m 0
 *   ^ offset 0      ^ 4 = "example.com"
 *
 * Text is read and written in `name-text.ts`. Nothing here throws except the two
 * functions that make the brand.
 */
import { MAX_LABEL_LENGTH, MAX_NAME_LENGTH } from './constants.ts';
import { NameError } from './errors.ts';

const STAR = 0x2a;

declare const wireName: unique symbol;
declare const casedName: unique symbol;

/** A checked name in wire form whose letters keep their case, as they stand in RDATA. */
export type CasedName = Uint8Array & { readonly [casedName]: true };

/** A checked name in wire form with every ASCII letter in lower case. */
export type WireName = CasedName & { readonly [wireName]: true };

/** Maps an octet to its lower-case form (RFC 4343 3); 256 entries, so that no branch is needed. */
export const LOWER_CASE: Uint8Array = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);

export const ROOT_NAME: WireName = Uint8Array.of(0) as WireName;

/** Copies the name at `start` out of `octets` in lower case; throws NameError when it is not an uncompressed name. */
export function toWireName(octets: Uint8Array, start = 0): WireName {
  return copyOfName(octets, start).map((octet) => LOWER_CASE[octet]!) as WireName;
}

/** As `toWireName`, but the letters keep their case. */
export function toCasedName(octets: Uint8Array, start = 0): CasedName {
  return copyOfName(octets, start) as CasedName;
}

/** One past the final zero of the uncompressed name at `start`, or -1 if none ends within `end`. */
export function endOfName(octets: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && at - start < MAX_NAME_LENGTH) {
    const size = octets[at]!;
    if (size === 0) return at + 1;
    if (size > MAX_LABEL_LENGTH) return -1;
    at += size + 1;
  }
  return -1;
}

export function namesEqual(a: WireName, b: WireName): boolean {
  return a.length === b.length && tailMatches(a, 0, b);
}

/**
 * True when `name` is `ancestor` or stands below it. `nameLength` lets a caller
 * pass a reused buffer that holds a canonical name in its first octets.
 */
export function isSubdomain(name: Uint8Array, ancestor: WireName, nameLength: number = name.length): boolean {
  const tail = nameLength - ancestor.length;
  let at = 0;
  while (at < tail) at += name[at]! + 1;
  return at === tail && tailMatches(name, tail, ancestor);
}

/** The name without its first label; the root is its own parent. Shares memory with `name`. */
export function parentName(name: WireName): WireName {
  return (name[0] === 0 ? name : name.subarray(name[0]! + 1)) as WireName;
}

/** Whether the first label is `*` (RFC 4592 2.1.1). Of the name that begins at `start`. */
export function isWildcard(name: CasedName, start: number = 0): boolean {
  return name[start] === 1 && name[start + 1] === STAR;
}

/** Labels without the root: 0 for the root, 3 for www.example.com. Of the name that begins at `start`. */
export function labelCount(name: CasedName, start: number = 0): number {
  let count = 0;
  for (let at = start; name[at] !== 0; at += name[at]! + 1) count += 1;
  return count;
}

/** Canonical DNS order (RFC 4034 6.1): by labels from the right. Negative, 0 or positive, as sort wants it. */
export function compareNames(a: WireName, b: WireName): number {
  const aStarts = labelStarts(a);
  const bStarts = labelStarts(b);
  const shared = Math.min(aStarts.length, bStarts.length);
  for (let back = 1; back <= shared; back += 1) {
    const order = compareLabels(a, aStarts.at(-back)!, b, bStarts.at(-back)!);
    if (order !== 0) return order;
  }
  return aStarts.length - bStarts.length;
}

function copyOfName(octets: Uint8Array, start: number): Uint8Array {
  const end = endOfName(octets, start, octets.length);
  if (end < 0) {
    throw new NameError('malformed octets', `${octets.length} octets`, 'give an uncompressed wire name');
  }
  return new Uint8Array(octets.subarray(start, end));
}

/** Compares octets, not labels: a length octet never equals a letter, so a match from a label start is a match of labels. */
function tailMatches(octets: Uint8Array, start: number, tail: Uint8Array): boolean {
  for (let i = 0; i < tail.length; i += 1) {
    if (octets[start + i] !== tail[i]) return false;
  }
  return true;
}

function labelStarts(name: WireName): number[] {
  const starts: number[] = [];
  for (let at = 0; name[at] !== 0; at += name[at]! + 1) starts.push(at);
  return starts;
}

function compareLabels(a: WireName, aStart: number, b: WireName, bStart: number): number {
  const aSize = a[aStart]!;
  const bSize = b[bStart]!;
  for (let i = 1; i <= aSize && i <= bSize; i += 1) {
    const order = a[aStart + i]! - b[bStart + i]!;
    if (order !== 0) return order;
  }
  return aSize - bSize;
}
