/**
 * RDATA in the form in which two records are compared: the names of the types of
 * RFC 4034 6.2 in lower case. All other octets stand as they are. Reads RDATA that
 * was checked before; of malformed RDATA it only promises not to throw.
 */
import { RRType } from '../constants.ts';
import { endOfName, LOWER_CASE } from '../wire-name.ts';

/** How many octets stand before the names, and how many names follow. */
const NAMES: ReadonlyMap<number, readonly [skip: number, names: number]> = new Map([
  [RRType.NS, [0, 1]],
  [RRType.CNAME, [0, 1]],
  [RRType.DNAME, [0, 1]],
  [RRType.PTR, [0, 1]],
  [RRType.MB, [0, 1]],
  [RRType.MG, [0, 1]],
  [RRType.MR, [0, 1]],
  [RRType.SOA, [0, 2]],
  [RRType.MINFO, [0, 2]],
  [RRType.RP, [0, 2]],
  [RRType.MX, [2, 1]],
  [RRType.AFSDB, [2, 1]],
  [RRType.RT, [2, 1]],
  [RRType.KX, [2, 1]],
  [RRType.PX, [2, 2]],
  [RRType.SRV, [6, 1]],
  [RRType.RRSIG, [18, 1]],
]);

export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  const [skip, names] = type === RRType.NAPTR ? [afterStrings(rdata, 4, 3), 1] : (NAMES.get(type) ?? [0, 0]);
  if (names === 0) return rdata;
  let end = skip;
  for (let i = 0; i < names && end >= 0; i += 1) end = endOfName(rdata, end, rdata.length);
  if (end < 0) return rdata;
  return rdata.map((octet, i) => (i >= skip && i < end ? LOWER_CASE[octet]! : octet));
}

function afterStrings(octets: Uint8Array, start: number, count: number): number {
  let at = start;
  for (let i = 0; i < count; i += 1) at += 1 + (octets[at] ?? 0);
  return at;
}
