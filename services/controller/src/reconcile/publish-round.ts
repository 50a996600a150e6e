/**
 * A leader's publishing: record sets of what is known and allowed now, over again while the store moves, with the
 * reasons for it. What is published is left in the outbox, to be announced. Rejects with `StoreError`.
 */
import type { Generation } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';

import { nextTimedChange } from '../compile/next-timed-change.ts';
import { whyLoad } from '../load/load-view.ts';
import type { ControllerObserver, RoundTrace } from '../observe-controller.ts';
import { whyOverrides } from '../override/why-overrides.ts';
import { whyResolved } from '../resolve/resolved-in.ts';
import { whyShares } from '../share/share-steering.ts';
import type { Clocks } from '../verdict/judge-pair.ts';
import { unannounced, zonesOf } from './announce-records.ts';
import { heldIn, type ControllerState } from './controller-state.ts';
import type { LeaderTools } from './leader-tools.ts';
import { noteWhy, type Leadership } from './leadership.ts';
import { publishRecords, type PublishRecordsOutcome } from './publish-records.ts';
import { presentView } from '../compile/present-view.ts';

/** A wrong base is put right by reading anew; a store that moves each time is another writer's, and fences us. */
const MAX_PUBLISH_ATTEMPTS = 3;

export async function publishRound(
  before: ControllerState,
  leadership: Leadership,
  tools: LeaderTools,
  { wallMs }: Clocks,
  trace: RoundTrace,
): Promise<ControllerState> {
  const { writer } = tools;
  if (before.records === undefined || leadership.mustReadStore) return before;
  await recoverOutbox(before, leadership, tools, wallMs);
  // A guard may have changed what is watched meanwhile.
  noteConfiguration(before, leadership);
  if (!leadership.unpublished) return before;
  const span = trace.step('publish');
  let { records } = before;
  let outcome: PublishRecordsOutcome | undefined;
  for (let attempt = 1; attempt <= MAX_PUBLISH_ATTEMPTS; attempt += 1) {
    outcome = await publishRecords(before.configuration!.topology, before.verdicts, records, {
      writer,
      token: leadership.lease.token,
      wallMs,
      view: presentView(before, wallMs, tools.affinity),
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
  leadership.recompileAtMs = nextTimedChange(
    before.configuration!.topology,
    before.verdicts,
    wallMs,
    heldIn(before),
  );
  return { ...before, records };
}

/** What changes by time alone is compiled again when its time has come. */
export function noteTime(leadership: Leadership, { wallMs }: Clocks): void {
  const { recompileAtMs, timedMs } = leadership;
  leadership.timedMs = wallMs;
  // By a wall clock that was set back, other times are due than were worked out.
  if (wallMs >= timedMs && (recompileAtMs === undefined || wallMs < recompileAtMs)) return;
  leadership.recompileAtMs = undefined;
  noteWhy(leadership, 'time passed: TTLs settle, weights ramp up, time windows open and close');
}

/** First of all, since much else follows from it: what is no longer checked, or is checked anew, is not known. */
export function noteConfiguration({ configuration }: ControllerState, leadership: Leadership): void {
  if (configuration === undefined || leadership.compiledTopology === configuration.topology) return;
  const line = `configuration revision ${configuration.revision}`;
  const isNews = leadership.compiledTopology !== undefined && !leadership.why.includes(line);
  if (isNews) noteWhy(leadership, line);
  leadership.compiledTopology = configuration.topology;
  leadership.unpublished = true;
}

/** Before the guards are asked, since they judge overrides too. */
export function noteOverrides({ present }: ControllerState, leadership: Leadership): void {
  const compiled = leadership.compiledOverrides;
  if (compiled === present) return;
  for (const line of whyOverrides(compiled, present)) noteWhy(leadership, line);
  leadership.compiledOverrides = present;
  leadership.unpublished = true;
}

/** Only what policies ask of load counts, not each load that was pushed. */
export function noteLoad({ load: { steering } }: ControllerState, leadership: Leadership): void {
  const compiled = leadership.compiledLoad;
  if (compiled === steering) return;
  for (const line of whyLoad(compiled ?? steering, steering)) noteWhy(leadership, line);
  leadership.compiledLoad = steering;
  leadership.unpublished = true;
}

/** Clients spread otherwise than they should, or bounded affinity moves some. */
export function noteShares({ shares }: ControllerState, leadership: Leadership): void {
  const compiled = leadership.compiledShares;
  if (compiled === shares.steering) return;
  for (const line of whyShares(compiled, shares.steering)) noteWhy(leadership, line);
  leadership.compiledShares = shares.steering;
  leadership.unpublished = true;
}

/** What was found of hosts since. */
export function noteResolved({ resolved }: ControllerState, leadership: Leadership): void {
  const compiled = leadership.compiledResolved;
  if (compiled === resolved) return;
  for (const line of whyResolved(compiled, resolved)) noteWhy(leadership, line);
  leadership.compiledResolved = resolved;
  leadership.unpublished = true;
}

export function whyReread(known: Generation, stored: Generation): string {
  return `the store holds generation ${stored} instead of ${known}: written whole`;
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
