/** For tests only: who is where, in which network, and how far from targets; and rules flattened over that. */
import { countryKey, encodeLatencies } from '@signpost/contracts/stored-latencies';
import { openGeoDatabase, openSystemDatabase } from '@signpost/geo/mmdb-file';
import { decidingKey, type DecidingPart } from '@signpost/policy/client-rules';
import { type ClientTable, type Flattened, NOT_FLATTENED } from '@signpost/policy/client-table';
import { double } from '@signpost/testkit/mmdb-value';
import { writeMmdb } from '@signpost/testkit/write-mmdb';

import { builtTable } from './built-table.ts';

const LONDON = {
  continent: { code: 'EU' },
  country: { iso_code: 'GB' },
  location: { latitude: 51.5, longitude: double(-0.13) },
};
const TOKYO = { continent: { code: 'AS' }, country: { iso_code: 'JP' } };
export const PLACES = openGeoDatabase(
  writeMmdb(
    [
      { prefix: '81.0.0.0/12', record: LONDON },
      { prefix: '9.9.0.0/20', record: TOKYO },
      { prefix: '2a02::/20', record: LONDON },
    ],
    { ipVersion: 6 },
  ),
  'city.mmdb',
);

export const SYSTEMS = openSystemDatabase(
  writeMmdb([{ prefix: '9.9.9.0/24', record: { autonomous_system_number: 64_500 } }], { ipVersion: 6 }),
  'asn.mmdb',
);

/** As stored, of `target-0` and `target-1`. */
export const ROUND_TRIPS = encodeLatencies({
  atMs: 1,
  targets: ['target-0', 'target-1'],
  ipv4: Uint32Array.of(0x510245, 0x510300),
  ipv6: new Float64Array(),
  systems: Uint32Array.of(64_500),
  countries: Uint32Array.of(countryKey('GB')),
  tenths: Uint16Array.of(900, 20, 3, 400, 341, 123, 555, 444),
});

/** Rules are few among generated zones, so each table is built once. */
const built = new Map<string, ClientTable>();

export function flattened(part: DecidingPart): Flattened {
  const key = decidingKey(part);
  if (key === undefined) return NOT_FLATTENED;
  const table =
    built.get(key) ?? builtTable(part, { places: PLACES.networks(), systems: SYSTEMS.networks() });
  built.set(key, table);
  return { table };
}
