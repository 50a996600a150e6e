/**
 * (state, what arrived) -> state, for all that needs no judging: configuration, signs of life of authorities and
 * targets, what the buckets of verdicts, overrides and guards hold. Pure. Says which pairs it touched.
 */
import type { Approval } from '@signpost/contracts/guard';
import type { AuthorityHeartbeat } from '@signpost/contracts/heartbeats';
import { pairKey } from '@signpost/contracts/names';
import type { StoredOverride } from '@signpost/contracts/override';
import type { TargetHeartbeat } from '@signpost/contracts/target-heartbeat';
import type { StoredLoad } from '@signpost/contracts/stored-load';
import type { TargetLoad } from '@signpost/contracts/target-load';

import type { Observation } from '../fleet/evolve-fleet.ts';
import { hearAuthority } from '../fleet/hear-authority.ts';
import type { HeardSamples } from '../share/answer-book.ts';
import { viewOf } from '../verdict/judge-vantages.ts';
import type {
  AppliedConfiguration,
  ControllerState,
  StoredGuard,
  StoredStanding,
  StoredVerdict,
} from './controller-state.ts';

export type Input =
  | (Observation & { readonly traceparent?: string | undefined })
  | { readonly kind: 'authority'; readonly beat: AuthorityHeartbeat; readonly heardAtMs: number }
  | HeartbeatInput
  | LoadInput
  | ({ readonly kind: 'samples' } & HeardSamples)
  | StoredVerdictInput
  | StoredStandingInput
  | StoredLoadInput
  | StoredOverrideInput
  | StoredGuardInput
  | { readonly kind: 'approval'; readonly id: string; readonly approval: Approval }
  | { readonly kind: 'resolved'; readonly hosts: ControllerState['resolved'] }
  | { readonly kind: 'configuration'; readonly configuration: AppliedConfiguration }
  /** NATS is reached since then, monotonic, or is not. */
  | { readonly kind: 'connected'; readonly sinceMs: number | undefined }
  | { readonly kind: 'caught-up' };

interface HeartbeatInput {
  readonly kind: 'heartbeat';
  readonly target: string;
  readonly heartbeat: TargetHeartbeat;
  readonly heardAtMs: number;
}

interface LoadInput {
  readonly kind: 'load';
  readonly target: string;
  readonly load: TargetLoad;
  readonly heardAtMs: number;
}

interface StoredLoadInput {
  readonly kind: 'stored-load';
  readonly pool: string;
  readonly stored: { readonly stored: StoredLoad; readonly revision: number } | undefined;
}

interface StoredVerdictInput {
  readonly kind: 'stored-verdict';
  readonly pair: string;
  readonly stored: StoredVerdict | undefined;
}

interface StoredStandingInput {
  readonly kind: 'stored-standing';
  readonly vantage: string;
  readonly stored: StoredStanding | undefined;
}

interface StoredOverrideInput {
  readonly kind: 'stored-override';
  readonly id: string;
  readonly stored: StoredOverride | undefined;
}

interface StoredGuardInput {
  readonly kind: 'stored-guard';
  readonly policy: string;
  readonly stored: StoredGuard | undefined;
}

export interface TakenInputs {
  readonly state: ControllerState;
  /** Pairs to be judged anew. */
  readonly touched: ReadonlySet<string>;
}

/** An authority that was silent this long is forgotten. */
const AUTHORITY_GONE_AFTER_MS = 60_000;
/** What a target that is no longer asked of said is forgotten after this, with the next configuration. */
const SIGNAL_KEPT_MS = 60_000;
/** Targets heard of before the configuration says which there are: a broken client must not fill the memory. */
const MAX_SIGNALS = 65_536;

/** `knowsBetter`: a leader that has converged, whose own verdicts outrank those of the bucket. */
export function takeInputs(
  before: ControllerState,
  inputs: readonly Input[],
  nowMs: number,
  knowsBetter: boolean,
): TakenInputs {
  const taking: Taking = { state: forgetAuthorities(before, nowMs), touched: new Set(), knowsBetter, nowMs };
  for (const [kind, take] of Object.entries(TAKERS)) {
    const ofKind = inputs.filter((input) => input.kind === kind);
    if (ofKind.length > 0) take(taking, ofKind as never);
  }
  return taking;
}

interface Taking {
  state: ControllerState;
  readonly touched: Set<string>;
  readonly knowsBetter: boolean;
  readonly nowMs: number;
}

type Taker<Kind extends Input['kind']> = (taking: Taking, inputs: Extract<Input, { kind: Kind }>[]) => void;

/** Beats and reports of probers are the fleet's, samples of answers `../share`'s. */
const TAKERS: { readonly [Kind in Input['kind']]: Taker<Kind> } = {
  configuration: (taking, inputs) => {
    const { configuration } = inputs.at(-1)!;
    taking.state = { ...forgetSignals(taking.state, configuration, taking.nowMs), configuration };
  },
  'caught-up': (taking) => {
    taking.state = { ...taking.state, caughtUp: true };
  },
  resolved: (taking, inputs) => {
    taking.state = { ...taking.state, resolved: inputs.at(-1)!.hosts };
  },
  connected: (taking, inputs) => {
    taking.state = { ...taking.state, connectedSinceMs: inputs.at(-1)!.sinceMs };
  },
  authority: (taking, inputs) => {
    const authorities = new Map(taking.state.authorities);
    const published = taking.state.records?.generation ?? 0;
    for (const input of inputs) {
      const { node } = input.beat;
      authorities.set(node, hearAuthority(authorities.get(node), input, published));
    }
    taking.state = { ...taking.state, authorities };
  },
  'stored-verdict': takeStoredVerdicts,
  'stored-standing': takeStoredStandings,
  'stored-load': takeStoredLoads,
  'stored-override': takeStoredOverrides,
  'stored-guard': takeStoredGuards,
  approval: (taking, inputs) => {
    const approvals = new Map(taking.state.approvals);
    for (const { id, approval } of inputs) approvals.set(id, approval);
    taking.state = { ...taking.state, approvals };
  },
  heartbeat: takeHeartbeats,
  load: takeLoads,
  report: ({ touched }, inputs) => {
    for (const { report } of inputs) touched.add(pairKey(report.monitor, report.target));
  },
  beat: () => undefined,
  samples: () => undefined,
};

function takeStoredVerdicts(taking: Taking, inputs: StoredVerdictInput[]): void {
  const { knowsBetter, touched } = taking;
  const stored = new Map(taking.state.stored);
  const verdicts = new Map(taking.state.verdicts);
  for (const { pair, stored: entry } of inputs) {
    const known = stored.get(pair);
    if (entry === undefined) {
      if (!knowsBetter) stored.delete(pair);
      continue;
    }
    if (known !== undefined && known.revision >= entry.revision) continue;
    stored.set(pair, entry);
    if (knowsBetter) continue;
    verdicts.set(pair, { ...verdicts.get(pair), verdict: entry.verdict, settled: false });
    touched.add(pair);
  }
  taking.state = { ...taking.state, stored, verdicts };
}

function takeStoredStandings(taking: Taking, inputs: StoredStandingInput[]): void {
  const { knowsBetter } = taking;
  const storedStandings = new Map(taking.state.storedStandings);
  const vantages = new Map(taking.state.vantages);
  for (const { vantage, stored } of inputs) {
    const known = storedStandings.get(vantage);
    if (stored === undefined) {
      if (!knowsBetter) storedStandings.delete(vantage);
      continue;
    }
    if (known !== undefined && known.revision >= stored.revision) continue;
    storedStandings.set(vantage, stored);
    if (!knowsBetter) vantages.set(vantage, { ...vantages.get(vantage), ...viewOf(stored.standing) });
  }
  taking.state = { ...taking.state, storedStandings, vantages, judgedOn: undefined };
}

/** The watch tells in order, so the last word holds. */
function takeStoredOverrides(taking: Taking, inputs: StoredOverrideInput[]): void {
  const overrides = new Map(taking.state.overrides);
  for (const { id, stored } of inputs) {
    if (stored === undefined) overrides.delete(id);
    else overrides.set(id, stored);
  }
  taking.state = { ...taking.state, overrides };
}

function takeStoredGuards(taking: Taking, inputs: StoredGuardInput[]): void {
  const guards = new Map(taking.state.guards);
  for (const { policy, stored } of inputs) {
    const known = guards.get(policy);
    if (stored === undefined) {
      if (!taking.knowsBetter) guards.delete(policy);
    } else if (known === undefined || known.revision < stored.revision) guards.set(policy, stored);
  }
  taking.state = { ...taking.state, guards };
}

/** A pair is judged when the target says something new, or was missed; else the last word goes on to stand. */
function takeHeartbeats(taking: Taking, inputs: HeartbeatInput[]): void {
  const { state, touched } = taking;
  const topology = state.configuration?.topology;
  const heartbeats = new Map(state.heartbeats);
  for (const { target, heartbeat, heardAtMs } of inputs) {
    const pairs = topology?.listening.get(target) ?? [];
    if (topology === undefined ? heartbeats.size >= MAX_SIGNALS : pairs.length === 0) continue;
    const known = heartbeats.get(target)?.heartbeat;
    heartbeats.set(target, { heartbeat, heardAtMs });
    const said = known?.status === heartbeat.status && known.reason === heartbeat.reason;
    for (const pair of pairs) {
      const present = state.verdicts.get(pair);
      if (!said || present?.settled !== true || present.verdict.state !== 'up') touched.add(pair);
    }
  }
  taking.state = { ...state, heartbeats };
}

function takeLoads(taking: Taking, inputs: LoadInput[]): void {
  const { state } = taking;
  const expected = state.configuration?.topology.loadTargets;
  const loads = new Map(state.loads);
  for (const { target, load, heardAtMs } of inputs) {
    if (expected === undefined ? loads.size >= MAX_SIGNALS : !expected.has(target)) continue;
    loads.set(target, { ...load, heardAtMs });
  }
  taking.state = { ...state, loads };
}

function takeStoredLoads(taking: Taking, inputs: StoredLoadInput[]): void {
  const storedLoads = new Map(taking.state.storedLoads);
  for (const { pool, stored } of inputs) {
    const known = storedLoads.get(pool);
    if (stored === undefined) {
      if (!taking.knowsBetter) storedLoads.delete(pool);
    } else if (known === undefined || known.revision < stored.revision) storedLoads.set(pool, stored);
  }
  taking.state = { ...taking.state, storedLoads };
}

/** Of targets that nothing asks of any more, and that were not heard a moment ago: guards may still watch those. */
function forgetSignals(
  { heartbeats, loads, ...state }: ControllerState,
  { topology: { listening, loadTargets } }: AppliedConfiguration,
  nowMs: number,
): ControllerState {
  const left = <Heard extends { readonly heardAtMs: number }>(
    signals: ReadonlyMap<string, Heard>,
    isAsked: (target: string) => boolean,
  ) =>
    new Map(
      [...signals].filter(
        ([target, { heardAtMs }]) => isAsked(target) || nowMs - heardAtMs <= SIGNAL_KEPT_MS,
      ),
    );
  return {
    ...state,
    heartbeats: left(heartbeats, (target) => listening.has(target)),
    loads: left(loads, (target) => loadTargets.has(target)),
  };
}

function forgetAuthorities(state: ControllerState, nowMs: number): ControllerState {
  const kept = [...state.authorities].filter(
    ([, { heardAtMs }]) => nowMs - heardAtMs <= AUTHORITY_GONE_AFTER_MS,
  );
  return kept.length === state.authorities.size ? state : { ...state, authorities: new Map(kept) };
}
