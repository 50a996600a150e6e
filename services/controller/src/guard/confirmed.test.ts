import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HealthState } from '@signpost/contracts/health';

import { exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import { isConfirmed } from './confirmed.ts';

const topology = buildTopology(
  exampleConfiguration(`apiVersion: signpost/v1
vantages: { eu: {}, us: {}, ap: {} }
monitors:
  web: { type: tcp, port: 80 }
  any: { type: tcp, port: 80, vantages: { quorum: any } }
  lone: { type: tcp, port: 81, vantages: { use: [eu] } }
  beat: { type: push, expect_every: 10s }
  both: { type: calculated, all: [web, lone] }
  either: { type: calculated, any: [web, lone] }
  deep: { type: calculated, all: [both, beat] }
targets: { t: { a: 192.0.2.1 } }
pools:
${['any', 'both', 'either', 'deep'].map((name) => `  p-${name}: { monitor: ${name}, members: [{ target: t }] }`).join('\n')}
policies: { global: { rules: [{ try: [p-any, p-both, p-either, p-deep] }] } }
zones: {}
`),
);

/** Of those named, whose verdict is down. */
function confirmed(monitor: string, ...down: string[]): boolean {
  const verdicts = new Map(
    ['web', 'any', 'lone', 'beat', 'both', 'either', 'deep'].map((name) => {
      const state: HealthState = down.includes(name) ? 'down' : 'up';
      const verdict = { monitor: name, target: 't', state, families: {}, sinceMs: 1, reason: 'as told' };
      return [`${name}.t`, { verdict, settled: true }];
    }),
  );
  return isConfirmed(topology, verdicts, monitor, 't');
}

test('several vantages confirm by their quorum, one never does, a target speaks for itself', () => {
  assert.deepEqual(
    ['web', 'any', 'lone', 'beat', 'nobody'].map((monitor) => confirmed(monitor)),
    [true, false, false, true, false],
  );
});

test('a calculated failure is confirmed when those that are confirmed suffice for it', () => {
  assert.equal(confirmed('both', 'web'), true);
  assert.equal(confirmed('both', 'lone'), false);
  assert.equal(confirmed('either', 'web', 'lone'), false);
  assert.equal(confirmed('deep', 'beat'), true);
  assert.equal(confirmed('deep', 'both', 'web'), true);
  assert.equal(confirmed('deep', 'both', 'lone'), false);
});
