/** SRV: where a service is found (RFC 2782); the target is never compressed. `.` as target means: not offered. */
import { readUint16, writeUint16 } from '../uint16.ts';
import { endOfName } from '../wire-name.ts';
import type { RdataFormat } from './rdata-format.ts';
import { expectFields, readName, readNumber } from './read-field.ts';
import { nameField } from './write-field.ts';

const NUMBERS = ['priority', 'weight', 'port'];

export const srv: RdataFormat = {
  encode(fields, origin) {
    expectFields('SRV', fields, 'priority weight port target');
    const target = readName('SRV', 'target', fields[3]!, origin);
    const octets = new Uint8Array(6 + target.length);
    for (const [i, what] of NUMBERS.entries()) {
      writeUint16(octets, 2 * i, readNumber('SRV', what, fields[i]!, 0xffff));
    }
    octets.set(target, 6);
    return octets;
  },

  format(octets) {
    if (endOfName(octets, 6, octets.length) !== octets.length) return undefined;
    return [0, 2, 4].map((at) => readUint16(octets, at)).join(' ') + ` ${nameField(octets.subarray(6))}`;
  },
};
