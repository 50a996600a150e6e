/**
 * The bundled database in the layout that gdnsd, Knot and PowerDNS read: `continent.code` and `country.iso_code`.
 * Continents are ours, so that all servers are asked the same.
 */
import { addressText } from '@signpost/geo/address-text';
import { type MmdbNetwork, writeMmdb } from '@signpost/testkit/write-mmdb';

import type { CountryPrefix } from './country-prefixes.ts';

export function geoip2Database(prefixes: readonly CountryPrefix[]): Buffer {
  const networks = prefixes.map(({ octets, length, country, continent }): MmdbNetwork => {
    const record = { continent: { code: continent }, country: { iso_code: country } };
    return { prefix: `${addressText(octets)}/${length}`, record };
  });
  return writeMmdb(networks, { ipVersion: 6, databaseType: 'GeoLite2-Country' });
}
