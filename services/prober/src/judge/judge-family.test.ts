import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import { unknownFamily, type FamilyState } from './family-state.ts';
import { judgeFamily, type Conclusive, type Thresholds } from './judge-family.ts';

const pass: Conclusive = { kind: 'pass', roundTripMs: 12, phases: {} };
const refused: Conclusive = { kind: 'fail', reason: 'connection refused' };
const sick: Conclusive = { kind: 'fail', reason: 'status 503, wanted 200', roundTripMs: 7 };

const at = (ms: number, startedMs = ms) => ({ startedMs, nowMs: ms });

/** One result per second, from second 1. */
function judgeAll(results: readonly Conclusive[], thresholds: Thresholds): FamilyState[] {
  let state = unknownFamily(0);
  return results.map((result, i) => (state = judgeFamily(state, result, thresholds, at((i + 1) * 1_000))));
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

describe('probes that overlap', () => {
  const fall3 = { rise: 1, fall: 3 };

  test('a timeout of a probe that began before a pass does not count any more', () => {
    const passed = judgeFamily(unknownFamily(0), pass, fall3, at(500, 300));
    assert.equal(judgeFamily(passed, refused, fall3, at(3_000, 0)), passed);
    assert.equal(judgeFamily(passed, refused, fall3, at(3_000, 300)).state, 'suspect');
  });

  test('a pass that began before a failure does not take it back, one that began after it does', () => {
    const failed = judgeFamily(unknownFamily(0), refused, fall3, at(301, 300));
    const straggler = judgeFamily(failed, pass, fall3, at(600, 0));
    assert.deepEqual([straggler.state, straggler.reason], ['suspect', 'connection refused']);
    assert.equal(judgeFamily(straggler, pass, fall3, at(700, 601)).state, 'up');
  });

  test('a pass between two failures ends the row of the first, also when it ends last', () => {
    const two = [at(1, 0), at(201, 200)].reduce(
      (state, times) => judgeFamily(state, refused, fall3, times),
      unknownFamily(0),
    );
    const between = judgeFamily(two, pass, fall3, at(400, 100));
    assert.deepEqual([between.state, between.against], ['suspect', [200]]);
  });

  test('a pass of a probe that began before the target was found down is no way up', () => {
    const once = { rise: 1, fall: 1 };
    const down = judgeFamily(unknownFamily(0), refused, once, at(301, 300));
    assert.equal(judgeFamily(down, pass, once, at(600, 0)), down);
    assert.equal(judgeFamily(down, pass, once, at(600, 400)).state, 'up');
  });

  /** Probes that began each at its own time, and the order in which they end. */
  const runs = fc
    .uniqueArray(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 30 })
    .chain((starts) =>
      fc.tuple(
        fc.constant(starts),
        fc.array(fc.boolean(), { minLength: starts.length, maxLength: starts.length }),
      ),
    )
    .map(([starts, passes]) =>
      starts.map((startedMs, i) => ({ startedMs, result: passes[i]! ? pass : refused })),
    );
  const thresholds = fc.record({
    rise: fc.integer({ min: 1, max: 3 }),
    fall: fc.integer({ min: 1, max: 4 }),
  });

  test('with too few failures to be down, whatever order they end in, the one that began last decides', () => {
    fc.assert(
      fc.property(runs, (probes) => {
        const fall = probes.filter(({ result }) => result === refused).length + 1;
        const last = probes.toSorted((a, b) => a.startedMs - b.startedMs).at(-1)!;
        let state = unknownFamily(0);
        for (const [i, { startedMs, result }] of probes.entries()) {
          state = judgeFamily(state, result, { rise: 1, fall }, at(1_000 + i, startedMs));
          assert.notEqual(state.state, 'down');
        }
        assert.equal(state.state, last.result === pass ? 'up' : 'suspect');
      }),
    );
  });

  test('it turns exactly when enough probes contradict that began after all that agree', () => {
    fc.assert(
      fc.property(runs, thresholds, (probes, bounds) => {
        let before = unknownFamily(0);
        for (const [i, { startedMs, result }] of probes.entries()) {
          const after = judgeFamily(before, result, bounds, at(1_000 + i, startedMs));
          const known = probes.slice(0, i + 1);
          const fails = startsOf(known, refused);
          const passes = startsOf(known, pass);
          const row = (of: number[], others: number[]) =>
            of.filter((ms) => ms > Math.max(-1, ...others)).length;
          if (before.state === 'down') {
            assert.equal(after.state === 'up', row(passes, fails) >= bounds.rise);
          } else {
            assert.equal(after.state === 'down', row(fails, passes) >= bounds.fall);
          }
          assert.ok(after.against.length < (after.state === 'down' ? bounds.rise : bounds.fall));
          before = after;
        }
      }),
    );
  });

  const startsOf = (probes: readonly { startedMs: number; result: Conclusive }[], kind: Conclusive) =>
    probes.filter(({ result }) => result === kind).map(({ startedMs }) => startedMs);
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
