/** Stages that look at where a client is, or at how long its packets take: `nearest` and `fastest`, with numbers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Stage } from '@signpost/contracts/policy-configuration';

import { stretchOf } from './choose-stage.ts';
import { EARTH_RADIUS_KM, nearestAngle, priorRoundTripMs, unitVectors } from './distance.ts';
import { latencyKey, type PlainLatencies } from './reference/arbitrary-client.ts';
import {
  clientAt,
  clientIn,
  down,
  poolOf,
  scopeOf,
  steer,
  worldOf,
  type World,
} from './testing/sample-policy.ts';

const CITIES = ['london', 'new-york', 'singapore'];
const worldWith = (stage: Stage, world: World = {}) => worldOf([{ try: [stage, 'sorry'] }], world);

const PARIS = clientAt(48.9, 2.4);
const BOSTON = clientAt(42.4, -71.1);
/** 2,100 km from London, 3,700 km from New York. */
const ATLANTIC = clientAt(45, -28);

test('great-circle distances are those of an atlas', () => {
  const vectors = unitVectors([
    [51.5, -0.1],
    [40.7, -74],
    [1.3, 103.8],
  ]);
  const km = (from: number, to: number) =>
    EARTH_RADIUS_KM * nearestAngle(vectors, to, to + 1, vectors.subarray(3 * from, 3 * from + 3));
  assert.ok(Math.abs(km(0, 1) - 5_570) < 10, String(km(0, 1)));
  assert.ok(Math.abs(km(0, 2) - 10_850) < 20, String(km(0, 2)));
  assert.ok(km(0, 0) < 0.001);
});

test('the nearest pool that is up serves, and the place is what the scope is made of', () => {
  const input = worldWith({ nearest: CITIES });
  assert.equal(poolOf(input, PARIS), 'london');
  assert.equal(poolOf(input, BOSTON), 'new-york');
  assert.equal(poolOf(input, clientAt(-33.9, 151.2)), 'singapore');
  assert.equal(scopeOf(input, PARIS), 16);
  const without = worldWith({ nearest: CITIES }, { states: down('london') });
  assert.equal(poolOf(without, PARIS), 'new-york');
  assert.equal(poolOf(worldWith({ nearest: CITIES }, { states: down(...CITIES) }), PARIS), 'sorry');
});

test('a client whose place is not known gets the first listed that is up', () => {
  const nearest = ['singapore', 'london'];
  assert.equal(poolOf(worldWith({ nearest })), 'singapore');
  assert.equal(poolOf(worldWith({ nearest }, { states: down('singapore') })), 'london');
  assert.equal(scopeOf(worldWith({ nearest }), clientIn()), 16, 'that it is not known was looked up, too');
  assert.equal(scopeOf(worldWith({ nearest }, { states: down('singapore') }), clientIn()), 0);
});

test('bias is that of Route 53: 50 halves a distance, -50 doubles it', () => {
  assert.deepEqual(
    [50, 99, 0, -50, -99].map(stretchOf).map((stretch) => Math.round(stretch * 100) / 100),
    [0.5, 0.01, 1, 2, 100],
  );
  const biased = (bias: Record<string, number>) => worldWith({ nearest: CITIES, bias });
  assert.equal(poolOf(biased({}), ATLANTIC), 'london');
  assert.equal(poolOf(biased({ 'new-york': 40 }), ATLANTIC), 'london', '2,100 < 3,700 x 0.6');
  assert.equal(poolOf(biased({ 'new-york': 50 }), ATLANTIC), 'new-york', '2,100 > 3,700 x 0.5');
  assert.equal(poolOf(biased({ london: -40 }), ATLANTIC), 'london', '2,100 / 0.6 < 3,700');
  assert.equal(poolOf(biased({ london: -50 }), ATLANTIC), 'new-york', '2,100 / 0.5 > 3,700');
});

/** Round trips of the clients above, in milliseconds by target. */
const measuredAs = (ms: Record<string, number>): PlainLatencies => ({
  bits: 20,
  ms: new Map(Object.entries(ms).map(([target, trip]) => [`${latencyKey(PARIS, 20)} ${target}`, trip])),
});

test('the first that is within the slack of the fastest serves, in milliseconds', () => {
  const input = worldWith({ fastest: CITIES, slack: { ms: 10, share: 0 } });
  const at = (london: number, newYork: number) =>
    poolOf(
      input,
      PARIS,
      measuredAs({ 'london-a': london, 'london-b': 900, 'new-york': newYork, singapore: 200 }),
    );
  assert.equal(at(30, 20), 'london');
  assert.equal(at(31, 20), 'new-york');
  assert.equal(at(20, 31), 'london');
});

test('and in per cent of the fastest', () => {
  const input = worldWith({ fastest: CITIES, slack: { ms: 0, share: 0.2 } });
  const at = (london: number, newYork: number) =>
    poolOf(input, PARIS, measuredAs({ 'london-a': london, 'new-york': newYork, singapore: 500 }));
  assert.equal(at(120, 100), 'london');
  assert.equal(at(121, 100), 'new-york');
});

test('a pool is as fast as its fastest target that serves', () => {
  const stage: Stage = { fastest: ['new-york', 'london'], slack: { ms: 0, share: 0 } };
  const trips = measuredAs({ 'london-a': 90, 'london-b': 10, 'new-york': 50 });
  assert.equal(poolOf(worldWith(stage), PARIS, trips), 'london');
  assert.equal(poolOf(worldWith(stage, { states: { 'london-b': 'down' } }), PARIS, trips), 'new-york');
});

test('where nothing was measured distance stands in: 5 ms, and 15 for each 1,000 km', () => {
  assert.equal(priorRoundTripMs(0), 5);
  assert.equal(Math.round(priorRoundTripMs(1_000 / EARTH_RADIUS_KM)), 20);
  const input = worldWith({ fastest: CITIES, slack: { ms: 0, share: 0 } });
  assert.equal(poolOf(input, BOSTON), 'new-york');
  assert.equal(
    poolOf(input, PARIS, measuredAs({ 'new-york': 9 })),
    'new-york',
    'London is 345 km away: 10 ms',
  );
  assert.equal(poolOf(input, PARIS, measuredAs({ 'new-york': 11 })), 'london');
  assert.equal(scopeOf(input, PARIS, measuredAs({ 'new-york': 11 })), 20);
});

test('the first serves for whom neither round trip nor place is known', () => {
  const input = worldWith({ fastest: ['singapore', 'london'], slack: { ms: 10, share: 0 } });
  assert.equal(steer(input), 'singapore healthy: singapore');
});
