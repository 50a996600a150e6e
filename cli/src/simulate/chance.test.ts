import assert from 'node:assert/strict';
import { test } from 'node:test';

import { seededChance, shuffle } from './chance.ts';

const row = (seed: number, purpose: string) => {
  const chance = seededChance(seed, purpose);
  return Array.from({ length: 20_000 }, () => chance.uniform());
};

test('the same seed and purpose give the same row; another of either gives another', () => {
  assert.deepEqual(row(7, 'a'), row(7, 'a'));
  assert.notDeepEqual(row(7, 'a'), row(8, 'a'));
  assert.notDeepEqual(row(7, 'a'), row(7, 'b'));
});

test('numbers are uniform, and neighbouring seeds have nothing to do with each other', () => {
  const rows = [1, 2, 3].map((seed) => row(seed, 'a'));
  for (const numbers of rows) {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const number of numbers) tenths[Math.floor(number * 10)]! += 1;
    for (const count of tenths) assert.ok(Math.abs(count - 2_000) < 200, `${count} of 2000`);
  }
  const covariance =
    rows[0]!.reduce((sum, number, i) => sum + (number - 0.5) * (rows[1]![i]! - 0.5), 0) / rows[0]!.length;
  assert.ok(Math.abs(covariance) < 0.003, String(covariance));
});

test('waiting times have the mean 1, and are as likely to be longer whatever has passed', () => {
  const chance = seededChance(1, 'waiting');
  const times = Array.from({ length: 20_000 }, () => chance.exponential());
  const later = (ms: number) => times.filter((time) => time > ms).length / times.length;
  assert.ok(Math.abs(times.reduce((sum, time) => sum + time, 0) / times.length - 1) < 0.03);
  assert.ok(Math.abs(later(2) / later(1) - later(1)) < 0.02);
});

test('a shuffle keeps what is there', () => {
  const items = Array.from({ length: 100 }, (_, i) => i);
  const shuffled = [...items];
  shuffle(shuffled, seededChance(1, 'shuffle'));
  assert.notDeepEqual(shuffled, items);
  assert.deepEqual(
    shuffled.toSorted((a, b) => a - b),
    items,
  );
});
