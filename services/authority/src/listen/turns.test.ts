import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Turns } from './turns.ts';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('a few go on in each turn, first come first served, and those who wait again stand behind', async () => {
  const turns = new Turns();
  const order: number[] = [];
  for (let i = 0; i < 10; i += 1) {
    turns.wait(() => {
      order.push(i);
      if (i < 3) turns.wait(() => order.push(i + 100));
    });
  }
  assert.deepEqual(order, []);
  const counts: number[] = [];
  while (order.length < 13) {
    assert.ok(counts.length < 100);
    await nextTurn();
    counts.push(order.length);
  }
  assert.deepEqual(order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 100, 101, 102]);
  assert.deepEqual(
    counts.filter((count, i) => count !== counts[i - 1]),
    [4, 8, 12, 13],
  );
});

test('after a rest it begins anew', async () => {
  const turns = new Turns();
  let calls = 0;
  for (let i = 1; i <= 3; i += 1) {
    turns.wait(() => (calls += 1));
    await nextTurn();
    await nextTurn();
    assert.equal(calls, i);
  }
});
