/** Which rules have no healthy pool: now, and with an override that somebody makes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HealthState } from '@signpost/contracts/health';
import { pairKey } from '@signpost/contracts/names';
import type { Override, OverrideSetting } from '@signpost/contracts/override';
import { describeUnhealthy } from '@signpost/contracts/unhealthy-rule';

import { overridesAt } from '../override/overrides-at.ts';
import { type ControllerState, INITIAL_STATE } from '../reconcile/controller-state.ts';
import { EXAMPLE_YAML, exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import { leftUnhealthy, unhealthyRules } from './unhealthy-rules.ts';

const NOW_MS = Date.UTC(2026, 10, 26, 12);
/** No pool that nobody checks: it would always be healthy. */
const YAML = EXAMPLE_YAML.replaceAll(', spare]', ']').replaceAll(/^ {2}(spare|static-a):.*\n/gm, '');

function override(match: string, set: OverrideSetting): Override {
  const made = { by: 'ops', reason: 'r', source: 'human' as const };
  return { id: `${set}-${match}`, match, set, ...made, sinceMs: NOW_MS, untilMs: NOW_MS + 60_000 };
}

function stateWith(
  down: readonly string[],
  overrides: readonly Override[] = [],
  yaml = YAML,
): ControllerState {
  const topology = buildTopology(exampleConfiguration(yaml));
  const verdictOf = (target: string) => {
    const state: HealthState = down.includes(target) ? 'down' : 'up';
    const families = { ipv4: state };
    return { monitor: 'web', target, state, families, sinceMs: 0, reason: 'as told' };
  };
  return {
    ...INITIAL_STATE,
    converged: true,
    configuration: { revision: 1, hash: '', atMs: 0, fileHash: undefined, written: {}, topology },
    verdicts: new Map(
      ['eu-a', 'eu-b', 'us-a'].map((target) => [
        pairKey('web', target),
        { verdict: verdictOf(target), settled: true } as never,
      ]),
    ),
    overrides: new Map(overrides.map((each) => [each.id, each])),
    present: overridesAt(overrides, topology, NOW_MS),
  };
}

const now = (state: ControllerState) => unhealthyRules(state, NOW_MS).map(describeUnhealthy);

test('a rule whose pools are all down is told of, with what answers all the same', () => {
  assert.deepEqual(now(stateWith(['eu-a', 'eu-b'])), []);
  assert.deepEqual(now(stateWith(['eu-a', 'eu-b', 'us-a'])), [
    'go.example.net (rule 1 of policy global): no pool is healthy now, so fail_open: answered with eu-a, eu-b',
    'go.example.net (rule 2 of policy global): no pool is healthy now, so fail_open: answered with us-a',
  ]);
  const silent = YAML.replace('all_down: fail_open', 'all_down: servfail');
  assert.match(now(stateWith(['eu-a', 'eu-b', 'us-a'], [], silent))[0]!, /so SERVFAIL$/);
  assert.deepEqual(now({ ...stateWith(['eu-a', 'eu-b', 'us-a']), converged: false }), [], 'not known yet');
});

test('an override in force counts, and a rule without stages is none of them', () => {
  const drained = stateWith(['eu-a', 'eu-b'], [override('us-a', 'drain')]);
  assert.match(now(drained)[0]!, /^go\.example\.net.* \(rule 1 .*: answered with us-a$/);
  const fenced = YAML.replace('try: [eu, us]', 'try: []');
  assert.deepEqual(now(stateWith([], [], fenced)), []);
});

test('who makes an override hears which rules it leaves without a healthy pool', () => {
  const left = (down: readonly string[], made: Override, targets: readonly string[]) =>
    leftUnhealthy(stateWith(down), made, targets, NOW_MS).map(({ rule, standing, targets: answered }) =>
      [rule + 1, standing, ...answered].join(' '),
    );
  assert.deepEqual(left([], override('us-a', 'drain'), ['us-a']), []);
  const drained = ['1 fail_open us-a', '2 fail_open us-a'];
  assert.deepEqual(left(['eu-a', 'eu-b'], override('us-a', 'drain'), ['us-a']), drained);
  assert.deepEqual(left(['eu-a', 'eu-b'], override('us-a', 'down'), ['us-a']), [
    '1 fail_open eu-a eu-b',
    '2 fail_open eu-a eu-b',
  ]);
  assert.deepEqual(left(['eu-a', 'eu-b'], override('us-a', 'up'), ['us-a']), []);
  assert.deepEqual(left([], override('*', 'down'), ['eu-a', 'eu-b', 'us-a']), [], 'guards hold that');
});
