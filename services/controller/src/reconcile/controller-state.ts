/**
 * All a controller knows, as one value: replaced by each round of the loop, read by the API. Every controller
 * keeps it, also a standby; only the leader acts on it. Types and look-ups only.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { Approval, GuardMemory, Hold } from '@signpost/contracts/guard';
import { pairKey } from '@signpost/contracts/names';
import type { StoredOverride } from '@signpost/contracts/override';
import type { StoredRecords } from '@signpost/contracts/record-store';
import type { VantageStanding } from '@signpost/contracts/vantage-standing';
import type { Verdict } from '@signpost/contracts/verdict';
import { NOT_MONITORED, type HealthView } from '@signpost/policy/health-view';

import { NOTHING_PUBLISHED, type PublishedTargets } from '../drain/published-targets.ts';
import { EMPTY_FLEET, type Fleet } from '../fleet/fleet.ts';
import type { HeardAuthority } from '../fleet/hear-authority.ts';
import { heldView, type HeldView } from '../guard/held-view.ts';
import { NO_LOAD_STATE, type HeardLoad, type LoadState, type StoredLoads } from '../load/pool-load.ts';
import { NONE_PRESENT, type PresentOverrides } from '../override/overrides-at.ts';
import type { ResolvedHost } from '../resolve/resolved-host.ts';
import { NO_SHARES, type ShareState } from '../share/evolve-shares.ts';
import type { Topology } from '../topology/topology.ts';
import type { Dissents } from '../verdict/dissent.ts';
import type { HeardHeartbeat } from '../verdict/judge-heartbeat.ts';
import type { JudgedPair } from '../verdict/judge-pair.ts';
import type { VantageViews } from '../verdict/judge-vantages.ts';

export interface AppliedConfiguration {
  /** Revision of the manifest. */
  readonly revision: number;
  readonly hash: string;
  /** When it was applied, wall clock. */
  readonly atMs: number;
  readonly fileHash: string | undefined;
  /** As it was written, to refill a bucket that was emptied. */
  readonly written: Record<string, unknown>;
  readonly topology: Topology;
}

/** Frozen while it is not settled: the last verdict stands. */
export interface PairVerdict extends JudgedPair {
  /** Absent: no vantage sees it otherwise, or the monitor does not decide regionally. */
  readonly dissents?: Dissents;
  /** Of a pair that heartbeats decide: since when we judge it, monotonic. Before, its silence meant nothing. */
  readonly listeningSinceMs?: number;
}

export interface StoredVerdict {
  readonly verdict: Verdict;
  /** In the bucket `signpost_verdicts`. */
  readonly revision: number;
}

export interface StoredStanding {
  readonly standing: VantageStanding;
  /** In the same bucket. */
  readonly revision: number;
}

/** What the verdicts of the last round rest on, besides reports: while it is the same, only what changed is judged. */
export interface JudgingBasis {
  readonly topology: Topology;
  /** Who is heard and believed. */
  readonly voters: string;
  /** Who was heard and believed when the vantages were judged. */
  readonly surveyed: string;
  readonly hearingSinceMs: number | undefined;
}

export interface StoredGuard {
  readonly memory: GuardMemory;
  /** In the bucket `signpost_guards`; 0: it does not hold it. */
  readonly revision: number;
}

export interface ControllerState {
  readonly fleet: Fleet;
  readonly configuration: AppliedConfiguration | undefined;
  /** By pair key: what is concluded now. */
  readonly verdicts: ReadonlyMap<string, PairVerdict>;
  /** By pair key: what the bucket holds. */
  readonly stored: ReadonlyMap<string, StoredVerdict>;
  /** By vantage: how each stands now, and what the bucket holds of it. */
  readonly vantages: VantageViews;
  readonly storedStandings: ReadonlyMap<string, StoredStanding>;
  /** By target: its last heartbeat. */
  readonly heartbeats: ReadonlyMap<string, HeardHeartbeat>;
  /** By target: the last load it pushed. */
  readonly loads: ReadonlyMap<string, HeardLoad>;
  /** What is made of it, and by pool what the bucket of verdicts holds of that. */
  readonly load: LoadState;
  readonly storedLoads: StoredLoads;
  /** Monotonic; since when NATS is reached, and since when we lead. */
  readonly connectedSinceMs: number | undefined;
  readonly leadingSinceMs: number | undefined;
  readonly judgedOn: JudgingBasis | undefined;
  /** When that bucket was made: if it is another one now, nothing is stored any more. */
  readonly storedSinceMs: number | undefined;
  /** By id: what the bucket of overrides holds, also what ended and was not told yet. */
  readonly overrides: ReadonlyMap<string, StoredOverride>;
  /** When that bucket was made: another one has lost what it held, until a leader fills it again. */
  readonly overridesSinceMs: number | undefined;
  /** What they, and those of the configuration, come to now. */
  readonly present: PresentOverrides;
  /** By policy: what guards hold and remember. */
  readonly guards: ReadonlyMap<string, StoredGuard>;
  /** When that bucket was made, as for verdicts: in another one nothing of it is stored. */
  readonly guardsSinceMs: number | undefined;
  /** By id of a hold: what somebody let pass and the leader did not take up yet. */
  readonly approvals: ReadonlyMap<string, Approval>;
  /** Configurations by revision: the one that is applied, and those that held policies rest on. */
  readonly kept: ReadonlyMap<number, Configuration>;
  /** By host, canonical text: what was found of names that are published with their addresses. */
  readonly resolved: ReadonlyMap<string, ResolvedHost>;
  /** How clients spread, and what is done about it. */
  readonly shares: ShareState;
  /** By node. */
  readonly authorities: ReadonlyMap<string, HeardAuthority>;
  /** Whether the stream of reports and the stored verdicts were read to the end they had at the start. */
  readonly caughtUp: boolean;
  /** Monotonic; since when all that convergence waits for but votes is there. */
  readonly waitingSinceMs: number | undefined;
  readonly converged: boolean;
  /** What the record store is known to hold; undefined before the first reading. */
  readonly records: StoredRecords | undefined;
  /** What `records` holds, and held, of each target. */
  readonly published: PublishedTargets;
}

export const INITIAL_STATE: ControllerState = {
  fleet: EMPTY_FLEET,
  configuration: undefined,
  verdicts: new Map(),
  stored: new Map(),
  vantages: new Map(),
  storedStandings: new Map(),
  heartbeats: new Map(),
  loads: new Map(),
  load: NO_LOAD_STATE,
  storedLoads: new Map(),
  connectedSinceMs: undefined,
  leadingSinceMs: undefined,
  judgedOn: undefined,
  storedSinceMs: undefined,
  overrides: new Map(),
  overridesSinceMs: undefined,
  present: NONE_PRESENT,
  guards: new Map(),
  guardsSinceMs: undefined,
  approvals: new Map(),
  kept: new Map(),
  resolved: new Map(),
  shares: NO_SHARES,
  authorities: new Map(),
  caughtUp: false,
  waitingSinceMs: undefined,
  converged: false,
  records: undefined,
  published: NOTHING_PUBLISHED,
};

export function memoriesOf(guards: ControllerState['guards']): ReadonlyMap<string, GuardMemory> {
  return new Map([...guards].map(([policy, { memory }]) => [policy, memory]));
}

export function holdsOf({ guards }: Pick<ControllerState, 'guards'>): Hold[] {
  return [...guards.values()].flatMap(({ memory }) => memory.holds);
}

/** What guards hold, for whoever compiles. */
export function heldIn({ guards, kept }: Pick<ControllerState, 'guards' | 'kept'>): HeldView {
  return heldView(memoriesOf(guards).values(), kept);
}

/** What policies ask of health. */
export function healthView(verdicts: ControllerState['verdicts']): HealthView {
  return (monitor, target) => {
    if (monitor === undefined) return NOT_MONITORED;
    const verdict = verdicts.get(pairKey(monitor, target))?.verdict;
    if (verdict === undefined) {
      return { state: 'unknown', ipv4: 'unknown', ipv6: 'unknown', reason: 'no verdict yet' };
    }
    const { state, families, reason, from, sinceMs, recoveredMs } = verdict;
    const changedMs = from === undefined ? undefined : sinceMs;
    return {
      state,
      ipv4: families.ipv4 ?? state,
      ipv6: families.ipv6 ?? state,
      reason,
      changedMs,
      recoveredMs,
    };
  };
}
