/**
 * NSEC3 and NSEC3PARAM: hashed denial (RFC 5155 3 and 4). The salt is hexadecimal, `-` when
 * empty; the next hashed owner is Base32 with extended hex digits, without padding.
 */
import { RdataError } from '../errors.ts';
import { hex, number } from './parts.ts';
import { type RdataPart, rdataOfParts } from './rdata-of-parts.ts';
import { shown } from './read-field.ts';
import { typeBitmap } from './type-bitmap.ts';

const DIGITS = '0123456789abcdefghijklmnopqrstuv';

const salt: RdataPart = {
  what: 'salt',
  takes: 'one',
  encode(type, [field]) {
    if (field!.text === '-') return [0];
    if (/^([\da-f]{2}){1,255}$/i.test(field!.text)) {
      return [field!.text.length / 2, ...Buffer.from(field!.text, 'hex')];
    }
    throw new RdataError(
      type,
      `salt is ${shown(field!)}; write "-" for none or up to 255 octets in hexadecimal`,
      { field: field! },
    );
  },
  format(octets, at) {
    const end = at + 1 + octets[at]!;
    if (!(end <= octets.length)) return undefined;
    return { text: end === at + 1 ? '-' : hex(octets.subarray(at + 1, end)), end };
  },
};

const nextHash: RdataPart = {
  what: 'next-hashed-owner',
  takes: 'one',
  encode(type, [field]) {
    const octets = fromBase32Hex(field!.text.toLowerCase());
    if (octets !== undefined && octets.length > 0 && octets.length <= 255) return [octets.length, ...octets];
    throw new RdataError(
      type,
      `next-hashed-owner is ${shown(field!)}; write Base32 with the digits 0-9, a-v`,
      {
        field: field!,
      },
    );
  },
  format(octets, at) {
    const end = at + 1 + octets[at]!;
    if (!(end <= octets.length) || end === at + 1) return undefined;
    return { text: toBase32Hex(octets.subarray(at + 1, end)), end };
  },
};

const PARAMETERS = [number('hash-algorithm', 1), number('flags', 1), number('iterations', 2), salt];

export const nsec3 = rdataOfParts('NSEC3', [...PARAMETERS, nextHash, typeBitmap(true)]);
export const nsec3param = rdataOfParts('NSEC3PARAM', PARAMETERS);

/** Undefined for other digits, and when bits are left over that should be zero. */
function fromBase32Hex(text: string): number[] | undefined {
  const octets: number[] = [];
  let bits = 0;
  let held = 0;
  for (const digit of text) {
    const value = DIGITS.indexOf(digit);
    if (value < 0) return undefined;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      octets.push(held >> bits);
      held &= (1 << bits) - 1;
    }
  }
  return bits < 5 && held === 0 ? octets : undefined;
}

function toBase32Hex(octets: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const octet of octets) {
    held = (held << 8) | octet;
    for (bits += 8; bits >= 5; bits -= 5) {
      text += DIGITS[held >> (bits - 5)];
      held &= (1 << (bits - 5)) - 1;
    }
  }
  return bits === 0 ? text : text + DIGITS[held << (5 - bits)];
}
