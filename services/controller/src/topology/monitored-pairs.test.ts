import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationSchema } from '@signpost/contracts/configuration';

import { assignProbes } from '../assign/assign-probes.ts';
import { descendantsOf } from './monitored-pairs.ts';
import { buildTopology } from './topology.ts';

function configurationOf(monitors: object) {
  return configurationSchema.parse({
    apiVersion: 'signpost/v1',
    vantages: { us: {}, eu: {}, ap: {} },
    monitors,
    targets: { a: { a: '192.0.2.1' }, b: { a: '192.0.2.2', aaaa: '2001:db8::2' } },
    pools: { all: { monitor: 'site-ok', members: [{ target: 'a' }, { target: 'b' }] } },
  });
}

const MONITORS = {
  'site-ok': { type: 'calculated', all: ['web', 'deep'] },
  deep: { type: 'calculated', any: ['queue', 'store'] },
  web: { type: 'tcp', port: 80, vantages: { quorum: 'any' }, damping: 'off' },
  store: { type: 'tcp', port: 6379, vantages: { use: ['eu'] } },
  queue: { type: 'push', expect_every: '8s' },
  unused: { type: 'tcp', port: 1 },
};

test('what a calculated monitor looks at is judged as well, before it, and probed', () => {
  const topology = buildTopology(configurationOf(MONITORS));
  assert.deepEqual(
    [...topology.pairs.keys()],
    [
      'queue.a',
      'queue.b',
      'store.a',
      'store.b',
      'web.a',
      'web.b',
      'deep.a',
      'deep.b',
      'site-ok.a',
      'site-ok.b',
    ],
  );
  assert.deepEqual(topology.calculated, ['deep.a', 'deep.b', 'site-ok.a', 'site-ok.b']);
  assert.deepEqual(
    [...topology.listening],
    [
      ['a', ['queue.a']],
      ['b', ['queue.b']],
    ],
  );
  const assigned = [...assignProbes(topology).values()].map(({ vantage, assignments }) => [
    vantage,
    assignments.map(({ monitor, target }) => `${monitor}.${target}`),
  ]);
  assert.deepEqual(Object.fromEntries(assigned), {
    eu: ['store.a', 'store.b', 'web.a', 'web.b'],
    us: ['web.a', 'web.b'],
    ap: ['web.a', 'web.b'],
  });
});

test('a pair carries how it is judged', () => {
  const { pairs } = buildTopology(configurationOf(MONITORS));
  const { rule, damping, vantages, minReports } = pairs.get('web.b')!;
  assert.deepEqual(
    [rule, damping, vantages, minReports],
    [{ kind: 'votes', quorum: 'any', decide: 'global' }, undefined, ['ap', 'eu', 'us'], 2],
  );
  assert.deepEqual(pairs.get('queue.b')!.rule, {
    kind: 'heartbeat',
    expectEveryMs: 8_000,
    suspectAfterMs: 10_000,
    downAfterMs: 24_000,
  });
  assert.deepEqual(pairs.get('store.b')!.damping, { half_life: 300_000, suppress: 3, reuse: 1 });
});

test('a loop that got past the check does no harm', () => {
  const looping = {
    'site-ok': { type: 'calculated', all: ['x'] },
    x: { type: 'calculated', any: ['site-ok'] },
  };
  const configuration = configurationOf(looping);
  assert.deepEqual(descendantsOf(configuration, 'site-ok'), ['x', 'site-ok']);
  assert.equal(buildTopology(configuration).pairs.size, 4);
});
