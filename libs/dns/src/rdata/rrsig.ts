/**
 * RRSIG: a signature over a record set (RFC 4034 3). Times are seconds since 1970 modulo 2^32,
 * written YYYYMMDDHHmmSS; the years from 1970 to 2106 stand for all others.
 */
import { typeCode, typeName } from '../constants.ts';
import { RdataError } from '../errors.ts';
import { readUint16, readUint32 } from '../uint16.ts';
import { ALGORITHMS } from './mnemonics.ts';
import { base64ToEnd, bigEndian, name, number } from './parts.ts';
import { type RdataPart, rdataOfParts } from './rdata-of-parts.ts';
import { readNumber, shown } from './read-field.ts';
import type { Field } from './split-fields.ts';

const typeCovered: RdataPart = {
  what: 'type-covered',
  takes: 'one',
  encode(type, [field]) {
    const code = typeCode(field!.text);
    if (code !== undefined) return bigEndian(code, 2);
    throw new RdataError(type, `type-covered is ${shown(field!)}; write a record type like A`, {
      field: field!,
    });
  },
  format: (octets, at) =>
    at + 2 <= octets.length ? { text: typeName(readUint16(octets, at)), end: at + 2 } : undefined,
};

export const rrsig = rdataOfParts('RRSIG', [
  typeCovered,
  number('algorithm', 1, ALGORITHMS),
  number('labels', 1),
  number('original-ttl', 4),
  time('expiration'),
  time('inception'),
  number('key-tag', 2),
  name('signer'),
  base64ToEnd('signature'),
]);

function time(what: string): RdataPart {
  return {
    what,
    takes: 'one',
    encode: (type, [field]) => bigEndian(readTime(type, what, field!), 4),
    format(octets, at) {
      if (at + 4 > octets.length) return undefined;
      const date = new Date(readUint32(octets, at) * 1000);
      return { text: date.toISOString().replaceAll(/[-:T]|\..*/g, ''), end: at + 4 };
    },
  };
}

function readTime(type: string, what: string, field: Field): number {
  if (field.text.length !== 14) return readNumber(type, what, field, 0xffffffff);
  const iso = field.text.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/, '$1-$2-$3T$4:$5:$6.000Z');
  const date = new Date(iso);
  if (Number.isNaN(date.getTime()) || date.toISOString() !== iso || date.getTime() < 0) {
    throw new RdataError(type, `${what} is ${shown(field)}; write YYYYMMDDHHmmSS, a time from 1970 on`, {
      field,
    });
  }
  return (date.getTime() / 1000) % 2 ** 32;
}
