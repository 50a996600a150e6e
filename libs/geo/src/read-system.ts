/**
 * Reads which autonomous system a database says announces a network, in either form that databases come in.
 *
 *     number  GeoLite2-ASN, GeoIP2-ISP, ip-location-db   { autonomous_system_number: 15169, ... }
 *     short   IPinfo and others                          { asn: 15169 } or { asn: 'AS15169' }
 *
 * Pure; trusts nothing about the record.
 */
import { type ClientSystem, unknownSystem } from '@signpost/contracts/place';

import { field } from './record-field.ts';
import type { RecordKind } from './record-kind.ts';

export const systemRecords: RecordKind<ClientSystem> = {
  name: 'ASN',
  subject: 'autonomous systems',
  remedy: 'Use a database of autonomous systems: GeoLite2-ASN, GeoIP2-ISP, or one whose records have asn.',
  shapeOf: (record) => {
    if (typeof field(record, 'autonomous_system_number') === 'number') return 'number';
    return asnOf(field(record, 'asn')) === 0 ? undefined : 'short';
  },
  read: (record, prefixLength) => {
    const asn = asnOf(field(record, 'autonomous_system_number') ?? field(record, 'asn'));
    return asn === 0 ? unknownSystem(prefixLength) : { asn, prefixLength };
  },
  keyOf: ({ asn, prefixLength }) => `${asn},${prefixLength}`,
  nothing: unknownSystem,
};

/** 0, which RFC 7607 reserves, when it is no number of a system. */
function asnOf(value: unknown): number {
  const asn =
    typeof value === 'string' && /^(AS)?\d{1,10}$/.test(value) ? Number(value.replace('AS', '')) : value;
  return typeof asn === 'number' && Number.isInteger(asn) && asn > 0 && asn <= 4_294_967_295 ? asn : 0;
}
