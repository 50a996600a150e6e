import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Baseline, regressions } from './baseline.ts';

const machine = { processor: 'test', cores: 2, kernel: '6', node: 'v24', load: 0 };
const baseline: Baseline = {
  date: '2026-01-01',
  machine,
  rounds: 7,
  seconds: 2,
  ratios: { cpu: 0.8, p50: 1 },
};
const outcome = (name: string, lowRatio: number) => ({ name, ratio: lowRatio + 0.1, lowRatio, most: 1 });

test('a ratio most rounds of which are above its baseline and the tolerance is a regression, and no other is', () => {
  const within = [outcome('cpu', 0.91), outcome('p50', 0.2)];
  assert.deepEqual(regressions(within, baseline, 0.15), []);
  const above = [outcome('cpu', 0.93), outcome('p50', 1.1)];
  assert.deepEqual(regressions(above, baseline, 0.15), ['cpu: 1.03, was 0.80 (tolerance 15 %)']);
});

test('what was not measured, then or now, is no regression', () => {
  assert.deepEqual(regressions([outcome('new', 9)], baseline, 0.15), []);
});
