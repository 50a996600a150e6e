import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { parseName } from './name-text.ts';
import { copyAndHash, suffixHash } from './suffix-hash.ts';
import { HashedName, startOfLabel } from './hashed-name.ts';
import { labelCount } from './wire-name.ts';

const label = fc.stringMatching(/^[A-Za-z0-9-]{1,20}$/);
const START = 5;

test('one walk gives the canonical name, the hash of each name above it, and zeros up to a whole word', () => {
  fc.assert(
    fc.property(fc.array(label, { maxLength: 8 }), (labels) => {
      const canonical = parseName(labels.join('.') || '.');
      const octets = new Uint8Array(START + canonical.length).fill(0xaa, 0, START);
      octets.set(canonical, START);
      for (let at = START, i = 0; i < labels.length; at += octets[at]! + 1, i += 1) {
        octets.set(Buffer.from(labels[i]!), at + 1); // in the case it was asked in
      }
      const offsets: number[] = [];
      for (let at = 0; canonical[at] !== 0; at += canonical[at]! + 1) offsets.push(at);
      const name = new HashedName();
      name.octets.fill(0xff);
      name.length = canonical.length;
      name.labelCount = labelCount(canonical);
      name.labelOffsets.set(offsets);
      copyAndHash(octets, START, name);
      assert.deepEqual([...name.octets.subarray(0, canonical.length)], [...canonical]);
      for (let end = canonical.length; end % 4 !== 0; end += 1) assert.equal(name.octets[end], 0);
      for (const [i, at] of [...offsets, canonical.length - 1].entries()) {
        assert.equal(name.hashes[i], suffixHash(canonical, at), `label ${i}`);
        assert.equal(startOfLabel(name, i), at);
        assert.equal(name.hashes[i], suffixHash(canonical.slice(at)));
      }
    }),
  );
});

test('few different names share a hash', () => {
  const hashes = new Set(
    Array.from({ length: 20_000 }, (_, i) => suffixHash(parseName(`h${i}.example.com`)) & 0xfffff),
  );
  assert.ok(hashes.size > 19_600, `only ${hashes.size} of 20000 slots`); // expected about 19,812
});
