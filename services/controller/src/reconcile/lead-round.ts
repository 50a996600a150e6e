/**
 * The leader's half of a round, in the order that makes a crash between any two steps harmless:
 *
 *   look at the store -> store verdicts -> guard -> publish record sets -> announce -> assign probes, tidy up
 *
 * What a step could not do, because NATS or Redis is away, the next round does: nothing is remembered as done
 * before it was confirmed. Housekeeping comes last, so that it never keeps a verdict waiting. Must not judge health.
 */
import type { Generation } from '@signpost/contracts/brands';
import { MessagingError } from '@signpost/contracts/messaging';
import type { Publication } from '@signpost/contracts/publication';
import { StoreError } from '@signpost/contracts/record-store';
import type { Verdict } from '@signpost/contracts/verdict';
import { backoffMs } from '@signpost/lifecycle/backoff';

import { nextTimedChange } from '../compile/next-timed-change.ts';
import type { ControllerObserver, RoundTrace } from '../observe-controller.ts';
import type { Clocks } from '../verdict/judge-pair.ts';
import { sameStates } from '../verdict/verdict-change.ts';
import { announceConfiguration } from './announce-config.ts';
import { announceGuards } from './announce-guards.ts';
import { announceHealth } from './announce-health.ts';
import { announcePublication, unannounced, zonesOf } from './announce-records.ts';
import { heldIn, type AppliedConfiguration, type ControllerState } from './controller-state.ts';
import { followHeld, keepGuards } from './keep-guards.ts';
import type { LeaderTools } from './leader-tools.ts';
import { noteWhy, type Leadership } from './leadership.ts';
import { publishRecords, type PublishRecordsOutcome } from './publish-records.ts';
import { storeVerdicts } from './store-verdicts.ts';
import { assignAndTidy } from './tidy.ts';

export const STORE_CHECK_EVERY_MS = 1_000;
const STORE_BACKOFF = { firstMs: 100, mostMs: 2_000 };
/** A wrong base is put right by reading anew; a store that moves each time is another writer's, and fences us. */
const MAX_PUBLISH_ATTEMPTS = 3;
const MAX_STORE_ATTEMPTS = 3;
/** Announcements per round, so that a long outbox does not keep verdicts waiting. */
const ANNOUNCEMENTS_PER_ROUND = 100;

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
    await withMessaging(tools, async () => {
      const kept = await keepVerdicts(state, leadership, tools);
      state = kept;
      noteTime(leadership, clocks);
      const guarded = await keepGuards(kept, leadership, tools, clocks);
      state = guarded;
      state = await withStore(guarded, leadership, tools, clocks, () =>
        publish(guarded, leadership, tools, clocks, trace),
      );
      state = await announce(state, leadership, tools, clocks, trace);
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

function whyReread(known: Generation, stored: Generation): string {
  return `the store holds generation ${stored} instead of ${known}: written whole`;
}

async function keepVerdicts(
  before: ControllerState,
  leadership: Leadership,
  tools: LeaderTools,
): Promise<ControllerState> {
  let { stored } = before;
  leadership.noted ??= new Map([...stored].map(([pair, { verdict }]) => [pair, verdict]));
  for (let attempt = 1; ; attempt += 1) {
    const kept = await storeVerdicts({ verdicts: before.verdicts, stored }, tools.verdicts);
    ({ stored } = kept);
    if (kept.conflicts === 0) break;
    // What a successor stored meanwhile is not ours to overwrite.
    if (!leadership.lease.holds()) return { ...before, stored };
    if (attempt === MAX_STORE_ATTEMPTS) throw new MessagingError('stored verdicts change under our hands');
  }
  noteChanges(before.verdicts, leadership.noted, leadership);
  return { ...before, stored };
}

function noteChanges(
  verdicts: ControllerState['verdicts'],
  noted: Map<string, Verdict>,
  leadership: Leadership,
): void {
  for (const [pair, { verdict }] of verdicts) {
    const from = noted.get(pair);
    if (sameStates(from, verdict)) continue;
    noted.set(pair, verdict);
    noteWhy(leadership, whyHealth(from, verdict));
  }
}

function whyHealth(from: Verdict | undefined, to: Verdict): string {
  return `health ${to.monitor}/${to.target}: ${from?.state ?? 'unknown'} -> ${to.state}, ${to.reason}`;
}

async function publish(
  before: ControllerState,
  leadership: Leadership,
  tools: LeaderTools,
  { wallMs }: Clocks,
  trace: RoundTrace,
): Promise<ControllerState> {
  const { writer } = tools;
  if (before.records === undefined || leadership.mustReadStore) return before;
  await recoverOutbox(before, leadership, tools, wallMs);
  noteConfiguration(before.configuration!, leadership);
  if (!leadership.unpublished) return before;
  const span = trace.step('publish');
  let { records } = before;
  let outcome: PublishRecordsOutcome | undefined;
  for (let attempt = 1; attempt <= MAX_PUBLISH_ATTEMPTS; attempt += 1) {
    outcome = await publishRecords(before.configuration!.topology, before.verdicts, records, {
      writer,
      token: leadership.lease.token,
      wallMs,
      held: heldIn(before),
      why: leadership.why,
      serials: leadership.serials,
      newest: leadership.newest,
      mayAct: () => leadership.lease.holds(),
      onPublished: (publication, after) => {
        records = after;
        notePublication(publication, leadership, trace);
        tools.observer.published(publication);
      },
    });
    if (outcome.kind !== 'base_mismatch') break;
    noteWhy(leadership, whyReread(records.generation, outcome.stored));
    records = await writer.readAll();
  }
  span.end();
  settle(outcome, leadership, tools.observer);
  leadership.recompileAtMs = nextTimedChange(before.configuration!.topology, before.verdicts, wallMs);
  return { ...before, records };
}

/** What changes by time alone is compiled again when its time has come. */
function noteTime(leadership: Leadership, { wallMs }: Clocks): void {
  const { recompileAtMs } = leadership;
  if (recompileAtMs === undefined || wallMs < recompileAtMs) return;
  leadership.recompileAtMs = undefined;
  noteWhy(leadership, 'time passed: TTLs settle, weights ramp up');
}

/** At first, and whenever it is not known whether a publication was taken. */
async function recoverOutbox(
  { records, configuration }: ControllerState,
  leadership: Leadership,
  { events, writer }: LeaderTools,
  wallMs: number,
): Promise<void> {
  if (leadership.outboxRecovered) return;
  const zones = [...(records?.zones.keys() ?? []), ...(configuration?.topology.zones.keys() ?? [])];
  const found = await unannounced(events, writer, zones, wallMs);
  const pending = new Map(leadership.outbox.map((entry) => [entry.publication.generation, entry]));
  for (const entry of found) {
    const { generation } = entry.publication;
    if (!pending.has(generation)) pending.set(generation, entry);
  }
  leadership.outbox = [...pending.values()].toSorted(
    (a, b) => a.publication.generation - b.publication.generation,
  );
  leadership.outboxRecovered = true;
}

function noteConfiguration({ topology, revision }: AppliedConfiguration, leadership: Leadership): void {
  if (leadership.compiledTopology === topology) return;
  if (leadership.compiledTopology !== undefined) noteWhy(leadership, `configuration revision ${revision}`);
  leadership.compiledTopology = topology;
  leadership.unpublished = true;
}

function notePublication(publication: Publication, leadership: Leadership, trace: RoundTrace): void {
  for (const [apex, facts] of Object.entries(publication.zones)) {
    if (facts !== null) leadership.serials.set(apex, facts.soa.serial);
  }
  leadership.newest = publication.generation;
  leadership.outbox.push({ publication, zones: zonesOf(publication), headers: trace.headers });
}

function settle(
  outcome: PublishRecordsOutcome | undefined,
  leadership: Leadership,
  observer: ControllerObserver,
): void {
  if (outcome !== undefined && outcome.kind !== 'settled') observer.notPublished(outcome.kind);
  if (outcome?.kind === 'settled') {
    leadership.unpublished = false;
    leadership.why = [];
  }
  if (outcome?.kind === 'fenced') {
    leadership.lease.lost(
      `the store was written under the newer token ${outcome.by.createdAtMs}:${outcome.by.revision}`,
    );
  }
}

async function announce(
  state: ControllerState,
  leadership: Leadership,
  tools: LeaderTools,
  clocks: Clocks,
  trace: RoundTrace,
): Promise<ControllerState> {
  if (!leadership.lease.holds()) return state;
  const { events, verdicts, config, source, observer } = tools;
  const told = await announceHealth(state, leadership.announcedHealth, {
    events,
    verdicts,
    source,
    clocks,
    headers: (pair) => trace.headersOf(pair),
  });
  observer.announced('health.changed', told);
  for (let i = 0; i < ANNOUNCEMENTS_PER_ROUND && leadership.outbox.length > 0; i += 1) {
    observer.announced('records.changed', await announcePublication(events, source, leadership.outbox[0]!));
    leadership.outbox.shift();
  }
  const { guards, told: toldGuards } = await announceGuards(state.guards, tools, clocks.wallMs);
  observer.announced('guard.held', toldGuards);
  const after = { ...state, guards };
  const { configuration } = state;
  if (configuration === undefined || leadership.announcedRevision === configuration.revision) return after;
  const { wallMs } = clocks;
  const announced = await announceConfiguration(events, config, configuration, { source, wallMs });
  observer.announced('config.changed', announced);
  leadership.announcedRevision = configuration.revision;
  return after;
}
