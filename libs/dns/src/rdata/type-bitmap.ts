/**
 * The set of record types that NSEC, NSEC3 and CSYNC carry (RFC 4034 4.1.2): windows of
 * 256 types, each with its number, its length of 1 to 32 octets and a bit per type.
 *
 *   | WINDOW | LENGTH | BITS: type 256*WINDOW is the highest bit of the first octet | next window ...
 */
import { typeCode, typeName } from '../constants.ts';
import { RdataError } from '../errors.ts';
import type { RdataPart } from './rdata-of-parts.ts';
import { shown } from './read-field.ts';
import type { Field } from './split-fields.ts';

/** `mayBeEmpty` as at NSEC3, where an empty non-terminal has no types. */
export function typeBitmap(mayBeEmpty: boolean): RdataPart {
  return {
    what: 'types',
    takes: mayBeEmpty ? 'any number' : 'one or more',
    encode: (type, fields) => encodeTypes(fields.map((field) => readType(type, field))),
    format(octets, at) {
      const types = typesOf(octets.subarray(at));
      if (types === undefined || (types.length === 0 && !mayBeEmpty)) return undefined;
      return { text: types.map(typeName).join(' '), end: octets.length };
    },
  };
}

function readType(type: string, field: Field): number {
  const code = typeCode(field.text);
  if (code !== undefined && code > 0) return code;
  throw new RdataError(type, `${shown(field)} is no record type; write one like A or TYPE65280`, { field });
}

function encodeTypes(types: readonly number[]): number[] {
  const windows = new Map<number, number[]>();
  for (const code of types.toSorted((a, b) => a - b)) {
    const bits = windows.get(code >> 8) ?? [];
    const index = (code & 0xff) >> 3;
    while (bits.length <= index) bits.push(0);
    bits[index]! |= 0x80 >> (code & 7);
    windows.set(code >> 8, bits);
  }
  return [...windows].flatMap(([window, bits]) => [window, bits.length, ...bits]);
}

/** Undefined when the windows are out of order or a length is not the shortest. */
function typesOf(octets: Uint8Array): number[] | undefined {
  const types: number[] = [];
  let lastWindow = -1;
  for (let at = 0; at < octets.length;) {
    const window = octets[at]!;
    const size = octets[at + 1] ?? 0;
    const end = at + 2 + size;
    const wellFormed = window > lastWindow && size >= 1 && size <= 32 && end <= octets.length;
    if (!wellFormed || octets[end - 1] === 0) return undefined;
    for (let bit = 0; bit < size * 8; bit += 1) {
      if ((octets[at + 2 + (bit >> 3)]! & (0x80 >> (bit & 7))) !== 0) types.push(window * 256 + bit);
    }
    lastWindow = window;
    at = end;
  }
  return types[0] === 0 ? undefined : types;
}
