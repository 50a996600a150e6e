/**
 * H8: (state, what arrived, clocks) -> state: the pure half of a round. Reports and heartbeats go into the fleet,
 * votes are counted anew, convergence is judged. Must not act; the leader's half does.
 */
import type { Approval } from '@signpost/contracts/guard';
import type { AuthorityHeartbeat } from '@signpost/contracts/heartbeats';
import type { Verdict } from '@signpost/contracts/verdict';

import { evolveFleet, type Observation } from '../fleet/evolve-fleet.ts';
import { isAssigned } from '../topology/topology.ts';
import { judgePair, type Clocks } from '../verdict/judge-pair.ts';
import { sameStates } from '../verdict/verdict-change.ts';
import type {
  AppliedConfiguration,
  ControllerState,
  PairVerdict,
  StoredGuard,
  StoredVerdict,
} from './controller-state.ts';

export type Input =
  | (Observation & { readonly traceparent?: string | undefined })
  | { readonly kind: 'authority'; readonly beat: AuthorityHeartbeat; readonly heardAtMs: number }
  | { readonly kind: 'stored-verdict'; readonly pair: string; readonly stored: StoredVerdict | undefined }
  | { readonly kind: 'stored-guard'; readonly policy: string; readonly stored: StoredGuard | undefined }
  | { readonly kind: 'approval'; readonly id: string; readonly approval: Approval }
  | { readonly kind: 'configuration'; readonly configuration: AppliedConfiguration }
  | { readonly kind: 'caught-up' };

export interface VerdictChange {
  readonly from: Verdict | undefined;
  readonly to: Verdict;
}

export interface Observed {
  readonly state: ControllerState;
  /** Verdicts whose states changed in this round. */
  readonly changes: readonly VerdictChange[];
  readonly resend: readonly { vantage: string; prober: string }[];
}

/** Fresh votes are waited for this long; then stored verdicts stand in. */
export const CONVERGE_WITHIN_MS = 10_000;
/** An authority that was silent this long is forgotten. */
const AUTHORITY_GONE_AFTER_MS = 60_000;

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
  const taken = takeInputs(before, inputs, clocks.monotonicMs, leading && before.converged);
  const observations = inputs.filter((input) => input.kind === 'report' || input.kind === 'beat');
  const topology = taken.configuration?.topology;
  const assigned = (pair: string, vantage: string) =>
    topology === undefined || isAssigned(topology, pair, vantage);
  const { fleet, resend } = evolveFleet(taken.fleet, observations, assigned, clocks.monotonicMs);
  const { verdicts, changes } = judgeAll({ ...taken, fleet }, clocks);
  return { state: converge({ ...taken, fleet, verdicts }, clocks.monotonicMs), changes, resend };
}

function takeInputs(
  before: ControllerState,
  inputs: readonly Input[],
  nowMs: number,
  knowsBetter: boolean,
): ControllerState {
  const stored = new Map(before.stored);
  const verdicts = new Map(before.verdicts);
  const authorities = new Map(
    [...before.authorities].filter(([, { heardAtMs }]) => nowMs - heardAtMs <= AUTHORITY_GONE_AFTER_MS),
  );
  const guards = new Map(before.guards);
  const approvals = new Map(before.approvals);
  let { configuration, caughtUp } = before;
  for (const input of inputs) {
    if (input.kind === 'configuration') ({ configuration } = input);
    else if (input.kind === 'caught-up') caughtUp = true;
    else if (input.kind === 'authority') authorities.set(input.beat.node, input);
    else if (input.kind === 'stored-guard') takeGuard(input, guards, knowsBetter);
    else if (input.kind === 'approval') approvals.set(input.id, input.approval);
    else if (input.kind === 'stored-verdict') takeStored(input, stored, verdicts, knowsBetter);
  }
  return { ...before, configuration, caughtUp, stored, verdicts, authorities, guards, approvals };
}

function takeGuard(
  { policy, stored }: Extract<Input, { kind: 'stored-guard' }>,
  guards: Map<string, StoredGuard>,
  knowsBetter: boolean,
): void {
  if (stored === undefined) {
    if (!knowsBetter) guards.delete(policy);
    return;
  }
  const known = guards.get(policy);
  if (known === undefined || known.revision < stored.revision) guards.set(policy, stored);
}

function takeStored(
  { pair, stored }: Extract<Input, { kind: 'stored-verdict' }>,
  all: Map<string, StoredVerdict>,
  verdicts: Map<string, PairVerdict>,
  knowsBetter: boolean,
): void {
  const known = all.get(pair);
  if (stored === undefined) {
    if (!knowsBetter) all.delete(pair);
    return;
  }
  if (known !== undefined && known.revision >= stored.revision) return;
  all.set(pair, stored);
  if (!knowsBetter) verdicts.set(pair, { verdict: stored.verdict, settled: false });
}

function judgeAll(
  state: ControllerState,
  clocks: Clocks,
): { verdicts: Map<string, PairVerdict>; changes: VerdictChange[] } {
  const verdicts = new Map<string, PairVerdict>();
  const changes: VerdictChange[] = [];
  const pairs = state.configuration?.topology.pairs;
  // Before the configuration is there, what was stored is kept for it.
  if (pairs === undefined) return { verdicts: new Map(state.verdicts), changes };
  for (const [key, pair] of pairs) {
    const last = state.verdicts.get(key)?.verdict ?? state.stored.get(key)?.verdict;
    const judged = judgePair(pair, state.fleet, last, clocks);
    verdicts.set(key, judged);
    if (!sameStates(last, judged.verdict)) changes.push({ from: last, to: judged.verdict });
  }
  return { verdicts, changes };
}

function converge(state: ControllerState, nowMs: number): ControllerState {
  if (state.converged) return state;
  if (!state.caughtUp || state.configuration === undefined) return state;
  const waitingSinceMs = state.waitingSinceMs ?? nowMs;
  const settled = [...state.verdicts.values()].every((pair) => pair.settled);
  return { ...state, waitingSinceMs, converged: settled || nowMs - waitingSinceMs >= CONVERGE_WITHIN_MS };
}
