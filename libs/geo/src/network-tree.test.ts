import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nowhere } from '@signpost/contracts/place';
import { parseAddress } from '@signpost/testkit/parse-prefix';
import { writeMmdb, type MmdbNetwork } from '@signpost/testkit/write-mmdb';
import * as fc from 'fast-check';

import { type GeoDatabase, openGeoDatabase } from './mmdb-file.ts';

const NETWORKS: readonly MmdbNetwork[] = [
  { prefix: '81.2.69.0/24', record: { country_code: 'GB' } },
  { prefix: '8.0.0.0/8', record: { country_code: 'US' } },
  { prefix: '2a02:c7c::/32', record: { country_code: 'GB' } },
];

/** By descending, bit after bit. */
function countryAt(geo: GeoDatabase, address: Uint8Array): string {
  const networks = geo.networks();
  let node = networks.root(address.length === 4 ? 4 : 6);
  for (let bit = 0; !networks.isLeaf(node); bit += 1) {
    node = networks.child(node, (address[bit >>> 3]! >> (7 - (bit & 7))) & 1);
  }
  return networks.valueOf(node, address).country;
}

const address = fc.oneof(
  fc.constantFrom('81.2.69.1', '81.2.68.255', '8.8.8.8', '2a02:c7c::1', '2a02:c7d::').map(parseAddress),
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
);

test('descending the networks ends at what looking an address up finds', () => {
  const geo = openGeoDatabase(writeMmdb(NETWORKS, { ipVersion: 6 }), 'geo.mmdb');
  fc.assert(
    fc.property(address, (octets) => assert.equal(countryAt(geo, octets), geo.lookup(octets).country)),
  );
});

test('a database for IPv4 alone has one network of IPv6, of which nothing is known', () => {
  const geo = openGeoDatabase(writeMmdb(NETWORKS.slice(0, 2), { ipVersion: 4 }), 'geo.mmdb');
  const networks = geo.networks();
  const all = networks.root(6);
  assert.ok(networks.isLeaf(all));
  assert.equal(networks.valueOf(all, new Uint8Array(16)), nowhere(0));
  assert.equal(countryAt(geo, parseAddress('8.8.8.8')), 'US');
});

test('a record is read once, and one that cannot be read counts as nothing known', () => {
  const octets = writeMmdb(NETWORKS, { ipVersion: 6 });
  const geo = openGeoDatabase(octets, 'geo.mmdb');
  const networks = geo.networks();
  const descend = (text: string) => {
    const octetsOf = parseAddress(text);
    let node = networks.root(4);
    for (let bit = 0; !networks.isLeaf(node); bit += 1) {
      node = networks.child(node, (octetsOf[bit >>> 3]! >> (7 - (bit & 7))) & 1);
    }
    return networks.valueOf(node, octetsOf);
  };
  const first = descend('8.8.8.8');
  assert.equal(descend('8.1.1.1'), first);
  octets.fill(0xff, octets.indexOf('country_code') - 2, octets.indexOf('\xab\xcd\xefMaxMind.com', 'latin1'));
  assert.equal(descend('8.8.4.4'), first);
  assert.equal(descend('81.2.69.1'), nowhere(0));
});
