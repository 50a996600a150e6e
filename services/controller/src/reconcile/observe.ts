/**
 * H8: (state, what arrived, clocks) -> state: the pure half of a round. Reports and heartbeats go into the fleet,
 * votes are counted anew, convergence is judged. Must not act; the leader's half does.
 */
import { evolveFleet } from '../fleet/evolve-fleet.ts';
import { evolveLoad } from '../load/evolve-load.ts';
import { overridesAt, overrideView } from '../override/overrides-at.ts';
import { lookAtShares } from '../share/look-at-shares.ts';
import { isAssigned } from '../topology/topology.ts';
import type { Clocks } from '../verdict/judge-pair.ts';
import { healthView, type ControllerState } from './controller-state.ts';
import { hearingSince, judgeAll, type VerdictChange } from './judge-all.ts';
import { takeInputs, type Input } from './take-inputs.ts';

export interface Observed {
  readonly state: ControllerState;
  /** Verdicts whose states changed in this round. */
  readonly changes: readonly VerdictChange[];
  readonly resend: readonly { vantage: string; prober: string }[];
}

/** Fresh votes are waited for this long; then stored verdicts stand in. */
export const CONVERGE_WITHIN_MS = 10_000;

/**
 * `leading`: a leader that has converged knows its verdicts better than the bucket. Everybody else takes over what
 * is stored, also a leader that took the lease before the bucket was read.
 */
export function observe(
  before: ControllerState,
  inputs: readonly Input[],
  clocks: Clocks,
  leading: boolean,
): Observed {
  const { monotonicMs } = clocks;
  const taken = takeInputs(before, inputs, monotonicMs, leading && before.converged);
  const observations = inputs.filter((input) => input.kind === 'report' || input.kind === 'beat');
  const topology = taken.state.configuration?.topology;
  const assigned = (pair: string, vantage: string) =>
    topology === undefined || isAssigned(topology, pair, vantage);
  const { fleet, resend } = evolveFleet(taken.state.fleet, observations, assigned, monotonicMs);
  const leadingSinceMs = leading ? (before.leadingSinceMs ?? monotonicMs) : undefined;
  const judged = judgeAll({ ...taken.state, fleet, leadingSinceMs }, taken.touched, clocks);
  const overridden = withPresentOverrides(judged.state, before, clocks.wallMs);
  const urgent = judged.changes.length > 0 || overridden.present !== before.present;
  const loaded = withLoad(overridden, monotonicMs, { deciding: leading && before.converged, urgent });
  const samples = inputs.filter((input) => input.kind === 'samples');
  const state = lookAtShares(loaded, samples, clocks);
  return { state: converge(state, monotonicMs), changes: judged.changes, resend };
}

/** Ends and beginnings come by the clock too, so this is asked in every round. */
function withPresentOverrides(
  state: ControllerState,
  before: ControllerState,
  wallMs: number,
): ControllerState {
  const topology = state.configuration?.topology;
  const known = topology === before.configuration?.topology ? before.present : undefined;
  return { ...state, present: overridesAt(state.overrides.values(), topology, wallMs, known) };
}

/** After health, on which it rests. */
function withLoad(
  state: ControllerState,
  nowMs: number,
  { deciding, urgent }: { readonly deciding: boolean; readonly urgent: boolean },
): ControllerState {
  const topology = state.configuration?.topology;
  if (topology === undefined) return state;
  const load = evolveLoad(state.load, {
    loadPools: topology.loadPools,
    targets: topology.configuration.targets,
    heard: state.loads,
    health: healthView(state.verdicts),
    overrides: overrideView(state.present),
    stored: state.storedLoads,
    hearingSinceMs: hearingSince(state),
    deciding,
    urgent,
    nowMs,
  });
  return load === state.load ? state : { ...state, load };
}

function converge(state: ControllerState, nowMs: number): ControllerState {
  if (state.converged) return state;
  if (!state.caughtUp || state.configuration === undefined) return state;
  const waitingSinceMs = state.waitingSinceMs ?? nowMs;
  const settled = [...state.verdicts.values()].every((pair) => pair.settled);
  return { ...state, waitingSinceMs, converged: settled || nowMs - waitingSinceMs >= CONVERGE_WITHIN_MS };
}
