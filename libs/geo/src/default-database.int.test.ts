import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { COUNTRIES } from '@signpost/contracts/countries';
import { parseAddress, parsePrefix } from '@signpost/testkit/parse-prefix';
import { Reader } from 'maxmind';

import { defaultDatabasePath } from './default-database.ts';
import { openGeoDatabase } from './mmdb-file.ts';
import { placeRecords } from './read-place.ts';

const file = await readFile(defaultDatabasePath());
const geo = openGeoDatabase(file, defaultDatabasePath());

test('the bundled database is one for both families', () => {
  assert.equal(geo.metadata.ipVersion, 6);
  assert.equal(geo.metadata.recordShape, 'flat');
  assert.ok(geo.metadata.builtAtMs > Date.UTC(2026, 0));
});

test('the bundled database knows well-known networks', () => {
  const expected = {
    '81.2.69.0/24': 'EU-GB',
    '8.8.8.0/24': 'NA-US',
    '133.11.0.0/16': 'AS-JP',
    '2001:200::/32': 'AS-JP',
  };
  for (const [prefix, code] of Object.entries(expected)) {
    const { octets, length } = parsePrefix(prefix);
    const { continent, country, prefixLength } = geo.lookup(octets);
    assert.equal(`${continent}-${country}`, code, prefix);
    assert.ok(prefixLength > 0 && prefixLength <= length, `${prefix} was decided by ${prefixLength} bits`);
  }
});

test('with the bundled database a client is located by its country', () => {
  const locations = ['81.2.69.1', '133.11.0.1'].map((address) => geo.lookup(parseAddress(address)).location);
  assert.deepEqual(locations, [
    { latitude: 51.5, longitude: -0.1 },
    { latitude: 35.7, longitude: 139.7 },
  ]);
});

test('the bundled database knows nothing of private and documentation addresses', () => {
  for (const address of ['10.0.0.1', '127.0.0.1', '192.168.1.1', '::1', 'fd00::1', '2001:db8::1']) {
    const place = geo.lookup(parseAddress(address));
    assert.equal(place.country, '', address);
    assert.ok(place.prefixLength > 0, address);
  }
});

test('4,096 addresses spread over IPv4 are where the maxmind reader says, and no country is unknown to us', () => {
  const reader = new Reader(file);
  for (let i = 0; i < 4096; i += 1) {
    const address = Uint8Array.from([i >> 4, (i & 15) << 4, (i * 37) & 0xff, 1]);
    const [record, prefixLength] = reader.getWithPrefixLength(address.join('.'));
    assert.deepEqual(geo.lookup(address), placeRecords.read(record, prefixLength));
    const code = Object(record).country_code ?? 'GB';
    assert.ok(COUNTRIES.has(code), code);
  }
});
