import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { boundAffinity } from './bound-affinity.ts';
import { amongThese, madeUpBefore, makeUp, type Surplus } from './make-up.ts';
import { LEAST_KEEP, MOST_FACTOR } from './share-settings.ts';
import { type Spread, spreadOf } from './spread.ts';

const WANTED: Spread = new Map([
  ['a', 0.8],
  ['b', 0.2],
]);
const AT_ONCE = { ttls: 1, gain: 0.4, slack: 0 };

test('who had too many gets fewer, for as long as it is owed', () => {
  const seen = new Map([
    ['a', 0.7],
    ['b', 0.3],
  ]);
  const once = makeUp(new Map(), { wanted: WANTED, seen, ...AT_ONCE });
  assert.deepEqual(
    once.factors,
    new Map([
      ['a', 1.05],
      ['b', 0.8],
    ]),
  );
  const right = makeUp(once.surplus, { wanted: WANTED, seen: WANTED, ...AT_ONCE });
  assert.deepEqual(right.factors, once.factors, 'what is owed is not forgotten');
  const twice = makeUp(once.surplus, { wanted: WANTED, seen, ...AT_ONCE });
  assert.deepEqual(
    twice.factors,
    new Map([
      ['a', 1.1],
      ['b', 0.6],
    ]),
  );
  const near = makeUp(new Map(), { wanted: WANTED, seen, ...AT_ONCE, slack: 0.11 });
  assert.deepEqual(
    near.factors,
    new Map([
      ['a', 1],
      ['b', 1],
    ]),
  );
});

test('shares add up, factors stay within bounds, and what cannot be made up for is not owed', () => {
  fc.assert(
    fc.property(
      spreads(),
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 }),
      (wanted, amounts) => {
        const seen = spreadOf(new Map([...wanted.keys()].map((name, i) => [name, amounts[i]! + 1e-9])))!;
        let surplus: Surplus = new Map();
        for (let i = 0; i < 30; i += 1) {
          const made = makeUp(surplus, { wanted, seen, ...AT_ONCE });
          surplus = made.surplus;
          const owed = [...surplus.values()].reduce((sum, amount) => sum + amount, 0);
          assert.ok(Math.abs(owed) < 1e-9);
          for (const [name, factor] of made.factors) {
            assert.ok(factor >= 1 / MOST_FACTOR - 0.001 && factor <= MOST_FACTOR + 0.001, `${factor}`);
            // So that a target which is seen rightly again is given its share within some TTLs.
            assert.ok(Math.abs(surplus.get(name)!) <= (MOST_FACTOR * wanted.get(name)! + 1) / AT_ONCE.gain);
          }
        }
      },
    ),
  );
});

test('who takes over goes on from the weights that are published', () => {
  const made = makeUp(
    new Map([
      ['a', 0.1],
      ['b', -0.1],
    ]),
    { wanted: WANTED, seen: WANTED, ...AT_ONCE },
  );
  const given = spreadOf(
    new Map([...WANTED].map(([name, share]) => [name, share * made.factors.get(name)!])),
  )!;
  const found = madeUpBefore(WANTED, given, AT_ONCE.gain);
  assert.deepEqual(found.factors, made.factors);
  for (const [name, amount] of found.surplus) assert.ok(Math.abs(amount - made.surplus.get(name)!) < 0.01);
  assert.deepEqual(
    madeUpBefore(WANTED, WANTED, 0.4).factors,
    new Map([
      ['a', 1],
      ['b', 1],
    ]),
  );
});

test('who is gone takes along what it was owed', () => {
  const wanted = new Map([
    ['a', 0.5],
    ['b', 0.5],
  ]);
  const surplus = amongThese(
    new Map([
      ['a', 0.3],
      ['b', 0.1],
      ['c', -0.4],
    ]),
    wanted,
  );
  assert.deepEqual(
    [...surplus.values()].map((amount) => amount.toFixed(3)),
    ['0.100', '-0.100'],
  );
});

test('a target above its bound soon keeps fewer, one below gets its own back late', () => {
  const seen = new Map([
    ['a', 0.5],
    ['b', 0.5],
  ]);
  const steps = (from: ReadonlyMap<string, number>, spread: Spread, count: number) => {
    let keeps = from;
    for (let i = 0; i < count; i += 1) keeps = boundAffinity(keeps, WANTED, spread, 1.25, 1);
    return keeps;
  };
  const once = steps(new Map(), seen, 1);
  assert.equal(once.get('a'), 1);
  assert.ok(once.get('b')! < 0.8 && once.get('b')! > 0.5);
  const few = steps(once, seen, 50);
  assert.equal(few.get('b'), LEAST_KEEP);
  const atBound = new Map([
    ['a', 0.755],
    ['b', 0.245],
  ]);
  assert.deepEqual(steps(once, atBound, 10), once, 'near enough');
  assert.ok(steps(few, WANTED, 50).get('b')! < 0.1);
  assert.deepEqual([...steps(few, WANTED, 1_000).values()], [1, 1]);
});

function spreads(): fc.Arbitrary<Spread> {
  return fc
    .array(fc.integer({ min: 1, max: 1_000 }), { minLength: 2, maxLength: 5 })
    .map((weights) => spreadOf(new Map(weights.map((weight, i) => [`t${i}`, weight])))!);
}
