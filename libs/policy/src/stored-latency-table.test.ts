/** The table against a plain twin that looks at every row, and the scope it tells. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type ClientSystem, nowhere, type Place } from '@signpost/contracts/place';
import { countryKey, type StoredLatencies } from '@signpost/contracts/stored-latencies';
import { parseAddress } from '@signpost/dns/address';
import fc from 'fast-check';

import type { ClientView } from './match-client.ts';
import { StoredLatencyTable } from './stored-latency-table.ts';

/** Rows close together, so that clients land in, beside and between them. */
const near = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 255 }));
const ipv4Octets = near.map(([a, b, c]) => [a * 64, b * 85, c]);
const ipv6Octets = fc.tuple(near, near).map(([a, b]) => [...a.map((octet) => (octet * 7) & 255), ...b]);
const keyOf = (octets: readonly number[]) => octets.reduce((key, octet) => key * 256 + octet, 0);
const COUNTRIES = ['DE', 'FR', 'US', ''];

const tables = fc
  .record({
    ipv4: fc.uniqueArray(ipv4Octets.map(keyOf), { maxLength: 20 }),
    ipv6: fc.uniqueArray(ipv6Octets.map(keyOf), { maxLength: 20 }),
    systems: fc.uniqueArray(fc.integer({ min: 1, max: 4 }), { maxLength: 3 }),
    countries: fc.uniqueArray(fc.constantFrom('DE', 'FR', 'US').map(countryKey), { maxLength: 2 }),
  })
  .map(({ ipv4, ipv6, systems, countries }): StoredLatencies => {
    const sorted = (keys: number[]) => keys.toSorted((a, b) => a - b);
    const rows = ipv4.length + ipv6.length + systems.length + countries.length;
    return {
      atMs: 1,
      targets: ['a', 'b'],
      ipv4: Uint32Array.from(sorted(ipv4)),
      ipv6: Float64Array.from(sorted(ipv6)),
      systems: Uint32Array.from(sorted(systems)),
      countries: Uint32Array.from(sorted(countries)),
      tenths: Uint16Array.from({ length: rows * 2 }, (_, i) => i % 7),
    };
  });

/** Place and system are looked up by the first octets, as a database would: of equal ones they are equal. */
const PLACE_BITS = 10;
const SYSTEM_BITS = 13;
const placeOf = (octets: Uint8Array): Place => ({
  ...nowhere(PLACE_BITS),
  country: COUNTRIES[((octets[0]! >> 6) + (octets[1]! >> 6)) % 4]!,
});
const systemOf = (octets: Uint8Array): ClientSystem => ({
  asn: ((octets[0]! >> 6) + (octets[1]! >> 3)) % 6,
  prefixLength: SYSTEM_BITS,
});

const clients: fc.Arbitrary<ClientView> = fc
  .oneof(
    fc.tuple(fc.constant(4 as const), ipv4Octets, fc.nat({ max: 32 })),
    fc.tuple(fc.constant(6 as const), ipv6Octets, fc.nat({ max: 128 })),
  )
  .map(([family, octets, sourceLength]) => clientOf(family, octets, sourceLength));

function clientOf(
  family: 4 | 6,
  octets: readonly number[],
  sourceLength: number,
  system?: ClientSystem,
): ClientView {
  const address = new Uint8Array(16);
  address.set(octets);
  const place = placeOf(address);
  const own = system ?? systemOf(address);
  return { family, address, sourceLength, place: () => place, system: () => own };
}

const SLOTS: Readonly<Record<string, number>> = { a: 3, b: 1, c: 2 };
const tableOf = (stored: StoredLatencies) => new StoredLatencyTable(stored, (target) => SLOTS[target] ?? 0);

/** Row and bits, looking at each row. */
function findPlainly(stored: StoredLatencies, client: ClientView): { row: number; bits: number } {
  const length = client.family === 4 ? 24 : 48;
  const bitsOf = (key: number) => key.toString(2).padStart(length, '0');
  const known = Math.min(length, client.sourceLength);
  const own = bitsOf(keyOf(Array.from(client.address.subarray(0, length / 8)))).slice(0, known);
  let bits = 0;
  const keys = client.family === 4 ? stored.ipv4 : stored.ipv6;
  const first = client.family === 4 ? 0 : stored.ipv4.length;
  for (const [i, key] of keys.entries()) {
    const row = bitsOf(key);
    if (row === own) return { row: first + i, bits: length };
    let common = 0;
    while (common < known && row[common] === own[common]) common += 1;
    bits = Math.max(bits, common + 1);
  }
  const firstSystem = stored.ipv4.length + stored.ipv6.length;
  if (stored.systems.length > 0) {
    const { asn, prefixLength } = client.system();
    bits = Math.max(bits, prefixLength);
    const at = [...stored.systems].indexOf(asn);
    if (at >= 0) return { row: firstSystem + at, bits };
  }
  if (stored.countries.length === 0) return { row: -1, bits };
  bits = Math.max(bits, PLACE_BITS);
  const at = [...stored.countries].indexOf(countryKey(client.place().country));
  return { row: at < 0 ? -1 : firstSystem + stored.systems.length + at, bits };
}

test('the table finds for every client what a look at each row finds, and takes as many bits', () => {
  fc.assert(
    fc.property(tables, fc.array(clients, { minLength: 20, maxLength: 20 }), (stored, asking) => {
      const table = tableOf(stored);
      for (const client of asking) {
        const row = table.find(client);
        assert.deepEqual({ row, bits: table.bits }, findPlainly(stored, client));
      }
    }),
  );
});

test('two clients that are equal in the bits that were taken find the same row', () => {
  const whole = { 4: 32, 6: 128 } as const;
  fc.assert(
    fc.property(tables, clients, fc.uint8Array({ minLength: 16, maxLength: 16 }), (stored, some, noise) => {
      const client = clientOf(some.family, [...some.address], whole[some.family]);
      const table = tableOf(stored);
      const row = table.find(client);
      const { bits } = table;
      const other = client.address.map((octet, i) => {
        const kept = Math.min(8, Math.max(0, bits - 8 * i));
        const mask = (0xff00 >> kept) & 0xff;
        return (octet & mask) | (noise[i]! & ~mask & 0xff);
      });
      const neighbour = clientOf(
        some.family,
        Array.from(other.subarray(0, whole[some.family] / 8)),
        whole[some.family],
      );
      assert.equal(table.find(neighbour), row, `${bits} bits`);
      assert.equal(table.bits, bits);
    }),
    { numRuns: 500 },
  );
});

const EXAMPLE: StoredLatencies = {
  atMs: 1,
  targets: ['a', 'b'],
  ipv4: Uint32Array.of(0xcb0071),
  ipv6: Float64Array.of(0x20010db80001),
  systems: Uint32Array.of(64_500),
  countries: Uint32Array.of(countryKey('DE')),
  tenths: Uint16Array.of(341, 0, 1, 2, 3, 4, 5, 65_535),
};
const clientAt = (text: string): ClientView => {
  const { family, octets } = parseAddress(text)!;
  return clientOf(family, [...octets], octets.length * 8, { asn: 64_500, prefixLength: 20 });
};

test('a row has a name and its round trips by slot; what was not measured is NaN', () => {
  const table = tableOf(EXAMPLE);
  const row = table.find(clientAt('203.0.113.7'));
  assert.equal(table.nameOf(row), '203.0.113.0/24');
  assert.equal(table.bits, 24);
  assert.equal(table.at(row, SLOTS['a']!), 34.1);
  assert.ok(Number.isNaN(table.at(row, SLOTS['b']!)), 'measured for others alone');
  for (const slot of [0, SLOTS['c']!, 99]) assert.ok(Number.isNaN(table.at(row, slot)), String(slot));
  assert.ok(Number.isNaN(table.at(-1, SLOTS['a']!)));
  assert.equal(table.nameOf(table.find(clientAt('2001:db8:1::9'))), '2001:db8:1::/48');
  assert.equal(table.bits, 48);
  const bySystem = table.find(clientAt('203.0.112.7'));
  assert.equal(table.nameOf(bySystem), 'AS64500');
  assert.equal(table.bits, 24, 'to know that it is not in the row beside');
  assert.equal(table.at(bySystem, SLOTS['b']!), 0.4);
  assert.equal(table.nameOf(3), 'DE');
  assert.equal(table.nameOf(-1), undefined);
});

test('clients far from all rows share an answer, and an empty table takes no bits', () => {
  const far = tableOf({ ...EXAMPLE, systems: new Uint32Array(), countries: new Uint32Array() });
  assert.equal(far.find(clientAt('10.0.0.1')), -1);
  assert.equal(far.bits, 1);
  const empty = tableOf({
    ...EXAMPLE,
    ipv4: new Uint32Array(),
    systems: new Uint32Array(),
    countries: new Uint32Array(),
  });
  assert.equal(empty.find(clientAt('203.0.113.7')), -1);
  assert.equal(empty.bits, 0);
});
