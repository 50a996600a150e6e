/**
 * IP addresses and prefixes between text and octets. Strict: what one reader
 * takes for octal and another for decimal is refused. No I/O module is used.
 */

export interface Prefix {
  readonly kind: 'prefix';
  readonly family: 4 | 6;
  /** The network address, 4 or 16 octets. */
  readonly octets: Uint8Array;
  /** Prefix length in bits. */
  readonly length: number;
}

/** What is wrong with a prefix, in words for the person who wrote it. */
export type PrefixProblem =
  | { readonly kind: 'malformed'; readonly remedy: string }
  /** Bits are set beyond the prefix; `network` is the prefix without them. */
  | { readonly kind: 'stray host bits'; readonly network: string; readonly remedy: string };

export interface Address {
  readonly family: 4 | 6;
  readonly octets: Uint8Array;
}

const DOT = 0x2e;
const COLON = 0x3a;
const NO_DIGIT = -1;

/** Four decimal numbers from 0 to 255 without leading zeros; undefined for anything else. */
export function parseIpv4(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(4);
  let length = 0;
  let value = NO_DIGIT;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (value === NO_DIGIT || length === 3) return undefined;
      octets[length] = value;
      length += 1;
      value = NO_DIGIT;
    } else {
      if (code < 0x30 || code > 0x39 || value === 0) return undefined;
      value = (value === NO_DIGIT ? 0 : value * 10) + code - 0x30;
      if (value > 255) return undefined;
    }
  }
  if (value === NO_DIGIT || length !== 3) return undefined;
  octets[3] = value;
  return octets;
}

/** All forms of RFC 4291 2.2, also with a dotted tail; no zone index, no brackets. */
export function parseIpv6(text: string): Uint8Array | undefined {
  const octets = new Uint8Array(16);
  let length = 0;
  let gap = -1; // where "::" stands
  for (let at = 0; at < text.length;) {
    if (text.startsWith('::', at)) {
      if (gap >= 0) return undefined;
      gap = length;
      at += 2;
      continue;
    }
    if (length > 0 && length !== gap) {
      if (text.charCodeAt(at) !== COLON) return undefined;
      at += 1;
    }
    const end = endOfGroup(text, at);
    if (text.charCodeAt(end) === DOT) {
      const dotted = parseIpv4(text.slice(at));
      if (dotted === undefined || length > 12) return undefined;
      octets.set(dotted, length);
      length += 4;
      break;
    }
    if (end === at || length > 14) return undefined;
    let group = 0;
    for (; at < end; at += 1) group = group * 16 + hexDigit(text.charCodeAt(at));
    octets[length] = group >> 8;
    octets[length + 1] = group & 0xff;
    length += 2;
  }
  if (gap < 0) return length === 16 ? octets : undefined;
  // "::" stands for at least one group of zeros (RFC 5952 4.2.2 has writers avoid one, readers accept it).
  if (length > 14) return undefined;
  const tail = 16 - (length - gap);
  octets.copyWithin(tail, gap, length);
  return octets.fill(0, gap, tail);
}

export function parseAddress(text: string): Address | undefined {
  const family = text.includes(':') ? 6 : 4;
  const octets = family === 6 ? parseIpv6(text) : parseIpv4(text);
  return octets && { family, octets };
}

/** Reads `10.0.0.0/8` or `2001:db8::/32`; an address alone is a prefix of all its bits. */
export function parsePrefix(text: string): Prefix | PrefixProblem {
  const [addressText = '', lengthText, ...more] = text.split('/');
  const address = parseAddress(addressText);
  if (address === undefined || more.length > 0) {
    return { kind: 'malformed', remedy: 'write an address, a slash and a length, such as 192.0.2.0/24' };
  }
  const { family, octets } = address;
  const longest = octets.length * 8;
  if (lengthText !== undefined && !(/^(0|[1-9]\d{0,2})$/.test(lengthText) && Number(lengthText) <= longest)) {
    return { kind: 'malformed', remedy: `write a prefix length from 0 to ${longest}` };
  }
  const length = lengthText === undefined ? longest : Number(lengthText);
  const masked = maskedTo(octets, length);
  if (masked.some((octet, i) => octet !== octets[i])) {
    const network = `${formatAddress(masked)}/${length}`;
    return { kind: 'stray host bits', network, remedy: `write ${network}` };
  }
  return { kind: 'prefix', family, octets, length };
}

/** `octets` at `at`, four of them. */
export function formatIpv4(octets: Uint8Array, at: number = 0): string {
  return `${octets[at]}.${octets[at + 1]}.${octets[at + 2]}.${octets[at + 3]}`;
}

/** The one form of RFC 5952; IPv4-mapped addresses end in dotted form (section 5). Reads 16 octets. */
export function formatIpv6(octets: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => octets[2 * i]! * 256 + octets[2 * i + 1]!);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${formatIpv4(octets, 12)}`;
  }
  const { start, length } = longestZeroRun(groups);
  const texts = groups.map((group) => group.toString(16));
  if (length < 2) return texts.join(':');
  return `${texts.slice(0, start).join(':')}::${texts.slice(start + length).join(':')}`;
}

/** 4 or 16 octets. */
export function formatAddress(octets: Uint8Array): string {
  return octets.length === 4 ? formatIpv4(octets) : formatIpv6(octets);
}

/** Whether `address`, of 4 or 16 octets, lies in the prefix. Allocates nothing. */
export function prefixHolds({ octets, length }: Prefix, address: Uint8Array): boolean {
  if (octets.length !== address.length) return false;
  const whole = length >> 3;
  for (let i = 0; i < whole; i += 1) if (octets[i] !== address[i]) return false;
  const bits = length & 7;
  return bits === 0 || (octets[whole]! ^ address[whole]!) >> (8 - bits) === 0;
}

/** A copy with all bits after the first `length` cleared. */
export function maskedTo(octets: Uint8Array, length: number): Uint8Array {
  return octets.map((octet, i) => octet & ~(0xff >> Math.min(8, Math.max(0, length - 8 * i))));
}

/** Where the digits of a group end: at most four. */
function endOfGroup(text: string, start: number): number {
  let at = start;
  while (at < start + 4 && hexDigit(text.charCodeAt(at)) !== NO_DIGIT) at += 1;
  return at;
}

function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : NO_DIGIT;
}

/** The first of the longest runs of zeros (RFC 5952 4.2.3). */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i < groups.length; i += 1) {
    if (groups[i] !== 0) start = i + 1;
    else if (i + 1 - start > best.length) best = { start, length: i + 1 - start };
  }
  return best;
}
