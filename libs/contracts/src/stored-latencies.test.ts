import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  countryKey,
  countryOfKey,
  decodeLatencies,
  encodeLatencies,
  LATENCY_HEAD_LENGTH,
  tenthsOf,
  type StoredLatencies,
} from './stored-latencies.ts';

const ascending = (max: number) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max }), { maxLength: 12 })
    .map((keys) => keys.toSorted((a, b) => a - b));

const tables: fc.Arbitrary<StoredLatencies> = fc
  .record({
    atMs: fc.integer({ min: 0, max: 2e12 }),
    targets: fc.uniqueArray(fc.stringMatching(/^[a-z0-9-]{1,63}$/), { maxLength: 5 }),
    ipv4: ascending(2 ** 24 - 1),
    ipv6: ascending(2 ** 48 - 1),
    systems: ascending(2 ** 32 - 1),
    countries: ascending(0xffff),
    seed: fc.integer({ min: 1, max: 60_000 }),
  })
  .map(({ atMs, targets, ipv4, ipv6, systems, countries, seed }) => ({
    atMs,
    targets,
    ipv4: Uint32Array.from(ipv4),
    ipv6: Float64Array.from(ipv6),
    systems: Uint32Array.from(systems),
    countries: Uint32Array.from(countries),
    tenths: Uint16Array.from(
      { length: (ipv4.length + ipv6.length + systems.length + countries.length) * targets.length },
      (_, i) => (seed * (i + 1)) % 65_536,
    ),
  }));

const decoded = (octets: Uint8Array): StoredLatencies => {
  const result = decodeLatencies(octets);
  assert.ok(result.ok, result.ok ? '' : result.reason);
  return result.value;
};
const reasonOf = (octets: Uint8Array): string => {
  const result = decodeLatencies(octets);
  return result.ok ? 'accepted' : result.reason;
};

test('a table comes back as it was, also from shared memory', () => {
  fc.assert(
    fc.property(tables, (table) => {
      const octets = encodeLatencies(table);
      assert.deepEqual(decoded(octets), table);
      const shared = new Uint8Array(new SharedArrayBuffer(octets.length));
      shared.set(octets);
      assert.deepEqual(decoded(shared), table);
    }),
  );
});

test('octets that are none of ours are refused with a reason, and never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      assert.notEqual(reasonOf(new Uint8Array(octets)), 'accepted');
    }),
  );
  fc.assert(
    fc.property(tables, fc.nat(), fc.nat({ max: 255 }), (table, at, value) => {
      const octets = encodeLatencies(table);
      octets[at % octets.length] = value;
      reasonOf(octets);
      assert.notEqual(reasonOf(octets.slice(0, -1)), 'accepted');
    }),
  );
});

test('what a binary search could not rely on is refused', () => {
  const table: StoredLatencies = {
    atMs: 1,
    targets: ['eu-a'],
    ipv4: Uint32Array.of(5, 9),
    ipv6: Float64Array.of(1),
    systems: Uint32Array.of(),
    countries: Uint32Array.of(countryKey('DE')),
    tenths: Uint16Array.of(1, 2, 3, 4),
  };
  assert.equal(reasonOf(encodeLatencies(table)), 'accepted');
  assert.match(reasonOf(encodeLatencies({ ...table, ipv4: Uint32Array.of(9, 5) })), /ascend/);
  assert.match(reasonOf(encodeLatencies({ ...table, ipv4: Uint32Array.of(5, 5) })), /ascend/);
  assert.match(reasonOf(encodeLatencies({ ...table, ipv4: Uint32Array.of(5, 2 ** 24) })), /too many bits/);
  assert.match(reasonOf(encodeLatencies({ ...table, ipv6: Float64Array.of(0.5) })), /too many bits/);
  assert.match(reasonOf(encodeLatencies({ ...table, ipv6: Float64Array.of(Number.NaN) })), /too many bits/);
  assert.match(reasonOf(encodeLatencies({ ...table, targets: ['EU a'] })), /no name/);
  assert.match(reasonOf(encodeLatencies({ ...table, atMs: Number.NaN })), /no time/);
  const next = encodeLatencies(table);
  new DataView(next.buffer).setUint32(12, 2, true);
  assert.match(reasonOf(next), /^format 2 is not known/);
});

test('two tables differ in their head, and what was measured never looks unmeasured', () => {
  const table = { ...decodedEmpty(), atMs: 1_700_000_000_000 };
  const head = (atMs: number) => encodeLatencies({ ...table, atMs }).slice(0, LATENCY_HEAD_LENGTH);
  assert.notDeepEqual(head(1_700_000_000_000), head(1_700_000_000_001));
  assert.equal(tenthsOf(0.001), 1);
  assert.equal(tenthsOf(34.14), 341);
  assert.equal(tenthsOf(59_999), 65_535);
  assert.equal(countryOfKey(countryKey('GB')), 'GB');
  assert.equal(countryKey(''), 0);
});

function decodedEmpty(): StoredLatencies {
  return {
    atMs: 0,
    targets: [],
    ipv4: new Uint32Array(),
    ipv6: new Float64Array(),
    systems: new Uint32Array(),
    countries: new Uint32Array(),
    tenths: new Uint16Array(),
  };
}
