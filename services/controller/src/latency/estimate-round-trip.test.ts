import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { adoptShown, HALF_LIFE_MS, newEstimate, noteRoundTrip, roundTripMs } from './estimate-round-trip.ts';

const ENOUGH = 2.5;
const note = (estimate: ReturnType<typeof newEstimate>, ms: number, atMs = 0, samples = 1) =>
  noteRoundTrip(estimate, { ms, samples }, atMs, ENOUGH);

function steady(ms: number, times = 20) {
  const estimate = newEstimate(0);
  for (let i = 0; i < times; i += 1) note(estimate, ms);
  return estimate;
}

test('nothing is shown before enough was measured', () => {
  const estimate = newEstimate(0);
  assert.equal(note(estimate, 30), false);
  assert.equal(note(estimate, 30), false);
  assert.equal(estimate.shownMs, undefined);
  assert.equal(note(estimate, 30), true);
  assert.ok(Math.abs(estimate.shownMs! - 30) < 1e-9);
  const old = newEstimate(0);
  for (const atMs of [0, HALF_LIFE_MS, 2 * HALF_LIFE_MS, 3 * HALF_LIFE_MS]) note(old, 30, atMs);
  assert.equal(old.proven, false, 'one measurement in ten minutes is never enough');
  assert.equal(note(newEstimate(0), 30, 0, 5), true, 'a measurement may stand for several');
});

test('one absurd measurement does not move what is shown, and many of them do', () => {
  const estimate = steady(30);
  assert.equal(note(estimate, 59_000), false);
  assert.ok(roundTripMs(estimate) < 32.5, String(roundTripMs(estimate)));
  assert.equal(note(steady(30), 0.01), false);
  for (let i = 0; i < 300; i += 1) note(estimate, 90);
  assert.ok(Math.abs(roundTripMs(estimate) / 90 - 1) <= 0.1, String(roundTripMs(estimate)));
  assert.ok(estimate.shownMs! > 70, String(estimate.shownMs));
});

test('what is long ago counts half as much every half-life', () => {
  const estimate = steady(20, 8);
  note(estimate, 40, HALF_LIFE_MS * 3);
  assert.ok(Math.abs(roundTripMs(estimate) - Math.sqrt(20 * 40)) < 1e-6, 'eight faded to one');
});

test('what is shown stays while the estimate is within 2 ms or 10 percent of it, then moves there', () => {
  const small = steady(8);
  for (let i = 0; i < 100; i += 1) assert.equal(note(small, 9.9), false);
  const large = steady(200);
  for (let i = 0; i < 100; i += 1) assert.equal(note(large, 219), false);
  let moved = 0;
  for (let i = 0; i < 200; i += 1) moved += Number(note(large, 260));
  assert.ok(moved >= 1 && moved <= 3, `${moved} steps, not one for each measurement`);
});

test('of measurements that scatter around a middle, what is shown hardly ever moves', () => {
  const factor = fc.double({ min: 0.85, max: 1.18, noNaN: true });
  fc.assert(
    fc.property(fc.array(factor, { minLength: 200, maxLength: 200 }), (factors) => {
      const estimate = steady(100, 30);
      const moved = factors.filter((each, i) => note(estimate, 100 * each, i * 3_000)).length;
      assert.ok(moved <= 2, String(moved));
      assert.ok(estimate.shownMs! > 80 && estimate.shownMs! < 125);
    }),
  );
});

test('what another controller showed is gone on from, and kept while our own estimate is near', () => {
  const fresh = newEstimate(0);
  adoptShown(fresh, 50, ENOUGH, -60_000);
  assert.equal(fresh.shownMs, 50);
  assert.equal(fresh.proven, true);
  assert.equal(fresh.atMs, -60_000);
  const near = steady(48);
  adoptShown(near, 50, ENOUGH, 0);
  assert.equal(near.shownMs, 50);
  const far = steady(100);
  adoptShown(far, 50, ENOUGH, 0);
  assert.ok(Math.abs(far.shownMs! - 100) < 1e-6);
});
