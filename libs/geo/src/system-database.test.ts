import assert from 'node:assert/strict';
import { test } from 'node:test';

import { UNKNOWN_SYSTEM, unknownSystem } from '@signpost/contracts/place';
import { parseAddress } from '@signpost/testkit/parse-prefix';
import { writeMmdb, type MmdbNetwork, type MmdbOptions } from '@signpost/testkit/write-mmdb';

import { GeoDatabaseError } from './errors.ts';
import { openGeoDatabase, openSystemDatabase, type SystemDatabase } from './mmdb-file.ts';
import { systemRecords } from './read-system.ts';

const GOOGLE = { autonomous_system_number: 15_169, autonomous_system_organization: 'GOOGLE' };
const NETWORKS: readonly MmdbNetwork[] = [
  { prefix: '8.8.8.0/24', record: GOOGLE },
  { prefix: '8.8.4.0/24', record: GOOGLE },
  { prefix: '2001:4860::/32', record: GOOGLE },
  { prefix: '131.0.0.0/16', record: { autonomous_system_number: 4_200_000_000 } },
];

function database(networks = NETWORKS, options: MmdbOptions = { ipVersion: 6 }): SystemDatabase {
  return openSystemDatabase(writeMmdb(networks, options), 'asn.mmdb');
}

test('a client is in the system that announces its network, by the bits that took', () => {
  const systems = database(NETWORKS, { ipVersion: 6, databaseType: 'GeoLite2-ASN' });
  const at = (address: string) => systems.lookup(parseAddress(address));
  assert.deepEqual(at('8.8.8.8'), { asn: 15_169, prefixLength: 24 });
  assert.deepEqual(at('2001:4860:4860::8888'), { asn: 15_169, prefixLength: 32 });
  assert.deepEqual(at('::ffff:8.8.8.8'), { asn: 15_169, prefixLength: 120 });
  assert.equal(at('131.0.0.1').asn, 4_200_000_000, 'numbers of 32 bits (RFC 6793)');
  assert.equal(at('8.8.9.1'), unknownSystem(24));
  assert.equal(systems.metadata.recordShape, 'number');
  assert.equal(systems.metadata.databaseType, 'GeoLite2-ASN');
});

test('a system looked up again is the same frozen object', () => {
  const systems = database();
  const first = systems.lookup(parseAddress('8.8.8.8'));
  assert.ok(Object.isFrozen(first));
  assert.equal(systems.lookup(parseAddress('8.8.8.9')), first);
  assert.equal(systems.lookup(parseAddress('8.8.4.4')), first);
});

test('a database for IPv4 alone knows nothing of IPv6 clients', () => {
  const systems = database([{ prefix: '42.0.0.0/8', record: { asn: 4_134 } }], { ipVersion: 4 });
  assert.deepEqual(systems.lookup(parseAddress('42.0.0.1')), { asn: 4_134, prefixLength: 8 });
  assert.equal(systems.lookup(parseAddress('2a00:1450::1')), UNKNOWN_SYSTEM);
  assert.equal(systems.metadata.recordShape, 'short');
});

test('numbers are read in every form that databases write, and nothing else is a number', () => {
  const asnOf = (record: unknown): number => systemRecords.read(record, 8).asn;
  assert.equal(asnOf({ autonomous_system_number: 64_512 }), 64_512);
  assert.equal(asnOf({ asn: 64_512 }), 64_512);
  assert.equal(asnOf({ asn: 'AS64512', country_code: 'DE' }), 64_512);
  assert.equal(asnOf({ asn: '64512' }), 64_512);
  for (const asn of [0, -1, 1.5, 4_294_967_296, '', 'AS', 'AS99999999999', 'GOOGLE', null, {}]) {
    assert.equal(systemRecords.read({ asn }, 8), unknownSystem(8), JSON.stringify(asn));
  }
  for (const record of [null, 7, [], {}]) assert.equal(asnOf(record), 0);
});

test('a database of another kind is refused by either, with the remedy for what was asked', () => {
  const country = writeMmdb([{ prefix: '8.0.0.0/8', record: { country_code: 'US' } }], { ipVersion: 4 });
  const system = writeMmdb(NETWORKS, { ipVersion: 6 });
  assert.throws(
    () => openSystemDatabase(country, '/data/asn.mmdb'),
    (error) =>
      error instanceof GeoDatabaseError &&
      error.code === 'SIGNPOST_GEO_UNSUPPORTED' &&
      /^ASN database \/data\/asn\.mmdb: it says nothing of autonomous systems .*GeoLite2-ASN/.test(
        error.message,
      ),
  );
  assert.throws(
    () => openGeoDatabase(system, '/data/geo.mmdb'),
    /^GeoDatabaseError: geo database \/data\/geo\.mmdb: it says nothing of countries/,
  );
  assert.throws(() => openSystemDatabase(new Uint8Array(0), 'asn.mmdb'), { code: 'SIGNPOST_GEO_EMPTY' });
});

test('one file with both kinds of facts serves as either', () => {
  const both = writeMmdb([{ prefix: '8.8.8.0/24', record: { country_code: 'US', asn: 'AS15169' } }], {
    ipVersion: 6,
  });
  const address = parseAddress('8.8.8.8');
  assert.equal(openGeoDatabase(both, 'lite.mmdb').lookup(address).country, 'US');
  assert.equal(openSystemDatabase(both, 'lite.mmdb').lookup(address).asn, 15_169);
});
