import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import { firstDelayMs, nextDueMs, PROBER_SHIFT, proberShift } from './probe-schedule.ts';

const timings = fc.record({
  intervalMs: fc.integer({ min: 100, max: 600_000 }),
  phase: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  shift: fc.double({ min: 0, max: PROBER_SHIFT, maxExcluded: true, noNaN: true }),
});
const walls = fc.integer({ min: 0, max: 4_000_000_000_000 });

describe('nextDueMs', () => {
  test('is due where the phase says, on the wall clock', () => {
    const timing = { intervalMs: 10_000, phase: 0.25, shift: 0 };
    assert.equal(nextDueMs(1_002_500, timing), 1_012_500);
  });

  test('staggers vantages by their phase, all of them against the same clock', () => {
    const due = [0, 1 / 3, 2 / 3].map((phase) => nextDueMs(900_000, { intervalMs: 9_000, phase, shift: 0 }));
    assert.deepEqual(due, [909_000, 912_000, 906_000]);
  });

  test('does not run twice when a wake-up came a little before its time', () => {
    const timing = { intervalMs: 1_000, phase: 0, shift: 0 };
    assert.equal(nextDueMs(999.4, timing), 2_000);
    assert.equal(nextDueMs(1_000, timing), 2_000);
    assert.equal(nextDueMs(1_300, timing), 2_000);
  });

  test('makes up for nothing after a pause', () => {
    assert.equal(nextDueMs(60_200, { intervalMs: 1_000, phase: 0, shift: 0 }), 61_000);
  });

  test('always lies more than half and at most one and a half intervals ahead, on the phase', () => {
    fc.assert(
      fc.property(timings, walls, (timing, nowMs) => {
        const { intervalMs, phase, shift } = timing;
        const due = nextDueMs(nowMs, timing);
        assert.ok(due - nowMs > intervalMs / 2 - 0.01 && due - nowMs <= intervalMs * 1.5 + 0.01);
        const offset = ((phase + shift) % 1) * intervalMs;
        const away = (((due - offset) % intervalMs) + intervalMs) % intervalMs;
        assert.ok(Math.min(away, intervalMs - away) < 0.01);
      }),
    );
  });
});

describe('proberShift', () => {
  test('is the same for the same prober, small, and another for its neighbour', () => {
    const shifts = Array.from({ length: 20 }, (_, i) => proberShift(`prober-${i}`));
    assert.equal(proberShift('prober-3'), shifts[3]);
    assert.ok(shifts.every((shift) => shift >= 0 && shift < PROBER_SHIFT));
    assert.equal(new Set(shifts.map((shift) => shift.toFixed(5))).size, 20);
  });

  test('spreads neighbours over the whole of its range', () => {
    const shifts = Array.from({ length: 40 }, (_, i) => proberShift(`prober-${i}`) / PROBER_SHIFT);
    for (const quarter of [0, 1, 2, 3]) {
      assert.ok(
        shifts.some((shift) => Math.floor(shift * 4) === quarter),
        `none in quarter ${quarter}`,
      );
    }
  });
});

describe('firstDelayMs', () => {
  test('lets a lone new check go at once, and spreads many over a second and thousands over some, or an interval', () => {
    assert.equal(firstDelayMs(0, 1, 10_000), 0);
    assert.equal(firstDelayMs(499, 500, 10_000), 998);
    assert.equal(firstDelayMs(3, 4, 200), 150);
    assert.equal(firstDelayMs(5_000, 10_000, 60_000), 5_000);
    assert.equal(firstDelayMs(5_000, 10_000, 4_000), 2_000);
  });
});
