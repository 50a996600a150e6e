/** A: one IPv4 address (RFC 1035 3.4.1). */
import { formatIpv4, parseIpv4 } from '../address.ts';
import { RdataError } from '../errors.ts';
import type { RdataFormat } from './rdata-format.ts';
import { expectFields } from './read-field.ts';

export const a: RdataFormat = {
  encode(fields) {
    expectFields('A', fields, 'address');
    const octets = parseIpv4(fields[0]!.text);
    if (octets !== undefined) return octets;
    throw new RdataError('A', `"${fields[0]!.text}" is not an IPv4 address; write one like 192.0.2.1`, {
      field: fields[0]!,
    });
  },

  format: (octets) => (octets.length === 4 ? formatIpv4(octets) : undefined),
};
