/** AAAA: one IPv6 address (RFC 3596 2.2). */
import { formatIpv6, parseIpv6 } from '../address.ts';
import { RdataError } from '../errors.ts';
import type { RdataFormat } from './rdata-format.ts';
import { expectFields } from './read-field.ts';

export const aaaa: RdataFormat = {
  encode(fields) {
    expectFields('AAAA', fields, 'address');
    const octets = parseIpv6(fields[0]!.text);
    if (octets !== undefined) return octets;
    throw new RdataError('AAAA', `"${fields[0]!.text}" is not an IPv6 address; write one like 2001:db8::1`, {
      field: fields[0]!,
    });
  },

  format: (octets) => (octets.length === 16 ? formatIpv6(octets) : undefined),
};
