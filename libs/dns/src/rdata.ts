/**
 * RDATA between text and wire form, for every type: those with a file in `rdata/`
 * in their own words, all others as octets (RFC 3597). Cold path; works on one
 * record's RDATA alone.
 */
import { RRType, typeName } from './constants.ts';
import { RdataError } from './errors.ts';
import { RDATA_FORMATS } from './rdata/formats.ts';
import { encodeGeneric, formatGeneric, isGeneric } from './rdata/generic.ts';
import { type Field, splitFields } from './rdata/split-fields.ts';
import type { CasedName } from './wire-name.ts';

/**
 * Wire form of `text`, names uncompressed. Names are relative to `origin`; without one they must be absolute,
 * with their final dot.
 * Throws RdataError, whose message says what is wrong and what to write instead.
 */
export function encodeRdata(type: number, text: string, origin?: CasedName): Uint8Array {
  const mayAdjoin = type === RRType.SVCB || type === RRType.HTTPS;
  return encodeRdataFields(type, splitFields(typeName(type), text, mayAdjoin), origin);
}

/** As `encodeRdata`, of text that is cut into fields already. An error names the field it is about, if it is one. */
export function encodeRdataFields(type: number, fields: readonly Field[], origin?: CasedName): Uint8Array {
  const name = typeName(type);
  const format = RDATA_FORMATS.get(type);
  if (isGeneric(fields)) {
    const octets = encodeGeneric(name, fields);
    if (format === undefined || format.format(octets) !== undefined) return octets;
    throw new RdataError(
      name,
      `the octets after \\# are not ${name} data; write the data in ${name}'s own form`,
    );
  }
  if (format !== undefined) return format.encode(fields, origin);
  throw new RdataError(
    name,
    'this type has no text form here; write its octets as \\# LENGTH HEX (RFC 3597)',
  );
}

/** Text that `encodeRdata` reads back to the same octets; malformed RDATA and unknown types as `\# LENGTH HEX`. */
export function formatRdata(type: number, octets: Uint8Array): string {
  return RDATA_FORMATS.get(type)?.format(octets) ?? formatGeneric(octets);
}
