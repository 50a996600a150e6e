/**
 * TXT: one or more character strings of up to 255 octets (RFC 1035 3.3.14).
 * A longer text is several strings; how to cut it is its writer's choice.
 */
import { RdataError } from '../errors.ts';
import type { RdataFormat } from './rdata-format.ts';
import { readOctets } from './read-field.ts';
import { stringField } from './write-field.ts';

export const txt: RdataFormat = {
  encode(fields) {
    if (fields.length === 0) throw new RdataError('TXT', 'there is no string; write "" for an empty one');
    const octets = fields.flatMap((field) => {
      const string = readOctets('TXT', 'string', field);
      if (string.length <= 255) return [string.length, ...string];
      throw new RdataError(
        'TXT',
        `a string has ${string.length} octets; cut it into strings of at most 255, each in quotes`,
        { field },
      );
    });
    if (octets.length <= 0xffff) return Uint8Array.from(octets);
    throw new RdataError('TXT', `the strings take ${octets.length} octets; keep them below 65536`);
  },

  format(octets) {
    const strings: string[] = [];
    let at = 0;
    while (at < octets.length) {
      const end = at + 1 + octets[at]!;
      if (end > octets.length) return undefined;
      strings.push(stringField(octets.subarray(at + 1, end)));
      at = end;
    }
    return strings.length === 0 ? undefined : strings.join(' ');
  },
};
