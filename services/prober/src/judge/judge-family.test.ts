import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import { unknownFamily, type FamilyState } from './family-state.ts';
import { judgeFamily, type Conclusive, type Thresholds } from './judge-family.ts';

const pass: Conclusive = { kind: 'pass', roundTripMs: 12, phases: {} };
const refused: Conclusive = { kind: 'fail', reason: 'connection refused' };
const sick: Conclusive = { kind: 'fail', reason: 'status 503, wanted 200', roundTripMs: 7 };

/** One result per second, from second 1. */
function judgeAll(results: readonly Conclusive[], thresholds: Thresholds): FamilyState[] {
  let state = unknownFamily(0);
  return results.map((result, i) => (state = judgeFamily(state, result, thresholds, (i + 1) * 1_000)));
}

const statesAfter = (results: readonly Conclusive[], thresholds: Thresholds) =>
  judgeAll(results, thresholds).map(({ state }) => state);

describe('judgeFamily', () => {
  test('is up after the first pass, whatever rise says', () => {
    assert.deepEqual(statesAfter([pass], { rise: 3, fall: 3 }), ['up']);
  });

  test('is suspect after a first failure and down after fall failures in a row', () => {
    const states = statesAfter([pass, refused, refused, refused], { rise: 1, fall: 3 });
    assert.deepEqual(states, ['up', 'suspect', 'suspect', 'down']);
    assert.deepEqual(statesAfter([refused, refused], { rise: 1, fall: 2 }), ['suspect', 'down']);
  });

  test('knows no suspect when one failure is enough', () => {
    assert.deepEqual(statesAfter([refused], { rise: 1, fall: 1 }), ['down']);
    assert.deepEqual(statesAfter([pass, refused, pass], { rise: 1, fall: 1 }), ['up', 'down', 'up']);
  });

  test('counts failures anew after a pass', () => {
    const states = statesAfter([pass, refused, refused, pass, refused, refused], { rise: 2, fall: 3 });
    assert.deepEqual(states, ['up', 'suspect', 'suspect', 'up', 'suspect', 'suspect']);
  });

  test('comes up again after rise passes in a row, and a failure between starts the count again', () => {
    const states = statesAfter([refused, pass, refused, pass, pass], { rise: 2, fall: 1 });
    assert.deepEqual(states, ['down', 'down', 'down', 'down', 'up']);
  });

  test('keeps since while the state stays and the newest reason all the while', () => {
    const [down, still] = judgeAll([refused, sick], { rise: 1, fall: 1 });
    assert.deepEqual(
      [down!.sinceMs, down!.reason, still!.sinceMs, still!.reason],
      [1_000, 'connection refused', 1_000, 'status 503, wanted 200'],
    );
  });

  test('has a round trip only when something came back', () => {
    const [up, down, wrong] = judgeAll([pass, refused, sick], { rise: 1, fall: 1 });
    assert.deepEqual([up!.roundTripMs, down!.roundTripMs, wrong!.roundTripMs], [12, undefined, 7]);
  });

  test('counts a flip for each change between up and down, and none for being suspect', () => {
    const suspected = judgeAll([pass, refused, pass], { rise: 1, fall: 2 });
    assert.equal(suspected.at(-1)!.flips, 0);
    const flapped = judgeAll([pass, refused, pass, refused], { rise: 1, fall: 1 });
    assert.equal(flapped.at(-1)!.flips, 3);
  });

  test('is down exactly as a plain reading of the whole history says', () => {
    const history = fc.array(
      fc.boolean().map((passed) => (passed ? pass : refused)),
      { minLength: 1, maxLength: 40 },
    );
    const thresholds = fc.record({
      rise: fc.integer({ min: 1, max: 4 }),
      fall: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(history, thresholds, (results, bounds) => {
        const judged = judgeAll(results, bounds);
        assert.deepEqual(
          judged.map(({ state, flips }) => ({ state, flips })),
          results.map((_, i) => plainly(results.slice(0, i + 1), bounds)),
        );
      }),
    );
  });

  test('is never down with fewer than fall failures since the last pass, unless it was down already', () => {
    const history = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(history, fc.integer({ min: 2, max: 5 }), (passes, fall) => {
        const results = passes.map((passed) => (passed ? pass : refused));
        const states = statesAfter(results, { rise: 1, fall });
        states.forEach((state, i) => {
          if (state !== 'down') return;
          assert.ok(passes.slice(Math.max(0, i - fall + 1), i + 1).every((passed) => !passed));
          assert.ok(i + 1 >= fall);
        });
      }),
    );
  });
});

/** The rules again, read off the whole history each time. */
function plainly(
  results: readonly Conclusive[],
  { rise, fall }: Thresholds,
): { state: string; flips: number } {
  let down = false;
  let everPassed = false;
  let everDown = false;
  let flips = 0;
  results.forEach((result, i) => {
    const lastAre = (kind: string, count: number) =>
      i + 1 >= count && results.slice(i + 1 - count, i + 1).every((one) => one.kind === kind);
    everPassed ||= result.kind === 'pass' && !down;
    if (down ? lastAre('pass', rise) : lastAre('fail', fall)) {
      down = !down;
      if (down ? everPassed : everDown) flips += 1;
      everPassed ||= !down;
      everDown ||= down;
    }
  });
  if (down) return { state: 'down', flips };
  return { state: results.at(-1)!.kind === 'pass' ? 'up' : 'suspect', flips };
}
