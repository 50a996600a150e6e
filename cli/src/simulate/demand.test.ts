import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { Demand } from './demand.ts';

const surges = fc.array(
  fc
    .record({
      fromMs: fc.integer({ min: 0, max: 1_000 }),
      lastsMs: fc.option(fc.integer({ min: 1, max: 1_000 })),
      factor: fc.constantFrom(0, 0.5, 2, 3),
    })
    .map(({ fromMs, lastsMs, factor }) => ({
      fromMs,
      untilMs: lastsMs === null ? Number.POSITIVE_INFINITY : fromMs + lastsMs,
      factor,
    })),
  { maxLength: 4 },
);
const time = fc.integer({ min: 0, max: 2_500 });

test('without surges a millisecond is a millisecond', () => {
  const demand = new Demand([]);
  assert.equal(demand.amountBetween(10.5, 20), 9.5);
  assert.equal(demand.timeAfter(10, 5), 15);
  assert.equal(demand.factorAt(3), 1);
});

test('the amount is the sum of what each millisecond has', () => {
  fc.assert(
    fc.property(surges, time, time, (some, a, b) => {
      const demand = new Demand(some);
      const [from, until] = [Math.min(a, b), Math.max(a, b)];
      let plain = 0;
      for (let ms = from; ms < until; ms += 1) {
        plain += some
          .filter(({ fromMs, untilMs }) => fromMs <= ms && ms < untilMs)
          .reduce((product, { factor }) => product * factor, 1);
      }
      assert.ok(Math.abs(demand.amountBetween(from, until) - plain) < 1e-6);
      const steady = demand.steadyFactor(from, until);
      if (steady !== undefined) assert.ok(Math.abs(steady * (until - from) - plain) < 1e-6);
    }),
  );
});

test('after the time for an amount that amount has come, and not before', () => {
  fc.assert(
    fc.property(surges, time, fc.integer({ min: 1, max: 500 }), (some, from, amount) => {
      const demand = new Demand(some);
      const until = demand.timeAfter(from, amount);
      if (until === Number.POSITIVE_INFINITY) {
        assert.equal(demand.factorAt(1e9), 0);
        assert.ok(demand.amountBetween(from, 1e6) < amount);
      } else assert.ok(Math.abs(demand.amountBetween(from, until) - amount) < 1e-6);
    }),
  );
});
