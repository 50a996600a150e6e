import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drawAge, drawTable } from './table.ts';

test('columns are as wide as their widest cell, and the last is not padded', () => {
  assert.deepEqual(
    drawTable(
      ['A', 'LONG'],
      [
        ['wide', 'x'],
        ['y', 'z'],
      ],
    ),
    ['A     LONG', 'wide  x', 'y     z'],
  );
});

test('an age is given in the largest unit that fits', () => {
  assert.deepEqual([0, 119_000, 120_000, 7_200_000, 172_800_000].map(drawAge), [
    '0 s',
    '119 s',
    '2 min',
    '2 h',
    '2 d',
  ]);
});
