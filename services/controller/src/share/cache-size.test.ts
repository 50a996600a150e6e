import assert from 'node:assert/strict';
import { test } from 'node:test';

import { seededDraw } from '@signpost/testkit/seeded-draw';

import { type Cache, clientsPerAnswer, hearAnswer, newCache } from './cache-size.ts';

const TTL_MS = 60_000;

test('the clients behind a cache are told by its idle time, as long as there is one', () => {
  for (const perTtl of [0.1, 0.5, 2, 10]) {
    const guess = guessed([perTtl / TTL_MS]);
    assert.ok(Math.abs(guess / (1 + perTtl) - 1) < 0.35, `${guess} for ${1 + perTtl}`);
  }
});

test('a large cache looks no larger than the clock is fine: a bound from below', () => {
  const guesses = [600, 6_000, 60_000].map((perTtl) => guessed([perTtl / TTL_MS]));
  for (const guess of guesses) assert.ok(guess > 30 && guess < 62, `${guess}`);
});

test('several caches behind one address are not taken for one that asks too early', () => {
  const guess = guessed([2, 2, 2].map((perTtl) => perTtl / TTL_MS));
  assert.ok(guess > 1.5 && guess < 8, `${guess}`);
});

test('what samples leave out is not taken for knowledge', () => {
  assert.ok(guessed([6_000 / TTL_MS], 10) < guessed([6_000 / TTL_MS]) / 3);
  assert.equal(clientsPerAnswer(newCache(1, 0, 0), 0), 1, 'nothing is cached with a TTL of 0');
});

/** After four hours; `rates`: clients per millisecond of each cache. One answer in `every` is sampled. */
function guessed(rates: readonly number[], every = 1): number {
  const draw = seededDraw(5);
  const asks = rates.flatMap((rate) => {
    const times: number[] = [];
    for (let at = -Math.log(1 - draw()) / rate; at < 4 * 3_600_000;) {
      times.push(at);
      at += TTL_MS - Math.log(1 - draw()) / rate;
    }
    return times;
  });
  let cache: Cache | undefined;
  for (const at of asks.toSorted((a, b) => a - b)) {
    if (draw() >= 1 / every) continue;
    cache = cache === undefined ? newCache(every, TTL_MS, at) : hearAnswer(cache, every, TTL_MS, at);
  }
  return clientsPerAnswer(cache!, TTL_MS);
}
