/**
 * The parts that most types are made of: whole numbers, names, character strings,
 * octets in hexadecimal and Base64. Each reads and writes itself and knows no type.
 */
import { RdataError } from '../errors.ts';
import { readUint16, readUint32 } from '../uint16.ts';
import { endOfName } from '../wire-name.ts';
import type { RdataPart } from './rdata-of-parts.ts';
import { readName, readNumber, readOctets, shown } from './read-field.ts';
import { nameField, stringField } from './write-field.ts';

/** A whole number of 1, 2 or 4 octets; `mnemonics` are the words that may stand for it in text. */
export function number(
  what: string,
  size: 1 | 2 | 4,
  mnemonics: Readonly<Record<string, number>> = {},
): RdataPart {
  const max = 2 ** (8 * size) - 1;
  return {
    what,
    takes: 'one',
    encode(type, [field]) {
      const word = field!.text.toUpperCase();
      return bigEndian(
        Object.hasOwn(mnemonics, word) ? mnemonics[word]! : readNumber(type, what, field!, max),
        size,
      );
    },
    format(octets, at) {
      if (at + size > octets.length) return undefined;
      const value = size === 1 ? octets[at]! : size === 2 ? readUint16(octets, at) : readUint32(octets, at);
      return { text: String(value), end: at + size };
    },
  };
}

export function bigEndian(value: number, size: 1 | 2 | 4): number[] {
  return Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * (size - 1 - i))) % 256);
}

export function name(what: string): RdataPart {
  return {
    what,
    takes: 'one',
    encode: (type, [field], origin) => readName(type, what, field!, origin),
    format(octets, at) {
      const end = endOfName(octets, at, octets.length);
      return end < 0 ? undefined : { text: nameField(octets.subarray(at, end)), end };
    },
  };
}

/** A length octet and up to 255 octets (RFC 1035 3.3). */
export function characterString(what: string): RdataPart {
  return {
    what,
    takes: 'one',
    encode(type, [field]) {
      const string = readOctets(type, what, field!);
      if (string.length <= 255) return [string.length, ...string];
      throw new RdataError(type, `${what} has ${string.length} octets; shorten it to 255`, { field: field! });
    },
    format(octets, at) {
      const end = at + 1 + octets[at]!;
      return end <= octets.length ? { text: stringField(octets.subarray(at + 1, end)), end } : undefined;
    },
  };
}

/** Text without a length octet, to the end of the RDATA; never empty. */
export function textToEnd(what: string): RdataPart {
  return {
    what,
    takes: 'one',
    encode(type, [field]) {
      const octets = readOctets(type, what, field!);
      if (octets.length > 0) return octets;
      throw new RdataError(type, `${what} is empty; write one`, { field: field! });
    },
    format: (octets, at) =>
      at < octets.length ? { text: stringField(octets.subarray(at)), end: octets.length } : undefined,
  };
}

/** Octets in hexadecimal to the end of the RDATA, at least one; the digits may stand in several fields. */
export function hexToEnd(what: string): RdataPart {
  return {
    what,
    takes: 'one or more',
    encode(type, fields) {
      const digits = fields.map(({ text }) => text).join('');
      const wrong = fields.find(({ text }) => !/^[\da-f]+$/i.test(text));
      if (wrong === undefined && digits.length % 2 === 0) return Buffer.from(digits, 'hex');
      const problem =
        wrong === undefined ? `has an odd number of digits (${digits.length})` : `is ${shown(wrong)}`;
      throw new RdataError(type, `${what} ${problem}; write pairs of hexadecimal digits`, {
        field: wrong ?? fields[0]!,
      });
    },
    format: (octets, at) =>
      at < octets.length ? { text: hex(octets.subarray(at)), end: octets.length } : undefined,
  };
}

/** Octets in Base64 to the end of the RDATA, at least one; the text may stand in several fields. */
export function base64ToEnd(what: string): RdataPart {
  return {
    what,
    takes: 'one or more',
    encode(type, fields) {
      const octets = fromBase64(fields.map(({ text }) => text).join(''));
      if (octets !== undefined && octets.length > 0) return octets;
      throw new RdataError(type, `${what} is not Base64; write it in whole groups of four, padded with =`, {
        field: fields[0]!,
      });
    },
    format: (octets, at) =>
      at < octets.length
        ? { text: Buffer.from(octets.subarray(at)).toString('base64'), end: octets.length }
        : undefined,
  };
}

/** Undefined unless the text is the one Base64 form of its octets (RFC 4648 3.5). */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const octets = Buffer.from(text, 'base64');
  return octets.toString('base64') === text ? octets : undefined;
}

export function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
