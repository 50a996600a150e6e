/**
 * Types that are a fixed number of character strings: HINFO (RFC 1035 3.3.2; RFC 8482 for ANY), X25 (RFC 1183 3.1),
 * GPOS (RFC 1712). ISDN's second string may be left out (RFC 1183 3.2).
 */
import { RdataError } from '../errors.ts';
import { characterString } from './parts.ts';
import type { RdataFormat } from './rdata-format.ts';
import { rdataOfParts } from './rdata-of-parts.ts';
import { txt } from './txt.ts';

export const hinfo = rdataOfParts('HINFO', [characterString('cpu'), characterString('os')]);
export const x25 = rdataOfParts('X25', [characterString('address')]);
export const gpos = rdataOfParts('GPOS', [
  characterString('longitude'),
  characterString('latitude'),
  characterString('altitude'),
]);

const MOST_ISDN_STRINGS = 2;

export const isdn: RdataFormat = {
  encode(fields) {
    if (fields.length <= MOST_ISDN_STRINGS) return txt.encode(fields);
    throw new RdataError('ISDN', `expected "address subaddress", got ${fields.length} field(s)`);
  },

  format(octets) {
    const subaddressAt = 1 + (octets[0] ?? 0);
    const end = subaddressAt + 1 + (octets[subaddressAt] ?? -1);
    return end === octets.length ? txt.format(octets) : undefined;
  },
};
