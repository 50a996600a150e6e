/** Steering by load when something is missing: a pool dies, a feed falls silent, a leader goes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NO_OVERRIDES } from '@signpost/policy/override-view';
import { seededDraw } from '@signpost/testkit/seeded-draw';

import { exampleConfiguration, EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { simulateLoad } from '../testing/load-simulation.ts';
import { buildTopology } from '../topology/topology.ts';
import { evolveLoad, type LoadWorld } from './evolve-load.ts';
import { describeRoom, whyLoad } from './load-view.ts';
import { FALL_BACK_AFTER_MS, FRESH_FOR_MS, LARGEST_STEP } from './load-settings.ts';
import { NO_LOAD_STATE, type LoadState } from './pool-load.ts';

const POOLS = {
  eu: { limits: { soft: 6_000, hard: 8_000 }, demand: 5_000 },
  us: { limits: { soft: 9_000, hard: 12_000 }, demand: 4_000 },
  ap: { limits: { soft: 2_500, hard: 3_500 }, demand: 1_500 },
};
const TTL_MS = 60_000;
const simulate = (draw = seededDraw(1)) => simulateLoad({ pools: POOLS, ttlMs: TTL_MS, draw });

test('a dead pool is spread by the room that there was before, and nobody is pushed over', () => {
  const simulation = simulate();
  simulation.run(10 * TTL_MS);
  const planned = simulation.state().pools.get('eu')!.spill;
  simulation.setDown('eu', true);
  simulation.run(5_000);
  assert.deepEqual(simulation.state().steering.get('eu')!.room, planned, 'it stood ready');
  simulation.run(20 * TTL_MS);
  assert.deepEqual(simulation.state().steering.get('eu')!.room, planned, 'it is frozen');
  const { load, keep } = simulation.samples.at(-1)!;
  assert.equal(load.get('eu'), 0);
  for (const pool of ['us', 'ap'] as const) {
    assert.ok(load.get(pool)! < POOLS[pool].limits.soft * 1.05, `${pool} carries ${load.get(pool)}`);
    assert.ok(keep.get(pool)! >= 0.95);
  }
  simulation.setDown('eu', false);
  simulation.run(20 * TTL_MS);
  assert.ok(Math.abs(simulation.samples.at(-1)!.load.get('eu')! - 5_000) < 1);
});

test('an overload that lands with a dead pool is shed again', () => {
  const simulation = simulate();
  simulation.caches.demand['us'] = 8_500;
  simulation.run(15 * TTL_MS);
  simulation.setDown('ap', true);
  simulation.caches.demand['ap'] = 4_000;
  simulation.run(30 * TTL_MS);
  const { load } = simulation.samples.at(-1)!;
  assert.ok(
    load.get('us')! < POOLS.us.limits.hard && load.get('eu')! < POOLS.eu.limits.hard,
    [...load].join(),
  );
});

test('while a feed is silent all stays as it is, then weights go back in steps', () => {
  const simulation = simulate();
  simulation.caches.demand['eu'] = 9_000;
  simulation.run(20 * TTL_MS);
  const { keep, room } = simulation.state().steering.get('eu')!;
  assert.ok(keep < 0.9);
  simulation.setSilent('eu', true);
  simulation.caches.demand['eu'] = 1_000;
  simulation.run(FRESH_FOR_MS + 5_000);
  assert.equal(simulation.state().pools.get('eu')!.feed, 'frozen');
  simulation.run(FALL_BACK_AFTER_MS - 10_000);
  assert.equal(simulation.state().steering.get('eu')!.keep, keep);
  assert.match(
    simulation.state().pools.get('eu')!.reason,
    /no load of eu for more than 15s: all stays as it is/,
  );

  simulation.run(10_000);
  const released = simulation.state().pools.get('eu')!;
  assert.equal(released.feed, 'released');
  assert.ok(Math.abs(released.keep - keep - LARGEST_STEP) < 1e-9, `${keep} -> ${released.keep}`);
  assert.notEqual(room, undefined);
  simulation.run(5 * TTL_MS);
  assert.equal(simulation.state().steering.get('eu')!.keep, 1);
  const others = simulation.state().steering.get('us')!.room!;
  assert.deepEqual([...others.keys()], ['ap'], 'nobody is sent where nothing is known');

  simulation.setSilent('eu', false);
  simulation.caches.demand['eu'] = 9_000;
  simulation.run(20 * TTL_MS);
  assert.ok(simulation.state().steering.get('eu')!.keep < 0.9, 'and it is steered again');
});

const LOADED = EXAMPLE_YAML.replace(
  'eu: { monitor: web,',
  'eu: { load: { soft: 60, hard: 80 }, monitor: web,',
).replace('us: { monitor: web,', 'us: { load: { soft: 90, hard: 120 }, monitor: web,');
const TOPOLOGY = buildTopology(exampleConfiguration(LOADED));

function worldOf(heard: Record<string, number>, change: Partial<LoadWorld>): LoadWorld {
  const { loadPools, configuration } = TOPOLOGY;
  const nowMs = change.nowMs ?? 0;
  return {
    loadPools,
    targets: configuration.targets,
    heard: new Map(Object.entries(heard).map(([target, load]) => [target, { load, heardAtMs: nowMs }])),
    health: (_monitor, target) => ({
      state: target === 'eu-b' && change.hearingSinceMs === -1 ? 'down' : 'up',
      ipv4: 'up',
      ipv6: 'up',
      reason: '',
    }),
    overrides: NO_OVERRIDES,
    stored: new Map(),
    hearingSinceMs: 0,
    deciding: true,
    urgent: false,
    nowMs,
    ...change,
  };
}

const ALL = { 'eu-a': 50, 'eu-b': 30, 'us-a': 30 };

function evolved(state: LoadState, heard: Record<string, number>, from: number, to: number, change = {}) {
  let next = state;
  for (let nowMs = from; nowMs <= to; nowMs += 1_000)
    next = evolveLoad(next, worldOf(heard, { ...change, nowMs }));
  return next;
}

test('without load limits there is nothing to steer', () => {
  const { loadPools } = buildTopology(exampleConfiguration());
  assert.equal(evolveLoad(NO_LOAD_STATE, { ...worldOf(ALL, {}), loadPools }), NO_LOAD_STATE);
});

test("a pool's load is the sum of its targets', and what is steered stays the same value until it changes", () => {
  const first = evolved(NO_LOAD_STATE, ALL, 0, 10_000);
  assert.equal(first.pools.get('eu')!.measured, 80);
  assert.equal(first.pools.get('spare')!.feed, 'unlimited');
  const later = evolved(first, ALL, 11_000, 20_000);
  assert.equal(later.steering, first.steering);
  const shed = evolved(later, ALL, 21_000, 40_000);
  assert.equal(shed.steering.get('eu')!.keep, 0.9, 'after one TTL, by one step');
  assert.deepEqual(whyLoad(later.steering, shed.steering), [
    'load: pool eu keeps 90 % of its clients, the others go to us 100 %',
  ]);
  assert.equal(describeRoom(undefined), 'the next stage');
});

test('of a pool that lost a part of its weight, limits count as much as is left', () => {
  const half = evolved(NO_LOAD_STATE, { 'eu-a': 50, 'us-a': 30 }, 0, 40_000, { hearingSinceMs: -1 });
  const eu = half.pools.get('eu')!;
  assert.equal(eu.up, 0.8);
  assert.equal(eu.feed, 'fresh', 'who is down need not push');
  assert.ok(eu.keep < 1, '50 of 48');
});

test('who does not decide follows what was stored, and goes on there when it takes the lead', () => {
  const stored = new Map([['eu', { stored: { pool: 'eu', keep: 0.6, room: { us: 1_000 } }, revision: 3 }]]);
  const watching = evolved(NO_LOAD_STATE, ALL, 0, 100_000, { deciding: false, stored });
  assert.equal(watching.steering.get('eu')!.keep, 0.6);
  const { demand, effective } = watching.pools.get('eu')!;
  assert.equal(effective, 0.6);
  assert.ok(Math.abs(demand! - 80 / 0.6) < 1e-6);

  const leading = evolveLoad(watching, worldOf(ALL, { nowMs: 101_000, stored }));
  assert.equal(leading.steering.get('eu')!.keep, 0.52, 'no jump back to all of them');
  const fresh = evolveLoad(NO_LOAD_STATE, worldOf(ALL, { nowMs: 1_000, stored }));
  assert.equal(fresh.steering.get('eu')!.keep, 0.6, 'nor by one that just started');
});
