import assert from 'node:assert/strict';
import { test } from 'node:test';

import { seldom } from './seldom.ts';

test('the same reason is told once a minute, another one at once', () => {
  let nowMs = 5;
  const isNews = seldom(() => nowMs);
  const told = (reason: string, atMs: number) => {
    nowMs = atMs;
    return isNews(reason);
  };
  assert.deepEqual(
    [told('a', 5), told('a', 6), told('b', 30_000), told('a', 60_004), told('a', 60_005), told('b', 60_006)],
    [true, false, true, false, true, false],
  );
});

test('a flood of different reasons is cut, and told again after a minute', () => {
  let nowMs = 0;
  const isNews = seldom(() => nowMs);
  const flood = () => Array.from({ length: 1_000 }, (_, i) => isNews(`reason ${i}`)).filter(Boolean).length;
  assert.equal(flood(), 50);
  nowMs = 60_000;
  assert.equal(flood(), 50);
});
