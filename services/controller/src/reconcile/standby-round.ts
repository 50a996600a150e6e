/**
 * What a standby does now and then: looks at the store, so that it answers questions about what is published, and
 * forgets the reports that the leader purges from the stream. Acts on nothing that others see.
 */
import { StoreError, type RecordWriter } from '@signpost/contracts/record-store';

import { forget } from '../fleet/evolve-fleet.ts';
import { staleReports } from '../fleet/stale-reports.ts';
import { isAssigned } from '../topology/topology.ts';
import type { ControllerState } from './controller-state.ts';

export const STANDBY_LOOK_EVERY_MS = 5_000;

/** `nowMs`: monotonic. Never rejects for an outage: then what was read last stays. */
export async function standbyRound(
  before: ControllerState,
  writer: RecordWriter,
  nowMs: number,
): Promise<ControllerState> {
  const state = forgetStale(before, nowMs);
  try {
    if ((await writer.generation()) === state.records?.generation) return state;
    return { ...state, records: await writer.readAll() };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return state;
  }
}

function forgetStale(state: ControllerState, nowMs: number): ControllerState {
  const topology = state.configuration?.topology;
  if (topology === undefined) return state;
  const stale = staleReports(state.fleet, (pair, vantage) => isAssigned(topology, pair, vantage), nowMs);
  return { ...state, fleet: forget(state.fleet, stale.reports, stale.probers) };
}
