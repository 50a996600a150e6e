/**
 * The records of a zone by name, as the checks of a zone look at them. Only the shape and
 * the key; what is right stands in `check-zone.ts`.
 */
import type { WireName } from '../wire-name.ts';
import type { ZoneRecord } from './zone-record.ts';

/** All records of one name, in the order given. */
export interface ZoneNode {
  readonly name: WireName;
  readonly records: ZoneRecord[];
}

/** Octets as the key of a map: one character for each. */
export function keyOf(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('latin1');
}
