import assert from 'node:assert/strict';
import { test } from 'node:test';

import { backoffMs } from './backoff.ts';

test('waits double up to the bound, with jitter, and are never next to nothing', () => {
  const bounds = { firstMs: 100, mostMs: 1_000 };
  assert.deepEqual(
    [0, 1, 2, 3, 4, 1_000].map((attempt) => backoffMs(attempt, 1, bounds)),
    [100, 200, 400, 800, 1_000, 1_000],
  );
  assert.equal(backoffMs(0, 0, bounds), 10);
});

test('the certain share of a wait is no chance', () => {
  const bounds = { firstMs: 100, mostMs: 1_000, certain: 0.5 };
  assert.deepEqual(
    [0, 0.5, 1].map((draw) => backoffMs(1, draw, bounds)),
    [100, 150, 200],
  );
});
