import assert from 'node:assert/strict';
import { test } from 'node:test';

import { buildTopology } from '../topology/topology.ts';
import { exampleConfiguration } from '../testing/example-configuration.ts';
import { INITIAL_STATE, type AppliedConfiguration } from './controller-state.ts';
import { CONVERGE_WITHIN_MS, observe } from './observe.ts';
import type { Input } from './take-inputs.ts';

const clocksAt = (monotonicMs: number) => ({ monotonicMs, wallMs: monotonicMs });
const APPLIED: AppliedConfiguration = {
  revision: 1,
  hash: 'x',
  atMs: 0,
  fileHash: undefined,
  written: {},
  topology: buildTopology(exampleConfiguration()),
};
const WAS_DOWN: Input = {
  kind: 'stored-verdict',
  pair: 'web.eu-b',
  stored: {
    verdict: {
      monitor: 'web',
      target: 'eu-b',
      state: 'down',
      families: { ipv4: 'down' },
      sinceMs: 1,
      reason: 'refused',
    },
    revision: 7,
  },
};

test('stored verdicts that arrive after the lease and the configuration still stand in', () => {
  let { state } = observe(
    INITIAL_STATE,
    [{ kind: 'configuration', configuration: APPLIED }],
    clocksAt(0),
    true,
  );
  ({ state } = observe(state, [WAS_DOWN, { kind: 'caught-up' }], clocksAt(10), true));
  ({ state } = observe(state, [], clocksAt(10 + CONVERGE_WITHIN_MS), true));
  assert.equal(state.converged, true);
  assert.equal(state.verdicts.get('web.eu-b')!.verdict.state, 'down');
});
