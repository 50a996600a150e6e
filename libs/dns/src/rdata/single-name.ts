/** The shape that CNAME, NS, PTR and DNAME share: RDATA that is one name and nothing else. */
import { endOfName } from '../wire-name.ts';
import type { RdataFormat } from './rdata-format.ts';
import { expectFields, readName } from './read-field.ts';
import { nameField } from './write-field.ts';

export function singleName(type: string): RdataFormat {
  return {
    encode(fields, origin) {
      expectFields(type, fields, 'name');
      return readName(type, 'name', fields[0]!, origin);
    },

    format: (octets) =>
      endOfName(octets, 0, octets.length) === octets.length ? nameField(octets) : undefined,
  };
}
