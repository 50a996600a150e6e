/** The leader's half of a round, over messaging and a store within the process, when single steps fail. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decodeJson, encodeJson } from '@signpost/contracts/decode';
import { MessagingError, type Bucket, type Stream } from '@signpost/contracts/messaging';
import { buckets, streams } from '@signpost/contracts/subjects';
import { verdictSchema, type Verdict } from '@signpost/contracts/verdict';
import { createMemoryServer } from '@signpost/memory/messaging';
import { createMemoryRecordStore } from '@signpost/memory/record-store';

import { evolveFleet } from '../fleet/evolve-fleet.ts';
import { EMPTY_FLEET } from '../fleet/fleet.ts';
import type { Lease } from '../lead/lease.ts';
import type { ControllerObserver } from '../observe-controller.ts';
import { EXAMPLE_YAML, exampleConfiguration } from '../testing/example-configuration.ts';
import { report } from '../testing/reports.ts';
import { buildTopology } from '../topology/topology.ts';
import { INITIAL_STATE, type ControllerState } from './controller-state.ts';
import { beginLeadership } from './leadership.ts';
import { leadRound } from './lead-round.ts';
import type { LeaderTools } from './leader-tools.ts';
import { TICK_MS, untilNextRound } from './reconcile.ts';
import { PURGES_PER_ROUND } from './tidy.ts';

const CLOCKS = { monotonicMs: 0, wallMs: 1_000_000 };
const DOWN: Verdict = {
  monitor: 'web',
  target: 'eu-b',
  state: 'down',
  families: { ipv4: 'down' },
  sinceMs: 1,
  reason: 'refused',
};
const TRACE = { headers: {}, headersOf: () => ({}), step: () => ({ end: () => {} }), end: () => {} };

async function startRound() {
  const messaging = createMemoryServer().connect();
  const store = createMemoryRecordStore();
  const open = { create: true, signal: AbortSignal.timeout(5_000) };
  const told: string[] = [];
  // Every member of an observer is told something and answers nothing.
  const observer = new Proxy({} as ControllerObserver, {
    get: (_none, name) => () => void told.push(String(name)),
  });
  const tools: LeaderTools = {
    writer: store.writer,
    health: await messaging.stream(streams.health, open),
    events: await messaging.stream(streams.events, open),
    verdicts: await messaging.bucket(buckets.verdicts, open),
    guards: await messaging.bucket(buckets.guards, open),
    probes: await messaging.bucket(buckets.probes, open),
    config: await messaging.bucket(buckets.config, open),
    overrides: await messaging.bucket(buckets.overrides, open),
    source: '/test',
    draw: () => 0.5,
    observer,
  };
  let held = true;
  const lease: Lease = {
    token: { createdAtMs: 1, revision: 1 },
    signal: new AbortController().signal,
    holds: () => held,
    lost: () => {
      held = false;
    },
    [Symbol.asyncDispose]: async () => {},
  };
  return { store, tools, told, lease };
}

const convergedState = (verdicts: readonly Verdict[]): ControllerState => ({
  ...INITIAL_STATE,
  configuration: {
    revision: 1,
    hash: 'x',
    atMs: 0,
    fileHash: undefined,
    written: { apiVersion: 'signpost/v1' },
    topology: buildTopology(exampleConfiguration()),
  },
  verdicts: new Map(
    verdicts.map((verdict) => [`${verdict.monitor}.${verdict.target}`, { verdict, settled: true }]),
  ),
  caughtUp: true,
  converged: true,
});

/** The bucket with some of its operations replaced. */
function replaced(bucket: Bucket, operations: Partial<Bucket>): Bucket {
  return {
    get createdAtMs() {
      return bucket.createdAtMs;
    },
    get: (key, revision) => bucket.get(key, revision),
    create: (key, value) => bucket.create(key, value),
    update: (key, value, revision) => bucket.update(key, value, revision),
    put: (key, value) => bucket.put(key, value),
    delete: (key) => bucket.delete(key),
    keys: () => bucket.keys(),
    watch: (options) => bucket.watch(options),
    ...operations,
  };
}

test('assignments that cannot be written do not keep verdicts from being published', async () => {
  const { store, tools, lease } = await startRound();
  const probes = replaced(tools.probes, {
    get: async () => {
      throw new MessagingError('too large');
    },
  });
  const state = convergedState([DOWN]);
  await leadRound(state, beginLeadership(lease), { ...tools, probes }, CLOCKS, TRACE);
  const published = JSON.stringify(
    (await store.writer.readAll()).zones.get('example.net')?.recordSets.get('go.example.net|A'),
  );
  assert.ok(published?.includes('192.0.2.10'));
  assert.ok(!published.includes('192.0.2.11'));
});

test('a leader whose lease ends while it stores a verdict leaves what its successor stored', async () => {
  const { tools, lease } = await startRound();
  const found: Verdict = { ...DOWN, state: 'up', families: { ipv4: 'up' } };
  const verdicts = replaced(tools.verdicts, {
    create: async (key, value) => {
      // It is paused here, and somebody else leads meanwhile.
      await tools.verdicts.put(key, encodeJson(found));
      lease.lost('paused for too long');
      return tools.verdicts.create(key, value);
    },
  });
  const state = convergedState([DOWN]);
  await leadRound(state, beginLeadership(lease), { ...tools, verdicts }, CLOCKS, TRACE);
  const stored = await tools.verdicts.get('web.eu-b');
  const decoded = decodeJson(verdictSchema, stored!.value);
  assert.equal(decoded.ok && decoded.value.state, 'up');
});

test('rounds come within a tick, also while the store is left alone for longer', async () => {
  const { lease } = await startRound();
  const leadership = { ...beginLeadership(lease), storeRetryAtMs: 10 * TICK_MS };
  assert.equal(untilNextRound(leadership, 0), TICK_MS);
});

test('many reports that nobody needs any more are purged over several rounds, so that no round takes long', async () => {
  const { tools, lease } = await startRound();
  const observations = Array.from({ length: 2 * PURGES_PER_ROUND + 1 }, (_, i) => ({
    kind: 'report' as const,
    report: report({ vantage: 'eu', target: `gone-${i}`, sequence: i + 1, states: { ipv4: 'up' } }),
  }));
  const { fleet } = evolveFleet(EMPTY_FLEET, observations, () => true, 0);
  let purged = 0;
  const health: Stream = { ...tools.health, purge: async () => void (purged += 1) };
  const leadership = beginLeadership(lease);
  let state: ControllerState = { ...convergedState([DOWN]), fleet };
  const perRound: number[] = [];
  for (let i = 0; i < 4; i += 1) {
    purged = 0;
    state = await leadRound(state, leadership, { ...tools, health }, CLOCKS, TRACE);
    perRound.push(purged);
  }
  assert.deepEqual(perRound, [PURGES_PER_ROUND, PURGES_PER_ROUND, 1, 0]);
});

test('corrected weights are published once, with the reason', async () => {
  const { store, tools, lease } = await startRound();
  const leadership = beginLeadership(lease);
  const yaml = EXAMPLE_YAML.replace('  global:\n', '  global:\n    within: { weigh: clients }\n');
  const topology = buildTopology(exampleConfiguration(yaml));
  const before = convergedState([]);
  const state = { ...before, configuration: { ...before.configuration!, topology } };
  const plain = await leadRound(state, leadership, tools, CLOCKS, TRACE);
  const steering = { ...state.shares.steering, targets: new Map([['eu', new Map([['eu-b', 2]])]]) };
  const corrected = { ...plain, shares: { ...plain.shares, steering } };
  const after = await leadRound(corrected, leadership, tools, CLOCKS, TRACE);
  assert.ok(after.records!.generation > plain.records!.generation);
  const set = (await store.writer.readAll()).zones.get('example.net')?.recordSets.get('go.example.net|A');
  assert.match(JSON.stringify(set), /"target":"eu-b","weight":40000/);
  const [publication] = await store.writer.publicationsAfter(plain.records!.generation);
  assert.deepEqual(publication?.why, ['clients: weights of the targets of pool eu corrected']);
  const again = await leadRound(after, leadership, tools, CLOCKS, TRACE);
  assert.equal(again.records!.generation, after.records!.generation);
});
