import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import { BURST_WITHIN_MS, burstDelays, MAX_BURST_PROBES } from './burst-delays.ts';

describe('burstDelays', () => {
  test('begins at once and keeps the spacing', () => {
    assert.deepEqual(burstDelays(1, 300), [0]);
    assert.deepEqual(burstDelays(3, 300), [0, 300, 600]);
    assert.deepEqual(burstDelays(0, 300), []);
    assert.deepEqual(burstDelays(3, 0), [0, 0, 0]);
  });

  test('shrinks the spacing so that all fall within the limit', () => {
    assert.deepEqual(burstDelays(4, 400), [0, 300, 600, 900]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 0, max: 60_000 }),
        (count, spacingMs) => {
          const delaysMs = burstDelays(count, spacingMs);
          assert.equal(delaysMs.length, Math.min(count, MAX_BURST_PROBES));
          assert.equal(delaysMs[0], 0);
          assert.ok(delaysMs.at(-1)! <= BURST_WITHIN_MS + 1e-9);
          delaysMs.forEach((delayMs, i) => assert.ok(i === 0 || delayMs >= delaysMs[i - 1]!));
        },
      ),
    );
  });
});
