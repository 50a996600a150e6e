import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { isProbed, type Configuration } from '@signpost/contracts/configuration';
import { assignmentSchema } from '@signpost/contracts/probe-assignment';

import { exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import { assignProbes } from './assign-probes.ts';

const examples = exampleConfiguration(readFileSync('docs/examples/monitors.yaml', 'utf8'));

/** By monitor: what its first target's assignment says. */
function assignmentsOf(configuration: Configuration) {
  const shards = [...assignProbes(buildTopology(configuration)).values()];
  return new Map(shards.flatMap(({ assignments }) => assignments).map((made) => [made.monitor, made]));
}

test('every probed kind of the examples becomes an assignment that a prober reads as it was meant', () => {
  const made = assignmentsOf(examples);
  const probed = Object.keys(examples.monitors).filter((name) => isProbed(examples.monitors[name]!));
  assert.deepEqual([...made.keys()].toSorted(), probed.toSorted());
  for (const assignment of made.values()) assert.deepEqual(assignmentSchema.parse(assignment), assignment);
  const kinds = new Set([...made.values()].map(({ probe }) => probe.type));
  assert.deepEqual([...kinds].toSorted(), ['dns', 'grpc', 'http', 'icmp', 'tcp', 'tls']);
});

test('sets of statuses, certificates and names arrive as the prober wants them', () => {
  const { probe } = assignmentsOf(examples).get('login')!;
  assert.deepEqual(probe, {
    type: 'http',
    scheme: 'https',
    protocol: 'http2',
    method: 'POST',
    host: 'login.example.net',
    path: '/health',
    headers: { 'content-type': 'application/json' },
    body: '{"probe":true}',
    expect: { status: [[200, 299], 304], header: {}, contains: '"ok":true' },
    tls: { warnBeforeMs: 21 * 86_400_000, failBeforeMs: 3 * 86_400_000 },
  });
});

test('the names of a target go before those of the monitor; icmp has no port', () => {
  const made = assignmentsOf(examples);
  const grpc = made.get('orders')!.probe;
  assert.ok(grpc.type === 'grpc');
  assert.deepEqual([grpc.host, grpc.tls?.serverName], ['orders.internal', 'orders.internal']);
  assert.deepEqual(made.get('alive')!.checks, [{ families: ['ipv4'], address: '192.0.2.10', port: 0 }]);
});
