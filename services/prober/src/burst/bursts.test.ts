import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { planChecks } from '../schedule/plan-checks.ts';
import { Bursts } from './bursts.ts';

function planned(intervalMs: number, isOff = false) {
  const [check] = planChecks([
    {
      monitor: 'site',
      target: 'a',
      probe: { type: 'tcp' },
      checks: [{ families: ['ipv4'], address: '192.0.2.1', port: 80 }],
      intervalMs,
      timeoutMs: 500,
      rise: 1,
      fall: 3,
      ...(isOff ? {} : { burst: { spacingMs: 300 } }),
      phase: 0,
    },
  ]);
  return check!;
}

describe('Bursts', () => {
  test('is active until its last probe must have ended, or it was ended', () => {
    const bursts = new Bursts();
    const check = planned(10_000);
    assert.equal(bursts.isActive(check.key, 0), false);
    assert.deepEqual(bursts.begin(check, 2, 1_000), [0, 300]);
    assert.deepEqual(
      [1_000, 1_799, 1_800].map((ms) => bursts.isActive(check.key, ms)),
      [true, true, false],
    );
    bursts.end(check.key, 1_100);
    assert.equal(bursts.isActive(check.key, 1_100), false);
  });

  test('rests for an interval, or for five seconds where the interval is longer', () => {
    for (const [intervalMs, restMs] of [
      [1_000, 1_000],
      [60_000, 5_000],
    ] as const) {
      const bursts = new Bursts();
      const check = planned(intervalMs);
      assert.equal(bursts.isRested(check, 0), true);
      bursts.begin(check, 1, 7_000);
      bursts.end(check.key, 7_001);
      assert.deepEqual(
        [bursts.isRested(check, 7_000 + restMs - 1), bursts.isRested(check, 7_000 + restMs)],
        [false, true],
      );
    }
  });

  test('does not begin where nothing is missing or bursts are off', () => {
    const bursts = new Bursts();
    assert.deepEqual(bursts.begin(planned(1_000), 0, 5), []);
    assert.deepEqual(bursts.begin(planned(1_000, true), 3, 5), []);
    assert.equal(bursts.isRested(planned(1_000), 5), true);
  });

  test('knows which probes began before it, and forgets checks that are gone', () => {
    const bursts = new Bursts();
    const check = planned(1_000);
    bursts.begin(check, 1, 50);
    assert.deepEqual([bursts.coversStart(check.key, 49), bursts.coversStart(check.key, 50)], [false, true]);
    bursts.keepOnly([]);
    assert.equal(bursts.isActive(check.key, 50), false);
  });
});
