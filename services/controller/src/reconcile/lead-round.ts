/**
 * The leader's half of a round, in the order that makes a crash between any two steps harmless:
 *
 *   look at the store -> store verdicts -> guard -> publish record sets -> announce -> assign probes, tidy up
 *
 * What a step could not do, because NATS or Redis is away, the next round does: nothing is remembered as done
 * before it was confirmed. Housekeeping comes last, so that it never keeps a verdict waiting. Must not judge health.
 */
import { MessagingError } from '@signpost/contracts/messaging';
import { StoreError } from '@signpost/contracts/record-store';
import { backoffMs } from '@signpost/lifecycle/backoff';

import type { RoundTrace } from '../observe-controller.ts';
import type { Clocks } from '../verdict/judge-pair.ts';
import { announceRound, settleOverrides } from './announce-round.ts';
import type { ControllerState } from './controller-state.ts';
import { followHeld, keepGuards } from './keep-guards.ts';
import { keepLoads } from './keep-loads.ts';
import { keepVerdicts } from './keep-verdicts.ts';
import type { LeaderTools } from './leader-tools.ts';
import { noteWhy, type Leadership } from './leadership.ts';
import {
  noteConfiguration,
  noteLoad,
  noteOverrides,
  noteResolved,
  noteShares,
  noteTime,
  publishRound,
  whyReread,
} from './publish-round.ts';
import { assignAndTidy } from './tidy.ts';

export const STORE_CHECK_EVERY_MS = 1_000;
const STORE_BACKOFF = { firstMs: 100, mostMs: 2_000 };

/** Never rejects for an outage; the state says what was reached. */
export async function leadRound(
  before: ControllerState,
  leadership: Leadership,
  tools: LeaderTools,
  clocks: Clocks,
  trace: RoundTrace,
): Promise<ControllerState> {
  let state = await withStore(before, leadership, tools, clocks, () =>
    lookAtStore(before, leadership, tools, clocks),
  );
  if (state.configuration === undefined || !leadership.lease.holds()) return state;
  if (!state.converged) {
    await withMessaging(tools, async () => {
      state = await followHeld(state, tools);
    });
  } else {
    noteConfiguration(state, leadership);
    await withMessaging(tools, async () => {
      const kept = await keepLoads(await keepVerdicts(state, leadership, tools), tools.verdicts);
      state = kept;
      noteTime(leadership, clocks);
      noteOverrides(kept, leadership);
      noteLoad(kept, leadership);
      noteResolved(kept, leadership);
      noteShares(kept, leadership);
      const guarded = await keepGuards(kept, leadership, tools, clocks);
      state = guarded;
      state = await withStore(guarded, leadership, tools, clocks, () =>
        publishRound(guarded, leadership, tools, clocks, trace),
      );
      state = await announceRound(state, leadership, tools, clocks, trace);
      state = await settleOverrides(state, leadership, tools, clocks);
    });
  }
  // Before health is known too: what nobody probes never becomes known.
  await withMessaging(tools, async () => {
    state = await assignAndTidy(state, leadership, tools, clocks);
  });
  return state;
}

/** Runs steps that need NATS, as far as they come. */
async function withMessaging({ observer }: LeaderTools, steps: () => Promise<void>): Promise<void> {
  try {
    await steps();
  } catch (error) {
    if (!(error instanceof MessagingError)) throw error;
    observer.messagingFailed(error);
  }
}

/** Runs a step that needs the store, unless the store was away a moment ago. */
async function withStore(
  state: ControllerState,
  leadership: Leadership,
  { observer, draw }: LeaderTools,
  { monotonicMs }: Clocks,
  step: () => Promise<ControllerState>,
): Promise<ControllerState> {
  if (monotonicMs < leadership.storeRetryAtMs) return state;
  try {
    const after = await step();
    if (leadership.storeFailures > 0) observer.storeRecovered();
    leadership.storeFailures = 0;
    return after;
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    observer.storeFailed(error);
    leadership.storeRetryAtMs = monotonicMs + backoffMs(leadership.storeFailures, draw(), STORE_BACKOFF);
    leadership.storeFailures += 1;
    // The last publication may have been taken or not: only the store can tell.
    leadership.outboxRecovered = false;
    leadership.mustReadStore = true;
    return state;
  }
}

/** Each second: says that we live, and finds out whether the store is where we left it. */
async function lookAtStore(
  state: ControllerState,
  leadership: Leadership,
  { writer }: LeaderTools,
  { monotonicMs, wallMs }: Clocks,
): Promise<ControllerState> {
  const { storeCheckedMs, mustReadStore, lease } = leadership;
  const due = storeCheckedMs === undefined || monotonicMs - storeCheckedMs >= STORE_CHECK_EVERY_MS;
  if ((!due && !mustReadStore) || !lease.holds()) return state;
  await writer.tick(wallMs, lease.token);
  const generation = await writer.generation();
  leadership.storeCheckedMs = monotonicMs;
  if (generation > leadership.newest) leadership.newest = generation;
  const known = mustReadStore ? undefined : state.records;
  if (known?.generation === generation) return state;
  if (known !== undefined) noteWhy(leadership, whyReread(known.generation, generation));
  const records = await writer.readAll();
  leadership.mustReadStore = false;
  leadership.unpublished = true;
  return { ...state, records };
}
