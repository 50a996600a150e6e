/**
 * SOA: the start of a zone of authority (RFC 1035 3.3.13). MINIMUM is the TTL of
 * denials (RFC 2308 4).
 *
 *   | MNAME | RNAME | SERIAL | REFRESH | RETRY | EXPIRE | MINIMUM |   the last five 32 bits each
 */
import { readUint32, writeUint32 } from '../uint16.ts';
import { endOfName } from '../wire-name.ts';
import type { RdataFormat } from './rdata-format.ts';
import { expectFields, readName, readNumber, readSeconds } from './read-field.ts';
import { nameField } from './write-field.ts';

const TIMES = ['refresh', 'retry', 'expire', 'minimum'];

export const soa: RdataFormat = {
  encode(fields, origin) {
    expectFields('SOA', fields, 'mname rname serial refresh retry expire minimum');
    const mname = readName('SOA', 'mname', fields[0]!, origin);
    const rname = readName('SOA', 'rname', fields[1]!, origin);
    const serial = readNumber('SOA', 'serial', fields[2]!, 0xffffffff);
    const times = TIMES.map((what, i) => readSeconds('SOA', what, fields[3 + i]!));
    const octets = new Uint8Array(mname.length + rname.length + 20);
    octets.set(mname);
    octets.set(rname, mname.length);
    const numbersAt = mname.length + rname.length;
    for (const [i, value] of [serial, ...times].entries()) writeUint32(octets, numbersAt + 4 * i, value);
    return octets;
  },

  format(octets) {
    const rname = endOfName(octets, 0, octets.length);
    const numbers = rname < 0 ? -1 : endOfName(octets, rname, octets.length);
    if (numbers < 0 || numbers + 20 !== octets.length) return undefined;
    const names = [nameField(octets.subarray(0, rname)), nameField(octets.subarray(rname, numbers))];
    return [...names, ...[0, 4, 8, 12, 16].map((at) => readUint32(octets, numbers + at))].join(' ');
  },
};
