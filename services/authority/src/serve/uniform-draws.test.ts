import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nextWord, uniformDraws } from './uniform-draws.ts';

test('words are those of the reference implementation of xoshiro128**, as crate rand_xoshiro lists them', () => {
  const state = Int32Array.of(1, 2, 3, 4);
  const words = Array.from({ length: 10 }, () => nextWord(state) >>> 0);
  assert.deepEqual(
    words,
    [
      11_520, 0, 5_927_040, 70_819_200, 2_031_721_883, 1_637_235_492, 1_287_239_034, 3_734_860_849,
      3_729_100_597, 4_258_142_804,
    ],
  );
});

test('draws lie in [0, 1), evenly, and the next does not follow from the one before', () => {
  const write = uniformDraws(Int32Array.of(7, 0, 0, 0));
  const into = new Float64Array(1);
  const tenths = Array<number>(100).fill(0);
  let before = 0;
  for (let i = 0; i < 100_000; i += 1) {
    write(into);
    const [draw = -1] = into;
    assert.ok(draw >= 0 && draw < 1);
    tenths[Math.floor(before * 10) * 10 + Math.floor(draw * 10)]! += 1;
    before = draw;
  }
  for (const count of tenths) assert.ok(Math.abs(count - 1_000) < 150, String(count));
});
