import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';
import { Reader, type Response } from 'maxmind';

import { double, uint16, uint64, type MmdbValue } from './mmdb-value.ts';
import { writeMmdb, type MmdbNetwork } from './write-mmdb.ts';

const RECORD_SIZES = [24, 28, 32] as const;

function readerOf(
  networks: readonly MmdbNetwork[],
  ipVersion: 4 | 6,
  recordSize: 24 | 28 | 32 = 28,
): Reader<Response> {
  return new Reader(writeMmdb(networks, { ipVersion, recordSize }));
}

/** What the reader hands out, whatever its types promise of MaxMind's own records. */
function look(reader: Reader<Response>, address: string): unknown {
  return reader.getWithPrefixLength(address);
}

for (const recordSize of RECORD_SIZES) {
  test(`networks of both families are found in a tree of ${recordSize}-bit records`, () => {
    const reader = readerOf(
      [
        { prefix: '81.2.69.0/24', record: { country_code: 'GB' } },
        { prefix: '2a00:1450::/29', record: { country_code: 'IE' } },
      ],
      6,
      recordSize,
    );
    assert.deepEqual(look(reader, '81.2.69.160'), [{ country_code: 'GB' }, 24]);
    assert.deepEqual(look(reader, '2a00:1457:ffff::1'), [{ country_code: 'IE' }, 29]);
    assert.deepEqual(look(reader, '81.2.68.1'), [null, 24]);
  });
}

test('the longest prefix wins whatever the order, of equal prefixes the later one, and null cuts a hole', () => {
  const reader = readerOf(
    [
      { prefix: '10.1.0.0/16', record: { n: 16 } },
      { prefix: '10.0.0.0/8', record: { n: 8 } },
      { prefix: '10.2.0.0/16', record: { n: 1 } },
      { prefix: '10.2.0.0/16', record: { n: 2 } },
      { prefix: '10.3.0.0/16', record: null },
      { prefix: '0.0.0.0/0', record: { n: 0 } },
    ],
    4,
  );
  assert.deepEqual(reader.get('10.1.2.3'), { n: 16 });
  assert.deepEqual(reader.get('10.200.2.3'), { n: 8 });
  assert.deepEqual(reader.get('10.2.2.3'), { n: 2 });
  assert.deepEqual(look(reader, '10.3.2.3'), [null, 16]);
  assert.deepEqual(reader.get('192.0.2.1'), { n: 0 });
});

test('metadata says what was asked for', () => {
  const file = writeMmdb([], {
    ipVersion: 4,
    databaseType: 'Test-Country',
    buildEpochSeconds: 1_750_000_000,
  });
  const { metadata } = new Reader(file);
  assert.equal(metadata.databaseType, 'Test-Country');
  assert.equal(metadata.buildEpoch.getTime(), 1_750_000_000_000);
  assert.equal(metadata.ipVersion, 4);
  assert.equal(metadata.nodeCount, 1);
});

test('prefixes that make no sense are refused', () => {
  assert.throws(write('10.0.0.1/8', 4), /bits set behind/);
  assert.throws(write('10.0.0.0/33', 4), /longer than its address/);
  assert.throws(write('010.1.1.1/32', 4), /no IP address/);
  assert.throws(write('10.0.0.0', 4), /no IP address/);
  assert.throws(write('2001:db8::/32', 4), /holds no IPv6/);
  assert.throws(write('2001:db8::1/64', 6), /bits set behind/);
});

test('values of every kind and of every size class read back as written', () => {
  const record = {
    text: 'ü'.repeat(10),
    lengths: [28, 29, 284, 285, 65_820, 65_821].map((length) => 'x'.repeat(length)),
    numbers: [0, 1, 255, 256, 2 ** 32 - 1, 2 ** 32, -1, 51.5],
    flags: [true, false],
    nested: { list: [{ a: 1 }], empty: {}, none: [] },
  };
  const reader = readerOf([{ prefix: '::/0', record }], 6);
  assert.deepEqual(reader.get('2001:db8::1'), record);
  const typed = { a: double(51), b: uint16(7), c: uint64(2 ** 40), d: uint64(0) };
  assert.deepEqual(readerOf([{ prefix: '::/0', record: typed }], 6).get('::1'), {
    a: 51,
    b: 7,
    c: 2n ** 40n,
    d: 0n,
  });
});

const value = fc.letrec<{ any: MmdbValue }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.double({ noNaN: true }),
    fc.nat(),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(fc.string(), tie('any'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).any;

test('any value reads back equal', () => {
  fc.assert(
    fc.property(value, (written) => {
      fc.pre(!JSON.stringify(written).includes('"__proto__"')); // the reader assigns keys to a plain object
      const reader = readerOf([{ prefix: '0.0.0.0/0', record: { written } }], 4);
      assert.deepEqual(reader.get('192.0.2.1'), { written });
    }),
    { numRuns: 200 },
  );
});

/** Few distinct bits, so that prefixes nest and meet. */
const network = fc
  .record({
    bits: fc.nat({ max: 15 }),
    shift: fc.nat({ max: 28 }),
    length: fc.integer({ min: 0, max: 32 }),
    n: fc.nat({ max: 5 }),
  })
  .map(({ bits, shift, length, n }) => {
    const mask = length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
    return { address: ((bits << shift) & mask) >>> 0, mask, length, n };
  });

test('every address finds the longest prefix that holds it, as a plain scan of the list does', () => {
  const point = fc.record({ bits: fc.nat({ max: 15 }), shift: fc.nat({ max: 28 }) });
  fc.assert(
    fc.property(
      fc.array(network, { maxLength: 12 }),
      fc.array(point, { minLength: 1, maxLength: 20 }),
      fc.constantFrom<4 | 6>(4, 6),
      fc.constantFrom(...RECORD_SIZES),
      (networks, points, ipVersion, recordSize) => {
        const list = networks.map(({ address, length, n }) => ({
          prefix: `${dotted(address)}/${length}`,
          record: { n },
        }));
        const reader = readerOf(list, ipVersion, recordSize);
        for (const { bits, shift } of points) {
          const address = (bits << shift) >>> 0;
          const holding = networks.filter((each) => (address & each.mask) >>> 0 === each.address);
          const best = holding.toSorted((a, b) => a.length - b.length).at(-1);
          const expected = best === undefined ? null : { n: best.n };
          assert.deepEqual(reader.get(dotted(address)), expected, dotted(address));
        }
      },
    ),
    { numRuns: 300 },
  );
});

function write(prefix: string, ipVersion: 4 | 6): () => Buffer {
  return () => writeMmdb([{ prefix, record: {} }], { ipVersion });
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
}
