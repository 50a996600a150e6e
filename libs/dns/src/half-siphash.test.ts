import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { HalfSipHash } from './half-siphash.ts';
import { halfSipHashPlainly } from './reference/half-siphash-plainly.ts';

/** Of `vectors_hsip64` in vectors.h of github.com/veorq/SipHash: the octets 0, 1, 2, ... by how many there are. */
const VECTORS = [
  '218d1f59b9b83cc8',
  'be552412f8387315',
  '064f39ef7c50eb57',
  'ce0f1a45f7060679',
  'd5e78a175be52ea1',
  'cb9d7c3f2f3db580',
  'ce3e91358aa2bc25',
  'ff202728b07bc684',
  'edfee820bce4858c',
  '5b51cccc13888307',
  '95b0469f06a6f2ee',
  'ae26333994ddcd48',
  '7bc71f9faef5c799',
  '5a2352d75a0c3744',
  '3bb1a870eae8e658',
  '217d0bcb4e81c902',
  '7336aad25f7bf3b5',
];

test('the twin gives the test values of HalfSipHash-2-4 of its authors', () => {
  const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i);
  for (const [length, vector] of VECTORS.entries()) {
    const hash = halfSipHashPlainly(counting(8), counting(length), { perWord: 2, atEnd: 4 });
    assert.equal(hash.toString('hex'), vector, `${length} octets`);
  }
});

test('any four words under any key hash as the twin says of HalfSipHash-1-3', () => {
  const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  fc.assert(
    fc.property(octets(8), octets(16), (key, input) => {
      const hash = new HalfSipHash(key);
      hash.hash(new Int32Array(Uint8Array.from(input).buffer));
      const written = Buffer.alloc(8);
      written.writeInt32LE(hash.low, 0);
      written.writeInt32LE(hash.high, 4);
      assert.deepEqual(written, halfSipHashPlainly(key, input, { perWord: 1, atEnd: 3 }));
    }),
  );
});

test('a key of another length is refused', () => {
  assert.throws(() => new HalfSipHash(new Uint8Array(16)), RangeError);
});
