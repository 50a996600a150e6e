import assert from 'node:assert/strict';
import { test } from 'node:test';

import { joined } from './reference/build-packet.ts';
import { skipName } from './skip-name.ts';

const HEADER = new Uint8Array(12);
const label = (size: number) => [size, ...new Uint8Array(size).fill(97)];

function skip(names: number[], start = 12): number {
  const octets = joined([HEADER, names]);
  return skipName(octets, start, octets.length);
}

test('a name ends behind its zero or behind its first pointer', () => {
  assert.equal(skip([0]), 13);
  assert.equal(skip([1, 97, 0, 9]), 15);
  assert.equal(skip([1, 97, 0, 1, 98, 0xc0, 12, 9], 15), 19);
  assert.equal(skip([1, 97, 0, 0xc0, 12, 0xc0, 15, 9], 17), 19);
});

test('pointers that do not lead backward, in every step, are refused', () => {
  assert.equal(skip([0xc0, 12]), -1, 'to itself');
  assert.equal(skip([0xc0, 14, 0]), -1, 'forward');
  assert.equal(skip([1, 97, 0xc0, 12]), -1, 'to the start of its own labels');
  assert.equal(skip([0xc0, 14, 0xc0, 12], 14), -1, 'back and forth');
  assert.equal(skip([0xc0, 12, 0xc0, 12], 14), -1, 'back to one that points to itself');
  assert.equal(skip([0xc0, 0]), -1, 'into the header');
});

test('a name that runs out of octets or has a label of an unknown kind is refused', () => {
  for (const octets of [[], [1], [1, 97], [0xc0], [64, 0], [0x80, 0]]) assert.equal(skip(octets), -1);
});

test('names of 255 octets are skipped, of 256 refused, also when a pointer joins the parts', () => {
  const [part, last, tooMuch] = [label(63), label(61), label(62)];
  const three = [...part, ...part, ...part];
  assert.equal(skip([...three, ...last, 0]), 12 + 255);
  assert.equal(skip([...three, ...tooMuch, 0]), -1);
  assert.equal(skip([...three, 0, ...last, 0xc0, 12], 12 + 193), 12 + 193 + 64);
  assert.equal(skip([...three, 0, ...tooMuch, 0xc0, 12], 12 + 193), -1);
});
