/**
 * Reads `81.2.69.0/24` and `2a00:1450::/29` into octets and a length, for tests.
 *
 * Plain and strict: throws RangeError on anything else, also on bits set behind the prefix.
 */
import { isIP } from 'node:net';

export interface Prefix {
  /** 4 or 16. */
  readonly octets: Uint8Array;
  /** 0 to 32 or 0 to 128. */
  readonly length: number;
}

export function parsePrefix(text: string): Prefix {
  const match = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(text);
  const octets = parseAddress(match?.[1] ?? '');
  const length = Number(match?.[2]);
  if (length > octets.length * 8) throw new RangeError(`prefix ${text} is longer than its address`);
  if (hasBitsBehind(octets, length)) throw new RangeError(`prefix ${text} has bits set behind its length`);
  return { octets, length };
}

/** 4 or 16 octets of an address in text form. */
export function parseAddress(text: string): Uint8Array {
  const family = isIP(text);
  if (family === 0) throw new RangeError(`${JSON.stringify(text)} is no IP address`);
  return family === 4 ? Uint8Array.from(text.split('.'), Number) : parseIpv6(text);
}

function parseIpv6(text: string): Uint8Array {
  const [left = '', right] = text.split('::');
  const head = groups(left);
  const tail = groups(right ?? '');
  const gap = Array<number>(16 - head.length - tail.length).fill(0);
  return Uint8Array.from([...head, ...gap, ...tail]);
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

function hasBitsBehind(octets: Uint8Array, length: number): boolean {
  return octets.some(
    (octet, index) => (octet & (0xff >> Math.max(0, Math.min(8, length - index * 8)))) !== 0,
  );
}
