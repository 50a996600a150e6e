/**
 * CAA: which authority may issue certificates (RFC 8659 4.1).
 *
 *   | FLAGS | TAG LENGTH | TAG: ASCII letters and digits | VALUE: all that is left |
 */
import { RdataError } from '../errors.ts';
import type { RdataFormat } from './rdata-format.ts';
import { expectFields, readNumber, readOctets } from './read-field.ts';
import { stringField } from './write-field.ts';

const TAG = /^[a-z0-9]{1,255}$/i;

export const caa: RdataFormat = {
  encode(fields) {
    expectFields('CAA', fields, 'flags tag value');
    const flags = readNumber('CAA', 'flags', fields[0]!, 255);
    const tag = fields[1]!.text;
    if (!TAG.test(tag)) {
      throw new RdataError(
        'CAA',
        `the tag is "${tag}"; write one of letters and digits, such as issue, issuewild or iodef`,
        { field: fields[1]! },
      );
    }
    const value = readOctets('CAA', 'value', fields[2]!);
    return Uint8Array.from([flags, tag.length, ...new TextEncoder().encode(tag), ...value]);
  },

  format(octets) {
    const tagEnd = 2 + (octets[1] ?? 0);
    const tag = String.fromCharCode(...octets.subarray(2, tagEnd));
    if (octets.length < tagEnd || !TAG.test(tag)) return undefined;
    return `${octets[0]} ${tag} ${stringField(octets.subarray(tagEnd))}`;
  },
};
