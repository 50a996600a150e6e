import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { SipHash } from './siphash.ts';

const MASK = 0xffff_ffff_ffff_ffffn;

function hashOf(hash: SipHash, octets: Uint8Array): bigint {
  hash.hash(octets, octets.length);
  return (BigInt(hash.high >>> 0) << 32n) | BigInt(hash.low >>> 0);
}

/** SipHash-2-4 as the paper says it, in 64 bits. */
function plainly(key: Uint8Array, octets: Uint8Array): bigint {
  const word = (from: Uint8Array, at: number) => Buffer.from(from).readBigUInt64LE(at);
  const rotated = (value: bigint, bits: bigint) => ((value << bits) | (value >> (64n - bits))) & MASK;
  const [k0, k1] = [word(key, 0), word(key, 8)];
  let v0 = k0 ^ 0x736f6d6570736575n;
  let v1 = k1 ^ 0x646f72616e646f6dn;
  let v2 = k0 ^ 0x6c7967656e657261n;
  let v3 = k1 ^ 0x7465646279746573n;
  const round = () => {
    v0 = (v0 + v1) & MASK;
    v2 = (v2 + v3) & MASK;
    v1 = rotated(v1, 13n) ^ v0;
    v3 = rotated(v3, 16n) ^ v2;
    v0 = rotated(v0, 32n);
    v2 = (v2 + v1) & MASK;
    v0 = (v0 + v3) & MASK;
    v1 = rotated(v1, 17n) ^ v2;
    v3 = rotated(v3, 21n) ^ v0;
    v2 = rotated(v2, 32n);
  };
  const padded = Buffer.alloc((Math.floor(octets.length / 8) + 1) * 8);
  padded.set(octets);
  padded[padded.length - 1] = octets.length;
  for (let at = 0; at < padded.length; at += 8) {
    v3 ^= word(padded, at);
    round();
    round();
    v0 ^= word(padded, at);
  }
  v2 ^= 0xffn;
  for (let i = 0; i < 4; i += 1) round();
  return v0 ^ v1 ^ v2 ^ v3;
}

test('SipHash-2-4 gives the test values of its paper (appendix A) and of its authors', () => {
  const counting = (length: number) => Uint8Array.from({ length }, (_, i) => i);
  const hash = new SipHash(counting(16));
  assert.equal(hashOf(hash, counting(15)), 0xa129ca6149be45e5n);
  assert.equal(hashOf(hash, counting(0)), 0x726fdb47dd0e0e31n);
  assert.equal(hashOf(hash, counting(1)), 0x74f839c593dc67fdn);
  assert.equal(hashOf(hash, counting(8)), 0x93f5f5799a932462n);
});

test('any input under any key hashes as it does in 64-bit arithmetic, and only its first octets count', () => {
  const keys = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(keys, fc.uint8Array({ maxLength: 70 }), fc.nat(70), (key, octets, more) => {
      const hash = new SipHash(key);
      const expected = plainly(key, octets);
      assert.equal(hashOf(hash, octets), expected);
      hash.hash(Buffer.concat([octets, Buffer.alloc(more, 0xff)]), octets.length);
      assert.equal(hash.low >>> 0, Number(expected & 0xffff_ffffn));
    }),
  );
});

test('a key of another length is refused', () => {
  assert.throws(() => new SipHash(new Uint8Array(15)), RangeError);
});
