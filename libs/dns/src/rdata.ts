/**
 * RDATA between text and wire form, for every type: those with a file in `rdata/`
 * in their own words, all others as octets (RFC 3597). Cold path; works on one
 * record's RDATA alone and knows no origin.
 */
import { RRType, typeName } from './constants.ts';
import { RdataError } from './errors.ts';
import { a } from './rdata/a.ts';
import { aaaa } from './rdata/aaaa.ts';
import { caa } from './rdata/caa.ts';
import { cname } from './rdata/cname.ts';
import { dname } from './rdata/dname.ts';
import { encodeGeneric, formatGeneric, isGeneric } from './rdata/generic.ts';
import { mx } from './rdata/mx.ts';
import { ns } from './rdata/ns.ts';
import { ptr } from './rdata/ptr.ts';
import type { RdataFormat } from './rdata/rdata-format.ts';
import { soa } from './rdata/soa.ts';
import { splitFields } from './rdata/split-fields.ts';
import { srv } from './rdata/srv.ts';
import { txt } from './rdata/txt.ts';

const FORMATS: ReadonlyMap<number, RdataFormat> = new Map([
  [RRType.A, a],
  [RRType.AAAA, aaaa],
  [RRType.CAA, caa],
  [RRType.CNAME, cname],
  [RRType.DNAME, dname],
  [RRType.MX, mx],
  [RRType.NS, ns],
  [RRType.PTR, ptr],
  [RRType.SOA, soa],
  [RRType.SPF, txt],
  [RRType.SRV, srv],
  [RRType.TXT, txt],
]);

/**
 * Wire form of `text`, names uncompressed. Names must be absolute, with their final dot.
 * Throws RdataError, whose message says what is wrong and what to write instead.
 */
export function encodeRdata(type: number, text: string): Uint8Array {
  const name = typeName(type);
  const fields = splitFields(name, text);
  const format = FORMATS.get(type);
  if (isGeneric(fields)) {
    const octets = encodeGeneric(name, fields);
    if (format === undefined || format.format(octets) !== undefined) return octets;
    throw new RdataError(
      name,
      `the octets after \\# are not ${name} data; write the data in ${name}'s own form`,
    );
  }
  if (format !== undefined) return format.encode(fields);
  throw new RdataError(
    name,
    'this type has no text form here; write its octets as \\# LENGTH HEX (RFC 3597)',
  );
}

/** Text that `encodeRdata` reads back to the same octets; malformed RDATA and unknown types as `\# LENGTH HEX`. */
export function formatRdata(type: number, octets: Uint8Array): string {
  return FORMATS.get(type)?.format(octets) ?? formatGeneric(octets);
}
