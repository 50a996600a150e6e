/** NSAP: an OSI address as 0x and pairs of hexadecimal digits, dots between them as one likes (RFC 1706 5 and 7). */
import { RdataError } from '../errors.ts';
import { hex } from './parts.ts';
import type { RdataFormat } from './rdata-format.ts';
import { expectFields, shown } from './read-field.ts';

export const nsap: RdataFormat = {
  encode(fields) {
    expectFields('NSAP', fields, 'address');
    const digits = fields[0]!.text.replaceAll('.', '');
    if (/^0x([\da-f]{2})+$/i.test(digits)) return Buffer.from(digits.slice(2), 'hex');
    throw new RdataError(
      'NSAP',
      `address is ${shown(fields[0]!)}; write 0x and pairs of hexadecimal digits`,
      {
        field: fields[0]!,
      },
    );
  },

  format: (octets) => (octets.length === 0 ? undefined : `0x${hex(octets)}`),
};
