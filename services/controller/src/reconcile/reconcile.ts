/**
 * H7, THE main path of the controller: one loop that takes whatever arrived together, works out what is true now,
 * and, in the controller that leads, makes the store and the streams say so.
 *
 *   inbox ──> observe (H8, pure): fleet, verdicts, convergence ──> lead-round (H9, H10): store, publish, announce
 *
 * A standby runs the first half alone, so that it can answer questions and take over at once.
 */
import { MessagingError, type CoreMessaging } from '@signpost/contracts/messaging';
import { pairKey } from '@signpost/contracts/names';
import { subjects } from '@signpost/contracts/subjects';
import { UNHEARD } from '@signpost/contracts/vantage-standing';
import type { Clock } from '@signpost/lifecycle/clock';

import { notePublished } from '../drain/published-targets.ts';
import type { Lease } from '../lead/lease.ts';
import type { ControllerState } from './controller-state.ts';
import type { Inbox } from './inbox.ts';
import { followHeld } from './keep-guards.ts';
import { leadRound, STORE_CHECK_EVERY_MS } from './lead-round.ts';
import type { LeaderTools } from './leader-tools.ts';
import { beginLeadership, type Leadership } from './leadership.ts';
import { standbyRound, STANDBY_LOOK_EVERY_MS } from './standby-round.ts';
import { observe, type Observed } from './observe.ts';
import type { Input } from './take-inputs.ts';

export interface ReconcileOptions {
  readonly inbox: Inbox<Input>;
  readonly clock: Clock;
  readonly core: CoreMessaging;
  readonly tools: LeaderTools;
  /** The lease while we lead. */
  readonly lease: () => Lease | undefined;
  readonly state: () => ControllerState;
  readonly setState: (state: ControllerState) => void;
  readonly signal: AbortSignal;
}

/** Rounds come at least this often: freshness ends, the store is looked at, the writer ticks. */
export const TICK_MS = 1_000;
const SHORTEST_WAIT_MS = 10;
const RESEND_TIMEOUT_MS = 2_000;

/** Returns when the signal fires; rejects only by a mistake of ours. */
export async function reconcile(options: ReconcileOptions): Promise<void> {
  const { inbox, clock, signal } = options;
  let leadership: Leadership | undefined;
  let lookedAsStandbyMs = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    await inbox.next(clock, untilNextRound(leadership, clock.monotonic()), signal);
    if (signal.aborted) return;
    leadership = currentLeadership(leadership, options);
    await round(leadership, options);
    if (leadership !== undefined || clock.monotonic() - lookedAsStandbyMs < STANDBY_LOOK_EVERY_MS) continue;
    lookedAsStandbyMs = clock.monotonic();
    const looked = await standbyRound(options.state(), options.tools.writer, lookedAsStandbyMs);
    const watching = await watchingHeld(looked, options.tools);
    options.setState(withPublished(watching, clock.now()));
  }
}

/** Not later than a tick, and not later than the leader has to look at the store or may try it again. */
export function untilNextRound(leadership: Leadership | undefined, nowMs: number): number {
  if (leadership === undefined) return TICK_MS;
  const { storeRetryAtMs, storeCheckedMs } = leadership;
  const checkAtMs = (storeCheckedMs ?? nowMs) + STORE_CHECK_EVERY_MS;
  const dueAtMs = storeRetryAtMs > nowMs ? storeRetryAtMs : checkAtMs;
  return Math.min(TICK_MS, Math.max(SHORTEST_WAIT_MS, dueAtMs - nowMs));
}

async function round(leadership: Leadership | undefined, options: ReconcileOptions): Promise<void> {
  const { inbox, clock, tools } = options;
  const clocks = { monotonicMs: clock.monotonic(), wallMs: clock.now() };
  const before = {
    ...forgetEmptiedGuards(
      forgetEmptiedBucket(options.state(), tools.verdicts.createdAtMs),
      tools.guards.createdAtMs,
    ),
    overridesSinceMs: options.state().overridesSinceMs ?? tools.overrides.createdAtMs,
  };
  const inputs = inbox.take();
  const observed = observe(before, inputs, clocks, leadership !== undefined);
  options.setState(observed.state);
  tools.observer.reportsTaken(inputs.filter(({ kind }) => kind === 'report').length);
  tellObserved(before, observed, options);
  if (leadership === undefined) return;
  const trace = tools.observer.round(observed.changes, parentsOf(observed, inputs));
  const led = await leadRound(observed.state, leadership, tools, clocks, trace);
  options.setState(withPublished(led, clock.now()));
  trace.end();
  tools.observer.rounded(clock.monotonic() - clocks.monotonicMs);
}

function withPublished(state: ControllerState, wallMs: number): ControllerState {
  return { ...state, published: notePublished(state.published, state.records, wallMs) };
}

/** While NATS is away what was watched last is watched on. */
async function watchingHeld(state: ControllerState, tools: LeaderTools): Promise<ControllerState> {
  try {
    return await followHeld(state, tools);
  } catch (error) {
    if (!(error instanceof MessagingError)) throw error;
    return state;
  }
}

/** A NATS that was emptied makes the bucket anew, with revisions from 1. */
function forgetEmptiedBucket(state: ControllerState, createdAtMs: number): ControllerState {
  if (state.storedSinceMs === createdAtMs) return state;
  const next = { ...state, storedSinceMs: createdAtMs };
  return state.storedSinceMs === undefined
    ? next
    : { ...next, stored: new Map(), storedStandings: new Map(), storedLoads: new Map() };
}

/** What guards remember lives on in us; what another controller stores there now counts more. */
function forgetEmptiedGuards(state: ControllerState, createdAtMs: number): ControllerState {
  if (state.guardsSinceMs === createdAtMs) return state;
  const next = { ...state, guardsSinceMs: createdAtMs };
  if (state.guardsSinceMs === undefined) return next;
  const guards = [...state.guards].map(([policy, { memory }]) => [policy, { memory, revision: 0 }] as const);
  return { ...next, guards: new Map(guards) };
}

/** The one that the lease in force belongs to: a new lease begins a new one. */
function currentLeadership(
  last: Leadership | undefined,
  { lease, state }: ReconcileOptions,
): Leadership | undefined {
  const held = lease();
  if (held === undefined) return undefined;
  return last?.lease === held ? last : beginLeadership(held, state().records?.generation);
}

function tellObserved(
  before: ControllerState,
  { state, changes, resend }: Observed,
  options: ReconcileOptions,
): void {
  const { observer } = options.tools;
  observer.verdictsChanged(changes);
  for (const [vantage, { standing }] of state.vantages) {
    const was = before.vantages.get(vantage)?.standing ?? UNHEARD;
    if (was.state !== standing.state) observer.vantageChanged(standing);
  }
  for (const [pool, { feed, reason }] of state.load.pools) {
    const was = before.load.pools.get(pool);
    if (was !== undefined && was.feed !== feed) observer.loadFeedChanged(pool, feed, reason);
  }
  if (state.converged && !before.converged) observer.converged();
  for (const { vantage, prober } of resend) {
    observer.resendAsked(vantage, prober);
    // Nothing hangs on the answer: if none comes, the next digest asks again.
    options.core
      .request(subjects.proberResend(vantage, prober), new Uint8Array(), RESEND_TIMEOUT_MS)
      .catch(() => undefined);
  }
}

/** The traces of the reports that changed a verdict in this round. */
function parentsOf({ changes }: Observed, inputs: readonly Input[]): ReadonlyMap<string, string> {
  const changed = new Set(changes.map(({ to }) => pairKey(to.monitor, to.target)));
  const parents = new Map<string, string>();
  for (const input of inputs) {
    if (input.kind !== 'report' || input.traceparent === undefined) continue;
    const pair = pairKey(input.report.monitor, input.report.target);
    if (changed.has(pair)) parents.set(pair, input.traceparent);
  }
  return parents;
}
