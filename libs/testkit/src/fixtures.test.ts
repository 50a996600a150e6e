/** The pure fixtures: fake time, seeded chance, waiting for a condition. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventually } from './eventually.ts';
import { fakeClock } from './fake-clock.ts';
import { seededDraw } from './seeded-draw.ts';

test('fake sleepers wake in the order of their due times, each seeing its own time', async () => {
  const clock = fakeClock(1_000);
  const woken: string[] = [];
  const sleeper = async (name: string, ms: number) => {
    await clock.sleep(ms);
    woken.push(`${name}@${clock.monotonic()}`);
  };
  void sleeper('late', 30);
  void sleeper('early', 10);
  await clock.advance(29);
  assert.deepEqual(woken, ['early@10']);
  await clock.advance(1);
  assert.deepEqual(woken, ['early@10', 'late@30']);
  assert.equal(clock.now(), 1_030);
});

test('one advance carries a loop that sleeps again through all its rounds', async () => {
  const clock = fakeClock();
  const rounds: number[] = [];
  void (async () => {
    while (rounds.length < 5) {
      await clock.sleep(100);
      rounds.push(clock.monotonic());
    }
  })();
  await clock.advance(1_000);
  assert.deepEqual(rounds, [100, 200, 300, 400, 500]);
  assert.equal(clock.sleeping, 0);
});

test('a fake sleep rejects with the reason of its signal, and forgets the sleeper', async () => {
  const clock = fakeClock();
  const controller = new AbortController();
  const sleep = clock.sleep(100, controller.signal);
  controller.abort(new Error('stop'));
  await assert.rejects(sleep, /stop/);
  assert.equal(clock.sleeping, 0);
  await assert.rejects(clock.sleep(1, controller.signal), /stop/);
});

test('a jump of the wall clock wakes nobody', async () => {
  const clock = fakeClock(0);
  void clock.sleep(100);
  clock.jumpWallClock(3_600_000);
  await clock.advance(0);
  assert.equal(clock.sleeping, 1);
  assert.equal(clock.now(), 3_600_000);
  assert.equal(clock.monotonic(), 0);
});

test('the same seed draws the same numbers, all in [0, 1) and evenly spread', () => {
  const [first, again, other] = [seededDraw(7), seededDraw(7), seededDraw(8)];
  const numbers = Array.from({ length: 10_000 }, first);
  assert.deepEqual(numbers, Array.from({ length: 10_000 }, again));
  assert.notEqual(numbers[0], other());
  assert.ok(numbers.every((number) => number >= 0 && number < 1));
  const low = numbers.filter((number) => number < 0.25).length;
  assert.ok(low > 2_300 && low < 2_700, `${low} of 10,000 below 0.25`);
});

test('eventually returns the first value that passes', async () => {
  let count = 0;
  const value = await eventually(
    () => (count += 1),
    (seen) => seen >= 3,
    { pauseMs: 0 },
  );
  assert.equal(value, 3);
});

test('eventually says what it saw last, or what was thrown', async () => {
  const never = { deadlineMs: 0, what: 'the colour' };
  await assert.rejects(
    eventually(
      () => ({ colour: 'red' }),
      () => false,
      never,
    ),
    /the colour did not hold within 0 ms; the last value was \{ colour: 'red' \}/,
  );
  await assert.rejects(
    eventually(() => Promise.reject(new Error('refused')), Boolean, never),
    /the last look threw Error: refused/,
  );
});
