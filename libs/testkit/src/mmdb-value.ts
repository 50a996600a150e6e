/**
 * Encodes one value of a MaxMind DB data section (binary format 2.0, "Data Section").
 *
 * Whole numbers from 0 become uint32 and other numbers double, unless wrapped: uint16(1), uint64(1),
 * double(51). Must not write pointers, bytes, int32, uint128 or float: no test needs them.
 */

export type MmdbValue =
  | string
  | number
  | boolean
  | Typed
  | readonly MmdbValue[]
  | { readonly [key: string]: MmdbValue };

const TYPE = { utf8: 2, double: 3, uint16: 5, uint32: 6, map: 7, uint64: 9, array: 11, boolean: 14 } as const;

/** A number whose type in the file is said, not guessed. */
class Typed {
  readonly type: 'double' | 'uint16' | 'uint64';
  readonly value: number;

  constructor(type: 'double' | 'uint16' | 'uint64', value: number) {
    this.type = type;
    this.value = value;
  }
}

export function double(value: number): Typed {
  return new Typed('double', value);
}

export function uint16(value: number): Typed {
  return new Typed('uint16', value);
}

export function uint64(value: number): Typed {
  return new Typed('uint64', value);
}

export function encodeMmdbValue(value: MmdbValue): Buffer {
  switch (typeof value) {
    case 'string': {
      const text = Buffer.from(value, 'utf8');
      return Buffer.concat([control(TYPE.utf8, text.length), text]);
    }
    case 'boolean':
      return control(TYPE.boolean, value ? 1 : 0); // the size is the value
    case 'number':
      return isUint32(value) ? encodeUnsigned(TYPE.uint32, value) : encodeDouble(value);
    default:
      return encodeComposite(value);
  }
}

function encodeComposite(value: Exclude<MmdbValue, string | number | boolean>): Buffer {
  if (value instanceof Typed) {
    return value.type === 'double'
      ? encodeDouble(value.value)
      : encodeUnsigned(TYPE[value.type], value.value);
  }
  if (isArray(value))
    return Buffer.concat([control(TYPE.array, value.length), ...value.map(encodeMmdbValue)]);
  const entries = Object.entries(value);
  return Buffer.concat([control(TYPE.map, entries.length), ...entries.flat().map(encodeMmdbValue)]);
}

/** Array.isArray does not narrow a readonly array. */
function isArray(value: MmdbValue): value is readonly MmdbValue[] {
  return Array.isArray(value);
}

function isUint32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < 2 ** 32 && !Object.is(value, -0);
}

function encodeDouble(value: number): Buffer {
  const octets = Buffer.alloc(8);
  octets.writeDoubleBE(value);
  return Buffer.concat([control(TYPE.double, 8), octets]);
}

/** As few octets as hold it: 0 takes none. */
function encodeUnsigned(type: number, value: number): Buffer {
  const hex = value === 0 ? '' : value.toString(16);
  const octets = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([control(type, octets.length), octets]);
}

/** Type and size: three and five bits, types above 7 in a second octet, sizes from 29 in further ones. */
function control(type: number, size: number): Buffer {
  const extended = type > 7;
  const { short, rest } = splitSize(size);
  return Buffer.from([((extended ? 0 : type) << 5) | short, ...(extended ? [type - 7] : []), ...rest]);
}

function splitSize(size: number): { readonly short: number; readonly rest: readonly number[] } {
  if (size < 29) return { short: size, rest: [] };
  if (size < 285) return { short: 29, rest: [size - 29] };
  if (size < 65_821) return { short: 30, rest: [(size - 285) >> 8, (size - 285) & 0xff] };
  const above = size - 65_821;
  if (above >= 2 ** 24) throw new RangeError(`a value of ${size} octets or members is too large`);
  return { short: 31, rest: [above >> 16, (above >> 8) & 0xff, above & 0xff] };
}
