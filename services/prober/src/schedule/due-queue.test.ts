import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { DueQueue } from './due-queue.ts';

test('gives what is due in order of time, and nothing before its time', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }),
      fc.integer({ min: 0, max: 50 }),
      (times, nowMs) => {
        const queue = new DueQueue<{ dueMs: number }>();
        for (const dueMs of times) queue.add({ dueMs });
        const taken: number[] = [];
        for (let next = queue.takeDue(nowMs); next !== undefined; next = queue.takeDue(nowMs))
          taken.push(next.dueMs);
        const sorted = times.toSorted((a, b) => a - b);
        assert.deepEqual(
          taken,
          sorted.filter((dueMs) => dueMs <= nowMs),
        );
        assert.equal(
          queue.nextDueMs,
          sorted.find((dueMs) => dueMs > nowMs),
        );
        assert.equal(queue.size, times.length - taken.length);
      },
    ),
  );
});

test('stays a queue when things are added and taken in turn', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 99 })), { maxLength: 80 }), (steps) => {
      const queue = new DueQueue<{ dueMs: number }>();
      const plain: number[] = [];
      for (const step of steps) {
        if (step === null) {
          plain.sort((a, b) => a - b);
          assert.equal(queue.takeDue(Infinity)?.dueMs, plain.shift());
        } else {
          queue.add({ dueMs: step });
          plain.push(step);
        }
      }
    }),
  );
});
