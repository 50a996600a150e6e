import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NOWHERE, nowhere, type Place } from '@signpost/contracts/place';
import { double } from '@signpost/testkit/mmdb-value';
import { parseAddress } from '@signpost/testkit/parse-prefix';
import { writeMmdb, type MmdbNetwork, type MmdbOptions } from '@signpost/testkit/write-mmdb';
import * as fc from 'fast-check';
import { Reader, type Response } from 'maxmind';

import { addressText } from './address-text.ts';
import { GeoDatabaseError, type GeoErrorCode } from './errors.ts';
import { geoAgeSeconds, type GeoDatabase, openGeoDatabase } from './mmdb-file.ts';
import { placeRecords } from './read-place.ts';

const LONDON = {
  continent: { code: 'EU', geoname_id: 6_255_148 },
  country: { iso_code: 'GB', names: { en: 'United Kingdom' } },
  registered_country: { iso_code: 'US' },
  subdivisions: [{ iso_code: 'ENG' }, { iso_code: 'LND' }],
  location: { latitude: 51.5, longitude: double(0), accuracy_radius: 10 },
};
const NETWORKS: readonly MmdbNetwork[] = [
  { prefix: '81.2.69.0/24', record: LONDON },
  { prefix: '81.2.70.0/24', record: LONDON },
  { prefix: '2a02:c7c::/32', record: LONDON },
];

function database(networks: readonly MmdbNetwork[], options: MmdbOptions = { ipVersion: 6 }): GeoDatabase {
  return openGeoDatabase(writeMmdb(networks, options), 'test.mmdb');
}

function at(geo: GeoDatabase, address: string): Place {
  return geo.lookup(parseAddress(address));
}

test('a GeoIP2 record gives continent, country, largest subdivision, location and prefix length', () => {
  const geo = database(NETWORKS, {
    ipVersion: 6,
    databaseType: 'GeoIP2-City',
    buildEpochSeconds: 1_750_000_000,
  });
  assert.deepEqual(at(geo, '81.2.69.160'), {
    continent: 'EU',
    country: 'GB',
    subdivision: 'ENG',
    location: { latitude: 51.5, longitude: 0 },
    prefixLength: 24,
  });
  assert.equal(at(geo, '2a02:c7c:1::1').prefixLength, 32);
  assert.deepEqual(geo.metadata, {
    databaseType: 'GeoIP2-City',
    builtAtMs: 1_750_000_000_000,
    ipVersion: 6,
    recordShape: 'nested',
  });
  assert.equal(geoAgeSeconds(geo, 1_750_000_060_000), 60);
});

test('a flat record gives the country, and the continent and location from our own tables', () => {
  const geo = database([{ prefix: '133.11.0.0/16', record: { country_code: 'JP' } }], { ipVersion: 4 });
  assert.deepEqual(at(geo, '133.11.1.1'), {
    continent: 'AS',
    country: 'JP',
    subdivision: '',
    location: { latitude: 35.7, longitude: 139.7 },
    prefixLength: 16,
  });
  assert.equal(geo.metadata.recordShape, 'flat');
});

test('a look-up that finds nothing says how many bits that took', () => {
  const geo = database(NETWORKS);
  assert.equal(at(geo, '81.2.68.1'), nowhere(24));
  assert.equal(at(geo, '192.0.2.1'), nowhere(1));
  assert.equal(at(geo, '2a02:c7d::1'), nowhere(32));
});

test('equal records share one frozen place', () => {
  const geo = database(NETWORKS);
  assert.equal(at(geo, '81.2.69.1'), at(geo, '81.2.69.2'));
  assert.equal(at(geo, '81.2.69.1'), at(geo, '81.2.70.1'));
  assert.ok(Object.isFrozen(at(geo, '81.2.69.1')));
});

test('a database for IPv4 alone knows nothing of IPv6 clients, where the reader would name a wrong country', () => {
  const file = writeMmdb([{ prefix: '42.0.0.0/8', record: { country_code: 'CN' } }], { ipVersion: 4 });
  assert.notEqual(new Reader(file).get('2a00:1450::1'), null);
  const geo = openGeoDatabase(file, 'v4.mmdb');
  assert.equal(at(geo, '2a00:1450::1'), NOWHERE);
  assert.equal(at(geo, '42.0.0.1').country, 'CN');
});

test('an IPv4-mapped address is looked up as IPv4, its prefix length counted in its own 128 bits', () => {
  for (const ipVersion of [4, 6] as const) {
    const geo = database([{ prefix: '81.2.69.0/24', record: LONDON }], { ipVersion });
    assert.deepEqual(at(geo, '::ffff:81.2.69.160'), { ...at(geo, '81.2.69.160'), prefixLength: 120 });
    assert.equal(at(geo, '::ffff:81.2.68.1'), nowhere(120));
  }
});

test('octets that are no address are nowhere', () => {
  const geo = database(NETWORKS);
  for (const length of [0, 3, 5, 15, 17]) assert.equal(geo.lookup(new Uint8Array(length)), NOWHERE);
});

test('one network for all of IPv6 and IPv4 needs no bits of an IPv4 address, and one of IPv6', () => {
  const geo = database([{ prefix: '::/0', record: { country_code: 'FR' } }]);
  assert.deepEqual(at(geo, '192.0.2.1'), {
    continent: 'EU',
    country: 'FR',
    subdivision: '',
    location: { latitude: 48.9, longitude: 2.3 },
    prefixLength: 0,
  });
  assert.equal(at(geo, '2001:db8::1').prefixLength, 1);
});

function facts(record: unknown): string {
  const { continent, country, subdivision } = placeRecords.read(record, 0);
  return [continent, country, subdivision].join();
}

test('records that say nonsense are nothing known, not a guess', () => {
  assert.equal(facts({ country_code: 'ZZ' }), ',,');
  assert.equal(facts({ country: { iso_code: 7 }, continent: { code: 'XX' } }), ',,');
  assert.equal(facts({ continent: { code: 'EU' }, subdivisions: [{ iso_code: 'ENG' }] }), 'EU,,');
  assert.equal(facts({ continent: { code: 'EU' }, country: { iso_code: 'CY' } }), 'AS,CY,');
  assert.equal(facts({ country: { iso_code: 'GB' }, subdivisions: [{ iso_code: 'too long' }] }), 'EU,GB,');
  for (const record of [null, 7, 'GB', [], {}]) assert.equal(facts(record), ',,');
});

test("the location is the database's where it has a possible one, else that of the country, and one object", () => {
  const locationOf = (record: unknown): Place['location'] => placeRecords.read(record, 0).location;
  const london = { latitude: 51.5, longitude: -0.1 };
  assert.deepEqual(locationOf({ country_code: 'GB', latitude: 55.9, longitude: -3.2 }), {
    latitude: 55.9,
    longitude: -3.2,
  });
  assert.deepEqual(locationOf({ country_code: 'GB', latitude: 91, longitude: 0 }), london);
  assert.deepEqual(locationOf({ country: { iso_code: 'GB' }, location: {} }), london);
  assert.equal(locationOf({ country_code: 'GB' }), locationOf({ country: { iso_code: 'GB' } }));
  assert.equal(locationOf({ continent: { code: 'EU' } }), undefined);
  const geo = database(NETWORKS);
  assert.equal(at(geo, '81.2.69.1').location, at(geo, '81.2.70.9').location);
});

function refusal(octets: Uint8Array): GeoErrorCode {
  try {
    openGeoDatabase(octets, '/data/geo.mmdb');
  } catch (error) {
    assert.ok(error instanceof GeoDatabaseError);
    assert.match(error.message, /^geo database \/data\/geo\.mmdb: .+\. [A-Z].+\.$/);
    assert.ok(error.message.endsWith(error.remedy));
    return error.code;
  }
  return assert.fail('it was accepted');
}

test('what cannot be used is refused by name, with a remedy', () => {
  const good = writeMmdb(NETWORKS, { ipVersion: 6 });
  assert.equal(refusal(new Uint8Array(0)), 'SIGNPOST_GEO_EMPTY');
  assert.equal(refusal(writeMmdb([], { ipVersion: 6 })), 'SIGNPOST_GEO_EMPTY');
  assert.equal(refusal(Buffer.from('country,GB\n'.repeat(100))), 'SIGNPOST_GEO_CORRUPT');
  assert.equal(refusal(good.subarray(0, good.length - 50)), 'SIGNPOST_GEO_CORRUPT');
  assert.equal(refusal(good.subarray(200)), 'SIGNPOST_GEO_CORRUPT');
  const asn = writeMmdb([{ prefix: '8.8.8.0/24', record: { autonomous_system_number: 15_169 } }], {
    ipVersion: 4,
  });
  assert.equal(refusal(asn), 'SIGNPOST_GEO_UNSUPPORTED');
  const version = Buffer.from(good);
  version[good.indexOf('binary_format_major_version') + 'binary_format_major_version'.length + 1] = 3;
  assert.equal(refusal(version), 'SIGNPOST_GEO_UNSUPPORTED');
});

test('a database whose every record is damaged is refused', () => {
  const file = writeMmdb([{ prefix: '::/0', record: { country_code: 'FR' } }], { ipVersion: 6 });
  const nodes = new Reader(file).metadata.searchTreeSize;
  file.fill(0, nodes + 16, nodes + 20);
  assert.equal(refusal(file), 'SIGNPOST_GEO_CORRUPT');
});

test('damage anywhere is refused at opening or leads to nothing known, but never to an exception', () => {
  const good = writeMmdb(NETWORKS, { ipVersion: 6 });
  const addresses = ['81.2.69.160', '81.2.70.1', '192.0.2.1', '2a02:c7c::1', '::ffff:81.2.69.1', '::1'].map(
    parseAddress,
  );
  const damage = fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
    minLength: 1,
    maxLength: 6,
  });
  fc.assert(
    fc.property(damage, fc.nat({ max: good.length }), (changes, cut) => {
      const octets = Buffer.from(good);
      for (const [index, octet] of changes) octets[index] = octet;
      const geo = openOrRefuse(cut % 10 === 0 ? octets.subarray(0, cut) : octets);
      for (const address of addresses)
        assert.ok(geo === undefined || typeof geo.lookup(address).country === 'string');
    }),
    { numRuns: 1000 },
  );
});

function openOrRefuse(octets: Uint8Array): GeoDatabase | undefined {
  try {
    return openGeoDatabase(octets, 'damaged.mmdb');
  } catch (error) {
    assert.ok(error instanceof GeoDatabaseError, String(error));
    return undefined;
  }
}

test('a damaged record that no sample met counts as nothing known and is counted', () => {
  const file = writeMmdb([...NETWORKS, { prefix: '10.0.0.0/8', record: { country_code: 'FR' } }], {
    ipVersion: 6,
  });
  const geo = openGeoDatabase(file, 'test.mmdb');
  file.fill(0, file.indexOf('country_code') - 2, file.indexOf('country_code')); // after opening
  assert.equal(at(geo, '10.0.0.1'), nowhere(8));
  assert.equal(geo.unreadableRecords(), 1);
});

/** Few distinct bits, so that prefixes nest, meet, and share cache slots. */
const bits = fc.record({ bits: fc.nat({ max: 15 }), shift: fc.nat({ max: 28 }) });
const country = fc.constantFrom('GB', 'US', 'JP', 'TR', 'ZZ');
const ipv4 = bits.map(({ bits, shift }) =>
  Uint8Array.from([24, 16, 8, 0], (by) => ((bits << shift) >>> by) & 0xff),
);
const ipv6 = fc
  .tuple(fc.constantFrom(0x20, 0x2a, 0xfd), ipv4, fc.nat({ max: 11 }))
  .map(([first, four, offset]) => {
    const octets = new Uint8Array(16);
    octets.set(four, 1 + offset);
    octets[0] = first;
    return octets;
  });
const mapped = ipv4.map((four) => Uint8Array.from([...Array<number>(10).fill(0), 0xff, 0xff, ...four]));

const network = fc
  .tuple(fc.oneof(ipv4, ipv6), fc.nat({ max: 128 }), country)
  .map(([address, length, code]) => toNetwork(address, Math.min(length, address.length * 8), code));

function toNetwork(address: Uint8Array, length: number, code: string): MmdbNetwork {
  return {
    prefix: `${addressText(withBits(address, length, () => 0))}/${length}`,
    record: { country_code: code },
  };
}

/** The address with every bit behind `length` replaced. */
function withBits(address: Uint8Array, length: number, bit: (index: number) => number): Uint8Array {
  const octets = Uint8Array.from(address);
  for (let index = length; index < octets.length * 8; index += 1) {
    const mask = 0x80 >> (index & 7);
    octets[index >> 3] = (octets[index >> 3]! & ~mask) | (bit(index) === 0 ? 0 : mask);
  }
  return octets;
}

const arbitraryDatabase = fc
  .tuple(fc.array(network, { maxLength: 15 }), fc.constantFrom<24 | 28 | 32>(24, 28, 32))
  .map(([networks, recordSize]) =>
    writeMmdb([...networks, { prefix: 'fd00::/64', record: { country_code: 'GB' } }], {
      ipVersion: 6,
      recordSize,
    }),
  );

test('every look-up equals that of the maxmind reader, first and again', () => {
  fc.assert(
    fc.property(
      arbitraryDatabase,
      fc.array(fc.oneof(ipv4, ipv6, mapped), { maxLength: 30 }),
      (file, addresses) => {
        const geo = openGeoDatabase(file, 'test.mmdb');
        const reader = new Reader(file);
        for (const address of [...addresses, ...addresses]) {
          assert.deepEqual(geo.lookup(address), plainly(reader, address));
        }
      },
    ),
    { numRuns: 300 },
  );
});

/** The same without tree, cache or sharing of our own. */
function plainly(reader: Reader<Response>, address: Uint8Array): Place {
  const isMapped = addressText(address).startsWith('0:0:0:0:0:ffff:');
  const [record, length] = reader.getWithPrefixLength(addressText(isMapped ? address.subarray(12) : address));
  return placeRecords.read(record, isMapped ? 96 + length : length);
}

test('all addresses that share the bits that decided are in the same place', () => {
  fc.assert(
    fc.property(
      arbitraryDatabase,
      fc.oneof(ipv4, ipv6, mapped),
      fc.infiniteStream(fc.nat({ max: 1 })),
      (file, address, stream) => {
        const geo = openGeoDatabase(file, 'test.mmdb');
        const place = geo.lookup(address);
        const neighbour = withBits(address, place.prefixLength, () => stream.next().value);
        assert.deepEqual(geo.lookup(neighbour), place);
      },
    ),
    { numRuns: 300 },
  );
});
