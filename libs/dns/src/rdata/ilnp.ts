/** NID, L32 and L64: node identifiers and locators of ILNP, each after a preference (RFC 6742 2.1 to 2.3). */
import { formatIpv4, parseIpv4 } from '../address.ts';
import { RdataError } from '../errors.ts';
import { readUint16 } from '../uint16.ts';
import { bigEndian, number } from './parts.ts';
import { type RdataPart, rdataOfParts } from './rdata-of-parts.ts';
import { shown } from './read-field.ts';

const GROUPS = 4;

/** 64 bits as four groups of up to four hexadecimal digits, never shortened by `::`. */
const groups: RdataPart = {
  what: 'value',
  takes: 'one',
  encode(type, [field]) {
    const words = field!.text.split(':');
    if (words.length === GROUPS && words.every((word) => /^[\da-f]{1,4}$/i.test(word))) {
      return words.flatMap((word) => bigEndian(Number.parseInt(word, 16), 2));
    }
    throw new RdataError(type, `value is ${shown(field!)}; write one like 0014:4fff:ff20:ee64`, {
      field: field!,
    });
  },
  format(octets, at) {
    const end = at + 2 * GROUPS;
    if (end > octets.length) return undefined;
    const words = Array.from({ length: GROUPS }, (_, i) => readUint16(octets, at + 2 * i));
    return { text: words.map((word) => word.toString(16).padStart(4, '0')).join(':'), end };
  },
};

const ipv4: RdataPart = {
  what: 'locator',
  takes: 'one',
  encode(type, [field]) {
    const octets = parseIpv4(field!.text);
    if (octets !== undefined) return octets;
    throw new RdataError(type, `locator is ${shown(field!)}; write one like 10.1.2.0`, { field: field! });
  },
  format: (octets, at) =>
    at + 4 <= octets.length ? { text: formatIpv4(octets, at), end: at + 4 } : undefined,
};

export const nid = rdataOfParts('NID', [number('preference', 2), groups]);
export const l64 = rdataOfParts('L64', [number('preference', 2), groups]);
export const l32 = rdataOfParts('L32', [number('preference', 2), ipv4]);
