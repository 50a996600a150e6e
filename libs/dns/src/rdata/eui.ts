/** EUI48 and EUI64: link-layer addresses as pairs of hexadecimal digits with hyphens (RFC 7043). */
import { RdataError } from '../errors.ts';
import type { RdataFormat } from './rdata-format.ts';
import { expectFields, shown } from './read-field.ts';

export const eui48 = hyphenated('EUI48', 6);
export const eui64 = hyphenated('EUI64', 8);

function hyphenated(type: string, size: number): RdataFormat {
  return {
    encode(fields) {
      expectFields(type, fields, 'address');
      const pairs = fields[0]!.text.split('-');
      if (pairs.length === size && pairs.every((pair) => /^[\da-f]{2}$/i.test(pair))) {
        return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
      }
      const example = Array.from({ length: size }, () => '00').join('-');
      throw new RdataError(type, `address is ${shown(fields[0]!)}; write one like ${example}`, {
        field: fields[0]!,
      });
    },
    format: (octets) =>
      octets.length === size
        ? Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('-')
        : undefined,
  };
}
