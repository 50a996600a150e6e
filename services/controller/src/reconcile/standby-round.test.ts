import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createMemoryRecordStore } from '@signpost/memory/record-store';

import { evolveFleet } from '../fleet/evolve-fleet.ts';
import { EMPTY_FLEET } from '../fleet/fleet.ts';
import { GONE_AFTER_MS } from '../fleet/stale-reports.ts';
import { exampleConfiguration } from '../testing/example-configuration.ts';
import { report } from '../testing/reports.ts';
import { buildTopology } from '../topology/topology.ts';
import { INITIAL_STATE, type ControllerState } from './controller-state.ts';
import { standbyRound } from './standby-round.ts';

function stateWithReports(...targets: string[]): ControllerState {
  const reports = targets.map((target) => report({ vantage: 'eu', target, states: { ipv4: 'up' } }));
  const { fleet } = evolveFleet(
    EMPTY_FLEET,
    reports.map((each) => ({ kind: 'report', report: each })),
    () => true,
    0,
  );
  const topology = buildTopology(exampleConfiguration());
  const configuration = { revision: 1, hash: '', atMs: 0, fileHash: undefined, written: {}, topology };
  return { ...INITIAL_STATE, fleet, configuration };
}

test('a standby too forgets pairs that are not assigned and probers that are gone', async () => {
  const { writer } = createMemoryRecordStore();
  const soon = await standbyRound(stateWithReports('eu-a', 'gone'), writer, 1_000);
  assert.deepEqual([...soon.fleet.probers.get('eu/p1')!.reports.keys()], ['web.eu-a']);
  const late = await standbyRound(soon, writer, GONE_AFTER_MS + 1);
  assert.equal(late.fleet.probers.size, 0);
});
