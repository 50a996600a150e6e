import assert from 'node:assert/strict';
import { test } from 'node:test';

import { assignmentShardSchema, ASSIGNMENTS_PER_SHARD } from '@signpost/contracts/probe-assignment';
import type { ProbedMonitor } from '@signpost/contracts/configuration';
import { createMemoryMessaging } from '@signpost/memory/messaging';
import { buckets } from '@signpost/contracts/subjects';

import { exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import { assignProbes, hashFraction, MAX_SHARD_LENGTH } from './assign-probes.ts';
import { publishAssignments } from './publish-assignments.ts';

const assigned = () => assignProbes(buildTopology(exampleConfiguration()));

test('every vantage is told of every monitored pair, and unmonitored targets of none', () => {
  const shards = assigned();
  assert.deepEqual([...shards.keys()].toSorted(), ['ap.0', 'eu.0', 'us.0']);
  for (const shard of shards.values()) {
    assert.deepEqual(assignmentShardSchema.parse(shard), shard);
    assert.deepEqual(
      shard.assignments.map(({ target }) => target),
      ['eu-a', 'eu-b', 'us-a'],
    );
  }
});

test('there is one check per address, and one for all families where the configuration says where to probe', () => {
  const [euA, , usA] = assigned().get('eu.0')!.assignments;
  assert.deepEqual(euA!.checks, [
    { families: ['ipv4'], address: '192.0.2.10', port: 8080 },
    { families: ['ipv6'], address: '2001:db8:1::10', port: 8080 },
  ]);
  assert.deepEqual(usA!.checks, [{ families: ['ipv4'], address: '127.0.0.1', port: 18082 }]);
  const probe = euA!.probe;
  assert.ok(probe.type === 'http');
  assert.deepEqual(probe.expect.header, { location: 'https://example.net/ok' });
});

test('host names are resolved by the prober, without their final dot; a port alone moves each check', () => {
  const configuration = exampleConfiguration();
  const { targets } = configuration;
  const changed = {
    ...configuration,
    targets: {
      ...targets,
      'us-a': { cname: 'us.example.com.', status: 'obey' as const },
      'eu-a': { ...targets['eu-a']!, check: { port: 9 } },
    },
  };
  const [euA, , usA] = assignProbes(buildTopology(changed)).get('eu.0')!.assignments;
  assert.deepEqual(usA!.checks, [{ families: ['ipv4', 'ipv6'], address: 'us.example.com', port: 8080 }]);
  assert.deepEqual(
    euA!.checks.map(({ port }) => port),
    [9, 9],
  );
});

test('the vantages of a pair are staggered evenly, pairs are spread', () => {
  const shards = assigned();
  const phases = ['ap.0', 'eu.0', 'us.0'].map((key) => shards.get(key)!.assignments[0]!.phase);
  const steps = phases.map((phase, i) => (phases[(i + 1) % 3]! - phase + 1) % 1);
  for (const step of steps) assert.ok(Math.abs(step - 1 / 3) < 1e-9);
  const buckets = Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i += 1) buckets[Math.floor(hashFraction(`web.target-${i}`) * 10)]! += 1;
  for (const count of buckets) assert.ok(count > 800 && count < 1_200, String(buckets));
});

test('a first failure is confirmed by a burst, unless the monitor says off', () => {
  const configuration = exampleConfiguration();
  const burstOf = (burst: ProbedMonitor['burst']) => {
    const monitors = { web: { ...(configuration.monitors['web'] as ProbedMonitor), burst } };
    return assignProbes(buildTopology({ ...configuration, monitors })).get('eu.0')!.assignments[0]!.burst;
  };
  assert.deepEqual(assigned().get('eu.0')!.assignments[0]!.burst, { spacingMs: 300 });
  assert.deepEqual(burstOf({ spacing: 150 }), { spacingMs: 150 });
  assert.equal(burstOf('off'), undefined);
});

test('shards stay below the message limit, also with a private CA in each assignment', () => {
  const configuration = exampleConfiguration();
  const monitor = configuration.monitors['web']!;
  assert.ok(monitor.type === 'http');
  const names = Array.from({ length: 1_200 }, (_, i) => `t${i}`);
  const many = {
    ...configuration,
    monitors: { web: { ...monitor, expect: { ...monitor.expect, ca: 'x'.repeat(2_000) } } },
    targets: Object.fromEntries(names.map((name) => [name, { a: '192.0.2.1', status: 'obey' as const }])),
    pools: { all: { monitor: 'web', members: names.map((target) => ({ target, weight: 1 })) } },
  };
  const shards = [...assignProbes(buildTopology(many)).values()].filter(({ vantage }) => vantage === 'eu');
  assert.equal(shards.flatMap(({ assignments }) => assignments).length, 1_200);
  for (const shard of shards) {
    assert.ok(shard.assignments.length <= ASSIGNMENTS_PER_SHARD);
    assert.ok(JSON.stringify(shard).length < MAX_SHARD_LENGTH + 4_096);
  }
});

test('publishing writes what differs and deletes what is too much', async () => {
  await using messaging = createMemoryMessaging();
  const bucket = await messaging.bucket(buckets.probes, { create: true, signal: AbortSignal.timeout(5_000) });
  const shards = assigned();
  assert.deepEqual(await publishAssignments(bucket, shards), { written: 3, deleted: 0 });
  assert.deepEqual(await publishAssignments(bucket, shards), { written: 0, deleted: 0 });
  const fewer = new Map([...shards].slice(1));
  assert.deepEqual(await publishAssignments(bucket, fewer), { written: 0, deleted: 1 });
  assert.deepEqual((await bucket.keys()).toSorted(), [...fewer.keys()].toSorted());
});
