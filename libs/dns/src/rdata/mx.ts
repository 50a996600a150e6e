/** MX: a mail exchange and its preference (RFC 1035 3.3.9); `0 .` means no mail (RFC 7505). */
import { readUint16 } from '../uint16.ts';
import { endOfName } from '../wire-name.ts';
import type { RdataFormat } from './rdata-format.ts';
import { expectFields, readName, readNumber } from './read-field.ts';
import { nameField } from './write-field.ts';

export const mx: RdataFormat = {
  encode(fields, origin) {
    expectFields('MX', fields, 'preference exchange');
    const preference = readNumber('MX', 'preference', fields[0]!, 0xffff);
    return Uint8Array.from([
      preference >> 8,
      preference & 0xff,
      ...readName('MX', 'exchange', fields[1]!, origin),
    ]);
  },

  format(octets) {
    if (endOfName(octets, 2, octets.length) !== octets.length) return undefined;
    return `${readUint16(octets, 0)} ${nameField(octets.subarray(2))}`;
  },
};
