import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { NameError } from './errors.ts';
import { parseName } from './name-text.ts';
import {
  compareNames,
  endOfName,
  isSubdomain,
  labelCount,
  namesEqual,
  parentName,
  ROOT_NAME,
  toCasedName,
  toWireName,
} from './wire-name.ts';

test('a name is a subdomain of itself, of its parents and of the root, and of nothing else', () => {
  const name = parseName('a.b.example.com');
  for (const ancestor of ['a.b.example.com', 'b.example.com', 'com', '.']) {
    assert.equal(isSubdomain(name, parseName(ancestor)), true, ancestor);
  }
  for (const other of ['x.a.b.example.com', 'xample.com', 'le.com', 'b.example.org', 'org']) {
    assert.equal(isSubdomain(name, parseName(other)), false, other);
  }
});

test('octets that look like a suffix but do not begin at a label are no ancestor', () => {
  // One label "x\003com" followed by the root ends in the same octets as "com".
  const name = parseName('x\\003com');
  assert.equal(isSubdomain(name, parseName('com')), false);
});

test('a name in the first octets of a longer buffer is compared by its length', () => {
  const buffer = new Uint8Array(255).fill(0x61);
  const name = parseName('www.example.com');
  buffer.set(name);
  assert.equal(isSubdomain(buffer, parseName('example.com'), name.length), true);
});

test('labels are counted without the root, and parents end at the root', () => {
  assert.equal(labelCount(ROOT_NAME), 0);
  assert.equal(labelCount(parseName('a.b.c')), 3);
  assert.deepEqual(parentName(parseName('a.b')), parseName('b'));
  assert.deepEqual(parentName(parentName(parseName('b'))), ROOT_NAME);
});

test('canonical order is that of RFC 4034 6.1', () => {
  const order = ['example', 'a.example', 'yljkjljk.a.example', 'Z.a.example', 'zABC.a.EXAMPLE', 'z.example'];
  const more = ['\\001.z.example', '*.z.example', '\\200.z.example'];
  const names = [...order, ...more].map((text) => parseName(text));
  const shuffled = [4, 7, 0, 8, 2, 6, 1, 5, 3].map((i) => names[i]!);
  assert.deepEqual(shuffled.toSorted(compareNames), names);
});

test('octets that are no uncompressed name are refused', () => {
  const bad = [[], [1], [1, 97], [64, 97, 0], [0xc0, 0], Array.from({ length: 128 }, () => [1, 97]).flat()];
  for (const octets of bad) {
    assert.throws(() => toWireName(Uint8Array.from(octets)), NameError);
  }
  assert.equal(endOfName(Uint8Array.of(1, 97, 0), 0, 2), -1);
});

test('canonical and cased copies differ only in the case of letters', () => {
  const octets = Uint8Array.of(9, 4, 0x41, 0x5a, 0x5b, 0xc1, 0, 9);
  assert.deepEqual([...toCasedName(octets, 1)], [4, 0x41, 0x5a, 0x5b, 0xc1, 0]);
  assert.deepEqual([...toWireName(octets, 1)], [4, 0x61, 0x7a, 0x5b, 0xc1, 0]);
});

test('names that differ in the case of their letters are equal', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9-]{1,20}$/), (label) => {
      assert.ok(namesEqual(parseName(label), parseName(label.toUpperCase())));
    }),
  );
});
