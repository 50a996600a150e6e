import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import * as fc from 'fast-check';

import { RateTable, rateTableMemory } from './rate-table.ts';

const START_MS = 1_700_000_000_000;
const WINDOW_MS = 15_000;
/** What integers of 10 microseconds make of a response's cost. */
const costMs = (perSecond: number): number => Math.ceil(100_000 / perSecond) / 100;

/** Milliseconds since the query before, and who asks. */
const traffic = fc.array(fc.tuple(fc.nat(400), fc.nat(30)), { minLength: 1, maxLength: 300 });
const limits = fc.constantFrom(1, 2, 3, 7, 50, 3_000, 10_000);

function key(who: number): [number, number] {
  return [Math.imul(who + 1, 0x9e3779b1), Math.imul(who + 1, 0x85ebca6b)];
}

describe('a table with room for all', () => {
  test('does what an account for each key would, said plainly', () => {
    fc.assert(
      fc.property(traffic, limits, (arrivals, perSecond) => {
        const table = new RateTable(rateTableMemory(2 ** 12), perSecond, WINDOW_MS);
        const dueMs = new Map<number, number>();
        let nowMs = START_MS;
        for (const [passedMs, who] of arrivals) {
          nowMs += passedMs;
          const used = Math.max(0, (dueMs.get(who) ?? 0) - nowMs);
          const wanted = used + costMs(perSecond) <= 1_000 + 1e-6;
          assert.equal(table.take(...key(who), nowMs), wanted);
          dueMs.set(who, nowMs + Math.min(used + costMs(perSecond), 1_000 + WINDOW_MS));
        }
      }),
    );
  });

  test('a flood gets a burst of one second, then nothing until the window has passed', () => {
    const table = new RateTable(rateTableMemory(64), 10, WINDOW_MS);
    let sent = 0;
    for (let ms = 0; ms < 60_000; ms += 1) if (table.take(1, 2, START_MS + ms)) sent += 1;
    assert.equal(sent, 10);
    assert.equal(table.take(1, 2, START_MS + 60_000 + WINDOW_MS - 1), false);
    assert.equal(table.take(1, 2, START_MS + 60_000 + WINDOW_MS + 200), true);
  });

  test('a flood gains nothing where two workers read the clock a moment apart', () => {
    const table = new RateTable(rateTableMemory(64), 10, WINDOW_MS);
    let sent = 0;
    for (let i = 0; i < 2_000; i += 1) if (table.take(1, 2, START_MS + 5 - (i % 3) * 2)) sent += 1;
    assert.equal(sent, 10);
  });

  test('who keeps to the limit is never refused', () => {
    fc.assert(
      fc.property(limits, fc.nat(2 ** 31), (perSecond, offset) => {
        const table = new RateTable(rateTableMemory(64), perSecond, WINDOW_MS);
        for (let i = 0; i < 200; i += 1) {
          assert.ok(table.take(1, 2, START_MS + offset + Math.ceil(i * costMs(perSecond))), `response ${i}`);
        }
      }),
    );
  });
});

describe('a table with room for eight', () => {
  test('no key gets more than the burst and its rate, whoever else comes', () => {
    fc.assert(
      fc.property(traffic, limits, (arrivals, perSecond) => {
        const table = new RateTable(rateTableMemory(8), perSecond, WINDOW_MS);
        const sent = new Map<number, number>();
        let nowMs = START_MS;
        for (const [passedMs, who] of arrivals) {
          nowMs += passedMs;
          if (table.take(...key(who), nowMs)) sent.set(who, (sent.get(who) ?? 0) + 1);
          const most = perSecond + ((nowMs - START_MS) / 1_000) * perSecond;
          assert.ok((sent.get(who) ?? 0) <= most, `${who} got ${sent.get(who)} of ${most}`);
        }
      }),
    );
  });

  test('in a crowd of floods a newcomer waits for one response at most', () => {
    const table = new RateTable(rateTableMemory(8), 5, WINDOW_MS);
    for (let who = 0; who < 8; who += 1) for (let i = 0; i < 500; i += 1) table.take(...key(who), START_MS);
    assert.equal(table.take(...key(100), START_MS), false);
    assert.equal(table.take(...key(100), START_MS + 400), true);
  });

  test('keys that rest give way to others, who begin with a whole allowance', () => {
    const table = new RateTable(rateTableMemory(8), 2, WINDOW_MS);
    for (let who = 0; who < 1_000; who += 1) {
      const nowMs = START_MS + who * 1_000;
      assert.deepEqual(
        [1, 2, 3].map(() => table.take(...key(who), nowMs)),
        [true, true, false],
        `${who}`,
      );
    }
  });
});

test('a clock that jumps, forward or back, costs nobody more than the window', () => {
  for (const jumpMs of [-86_400_000 * 30, -3_600_000, 3_600_000, 86_400_000 * 30]) {
    const table = new RateTable(rateTableMemory(64), 1, WINDOW_MS);
    for (let i = 0; i < 100; i += 1) table.take(1, 2, START_MS);
    assert.equal(table.take(1, 2, START_MS + jumpMs), true, `${jumpMs} ms`);
  }
});

test('two tables over one memory are one, as two workers are', () => {
  const memory = rateTableMemory(64);
  const [first, second] = [0, 1].map(() => new RateTable(memory, 4, WINDOW_MS));
  const sent = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? first! : second!).take(5, 6, START_MS));
  assert.equal(sent.filter(Boolean).length, 4);
  assert.equal(memory.byteLength, 64 * 8, 'and the memory stays as it was');
});
