import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { Assignment } from '@signpost/contracts/probe-assignment';
import { fakeClock } from '@signpost/testkit/fake-clock';

import { planChecks } from './plan-checks.ts';
import { Schedule } from './run-schedule.ts';

function assignment(target: string, changes: Partial<Assignment> = {}): Assignment {
  return {
    monitor: 'site',
    target,
    probe: { type: 'tcp' },
    checks: [{ families: ['ipv4'], address: '192.0.2.1', port: 80 }],
    intervalMs: 1_000,
    timeoutMs: 500,
    rise: 1,
    fall: 1,
    phase: 0,
    ...changes,
  };
}

/** A schedule over a clock at a whole minute; probes last `lastsMs` and are written down as [target, wall ms]. */
function startSchedule({ lastsMs = 0, total = 10, perHost = 10 } = {}) {
  const originMs = Date.UTC(2026, 0, 1);
  const clock = fakeClock(originMs);
  const began: [string, number][] = [];
  const called: string[] = [];
  const aborted: string[] = [];
  const lateness: number[] = [];
  let atOnce = 0;
  let most = 0;
  const schedule = new Schedule({
    clock,
    shift: 0,
    limits: { total, perHost },
    probe: async ({ assignment: { target } }, signal) => {
      began.push([target, clock.now() - originMs]);
      most = Math.max(most, ++atOnce);
      if (lastsMs > 0) await clock.sleep(lastsMs, signal).catch(() => void aborted.push(target));
      atOnce -= 1;
    },
    observe: {
      started: (_planned, latenessMs) => void lateness.push(latenessMs),
      skipped: ({ assignment: { target } }) => void called.push(target),
    },
  });
  const stop = new AbortController();
  const ended = schedule.run(stop.signal);
  return {
    clock,
    began,
    skipped: called,
    aborted,
    lateness,
    most: () => most,
    probeSoon: (key: string, delaysMs: number[]) => schedule.probeSoon(key, delaysMs),
    replace: (...assignments: Assignment[]) => schedule.replace(planChecks(assignments)),
    timesOf: (target: string) => began.filter(([name]) => name === target).map(([, ms]) => ms),
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

describe('Schedule', () => {
  test('probes a new check at once and then on its phase, unless that is now', async () => {
    const run = startSchedule();
    await run.clock.advance(1_300);
    run.replace(assignment('a', { phase: 0.5 }));
    await run.clock.advance(3_000);
    assert.deepEqual(run.timesOf('a'), [1_300, 1_500, 2_500, 3_500]);
    await run.stop();
  });

  test('is in phase after at most an interval and a tenth', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 999 }),
        fc.integer({ min: 0, max: 999 }),
        async (start, phase) => {
          const run = startSchedule();
          await run.clock.advance(start);
          run.replace(assignment('a', { phase: phase / 1_000 }));
          await run.clock.advance(1_200);
          const [first, second] = run.timesOf('a');
          assert.equal(first, start);
          assert.ok(second! - first >= 100 && second! - first <= 1_101, `${first} and ${second}`);
          await run.stop();
        },
      ),
      { numRuns: 50 },
    );
  });

  test('spreads the first probes of many new checks', async () => {
    const run = startSchedule();
    run.replace(...['a', 'b', 'c', 'd'].map((target) => assignment(target, { intervalMs: 8_000 })));
    await run.clock.advance(900);
    assert.deepEqual(run.began, [
      ['a', 0],
      ['b', 250],
      ['c', 500],
      ['d', 750],
    ]);
    await run.stop();
  });

  test('skips and counts a check whose last probe still runs, and leaves the others alone', async () => {
    const run = startSchedule({ lastsMs: 2_500 });
    run.replace(assignment('a'));
    await run.clock.advance(100);
    run.replace(assignment('a'), assignment('b', { intervalMs: 10_000 }));
    await run.clock.advance(3_000);
    assert.deepEqual(run.timesOf('a'), [0, 3_000]);
    assert.deepEqual(run.timesOf('b'), [100]);
    assert.deepEqual(run.skipped, ['a', 'a']);
    await run.stop();
  });

  test('never runs more at once than allowed, and says how late the others were', async () => {
    const run = startSchedule({ lastsMs: 400, total: 1 });
    run.replace(assignment('a', { intervalMs: 10_000 }), assignment('b', { intervalMs: 10_000 }));
    await run.clock.advance(50);
    run.replace(
      assignment('a', { intervalMs: 10_000 }),
      assignment('b', { intervalMs: 10_000 }),
      assignment('c', { intervalMs: 10_000 }),
    );
    await run.clock.advance(3_000);
    assert.equal(run.most(), 1);
    assert.deepEqual(run.began, [
      ['a', 0],
      ['c', 400],
      ['b', 800],
    ]);
    assert.deepEqual(run.lateness, [0, 350, 300]);
    await run.stop();
  });

  test('never runs more to one host than allowed, and others do not wait for it', async () => {
    const slow = { intervalMs: 10_000 };
    const elsewhere = [{ families: ['ipv4' as const], address: '192.0.2.2', port: 80 }];
    const run = startSchedule({ lastsMs: 2_000, perHost: 1 });
    run.replace(
      ...['a', 'b'].map((target) => assignment(target, slow)),
      ...['c', 'd'].map((target) => assignment(target, { ...slow, checks: elsewhere })),
    );
    await run.clock.advance(5_000);
    assert.deepEqual(run.began, [
      ['a', 0],
      ['c', 500],
      ['b', 2_000],
      ['d', 2_500],
    ]);
    await run.stop();
  });

  test('probes several times at once besides what is due when it is asked to', async () => {
    const run = startSchedule({ lastsMs: 400 });
    run.replace(assignment('a', { intervalMs: 10_000 }));
    await run.clock.advance(1_000);
    run.probeSoon('site.a.0', [0, 300, 600]);
    run.probeSoon('site.gone.0', [0]);
    await run.clock.advance(10_000);
    assert.deepEqual(run.timesOf('a'), [0, 1_000, 1_300, 1_600, 10_000]);
    assert.equal(run.most(), 2);
    await run.stop();
  });

  test('calls off the probes asked for that did not begin, also those that wait for a slot', async () => {
    const run = startSchedule({ lastsMs: 400, total: 1 });
    run.replace(assignment('a', { intervalMs: 10_000 }));
    await run.clock.advance(1_000);
    run.probeSoon('site.a.0', [0, 100, 600]);
    await run.clock.advance(200);
    run.probeSoon('site.a.0', []);
    await run.clock.advance(9_000);
    assert.deepEqual(run.timesOf('a'), [0, 1_000, 10_000]);
    assert.deepEqual(run.skipped, []);
    await run.stop();
  });

  test('aborts what is under way when its check is gone', async () => {
    const run = startSchedule({ lastsMs: 5_000 });
    run.replace(assignment('a'));
    await run.clock.advance(10);
    run.replace();
    await run.clock.advance(10_000);
    assert.deepEqual(run.aborted, ['a']);
    assert.deepEqual(run.timesOf('a'), [0]);
    await run.stop();
  });

  test('probes anew at once when the probe itself changed', async () => {
    const run = startSchedule();
    run.replace(assignment('a', { intervalMs: 10_000 }));
    await run.clock.advance(3_000);
    run.replace(
      assignment('a', {
        intervalMs: 10_000,
        checks: [{ families: ['ipv4'], address: '192.0.2.2', port: 80 }],
      }),
    );
    await run.clock.advance(1_000);
    assert.deepEqual(run.timesOf('a'), [0, 3_000]);
    await run.stop();
  });

  test('only moves the next probe when interval or phase changed, counted from the last one', async () => {
    const run = startSchedule();
    run.replace(assignment('a', { intervalMs: 10_000 }));
    await run.clock.advance(3_000);
    run.replace(assignment('a', { intervalMs: 10_000, phase: 0.6 }));
    await run.clock.advance(5_000);
    assert.deepEqual(run.timesOf('a'), [0, 6_000]);
    await run.stop();
  });

  test('is not put off by settings that change more often than it is due', async () => {
    const run = startSchedule();
    for (let i = 0; i < 40; i += 1) {
      run.replace(assignment('a', { intervalMs: 2_000, phase: i % 2 === 0 ? 0 : 0.9 }));
      await run.clock.advance(250);
    }
    assert.ok(run.timesOf('a').length >= 4, `only at ${run.timesOf('a').join()}`);
    await run.stop();
  });

  test('goes on when the wall clock jumps, back or forth, and finds its phase again', async () => {
    for (const jumpMs of [-3_600_000, 3_600_250]) {
      const run = startSchedule();
      run.replace(assignment('a'));
      await run.clock.advance(2_100);
      run.clock.jumpWallClock(jumpMs);
      await run.clock.advance(3_000);
      const times = run.timesOf('a');
      assert.ok(times.length >= 5 && times.length <= 6, `at ${times.join()}`);
      assert.equal(((times.at(-1)! % 1_000) + 1_000) % 1_000, 0);
      await run.stop();
    }
  });

  test('ends only after the probes under way have ended', async () => {
    const run = startSchedule({ lastsMs: 5_000 });
    run.replace(assignment('a'));
    await run.clock.advance(10);
    await run.stop();
    assert.deepEqual(run.aborted, ['a']);
  });

  test('ends with the error of a probe that broke its promise', async () => {
    const schedule = new Schedule({
      clock: fakeClock(),
      shift: 0,
      limits: { total: 1, perHost: 1 },
      probe: () => Promise.reject(new Error('a mistake of ours')),
      observe: { started: () => {}, skipped: () => {} },
    });
    schedule.replace(planChecks([assignment('a')]));
    await assert.rejects(schedule.run(new AbortController().signal), /a mistake of ours/);
  });
});

test('waking up leaves nothing behind', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { replace, stop } = startSchedule();
  const wakeUp = async (times: number) => {
    for (let i = 0; i < times; i += 1) {
      replace();
      await nextTurn();
    }
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = await wakeUp(2_000);
  const grown = (await wakeUp(20_000)) - before;
  await stop();
  assert.ok(grown < 1_000_000, `${grown} octets more after 20,000 wake-ups`);
});
