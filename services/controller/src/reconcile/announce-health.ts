/**
 * Emits `health.changed` for each stored verdict that was not announced yet. What was announced is read from the
 * stream itself, so an event that a leader could not append is appended by the next one, under the same id.
 */
import { decodeEvent, encodeEvent } from '@signpost/contracts/cloud-event';
import type { Bucket, Headers, Stream } from '@signpost/contracts/messaging';
import { subjects } from '@signpost/contracts/subjects';
import { healthChanged, type VerdictStates } from '@signpost/contracts/verdict';

import { evidenceOf } from '../verdict/evidence.ts';
import type { Clocks } from '../verdict/judge-pair.ts';
import { disbelievedOf } from '../verdict/judge-vantages.ts';
import { NO_VERDICT, sameStates, statesOf } from '../verdict/verdict-change.ts';
import type { ControllerState, StoredVerdict } from './controller-state.ts';
import { mayBeKept } from './event-kept.ts';
import { inChunks } from './in-chunks.ts';

export interface AnnouncedVerdict {
  readonly id: string;
  readonly to: VerdictStates;
}

export interface AnnounceHealthOptions {
  readonly events: Stream;
  readonly verdicts: Bucket;
  readonly source: string;
  readonly clocks: Clocks;
  /** Trace context for the event of a pair. */
  readonly headers: (pair: string) => Headers;
}

/** More than the contract allows would make the event unreadable. */
const MAX_EVIDENCE = 1_024;

/** Adds to `announced`, by pair key. Returns how many events were appended; rejects when NATS is away. */
export async function announceHealth(
  state: Pick<ControllerState, 'stored' | 'configuration' | 'fleet' | 'vantages'>,
  announced: Map<string, AnnouncedVerdict>,
  options: AnnounceHealthOptions,
): Promise<number> {
  let appended = 0;
  const due = [...state.stored].filter(
    ([pair, { revision }]) => announced.get(pair)?.id !== eventId(options.verdicts, pair, revision),
  );
  await inChunks(due, async ([pair, stored]) => {
    const last = announced.get(pair) ?? (await lastAnnounced(options.events, stored));
    const id = eventId(options.verdicts, pair, stored.revision);
    const forgotten = last === undefined && !mayBeKept(stored.verdict.sinceMs, options.clocks.wallMs);
    if (!forgotten && last?.id !== id && !sameStates(last?.to, stored.verdict)) {
      await append(state, pair, stored, last?.to ?? NO_VERDICT, id, options);
      appended += 1;
    }
    announced.set(pair, { id, to: statesOf(stored.verdict) });
  });
  return appended;
}

/** The same in every controller: the revision names one change of one pair, once in the life of the bucket. */
function eventId({ createdAtMs }: Bucket, pair: string, revision: number): string {
  return `health-${pair}-${createdAtMs}-${revision}`;
}

async function lastAnnounced(
  events: Stream,
  { verdict }: StoredVerdict,
): Promise<AnnouncedVerdict | undefined> {
  const last = await events.last(subjects.healthChanged(verdict.monitor, verdict.target));
  if (last === undefined) return undefined;
  const decoded = decodeEvent(healthChanged, last.data);
  return decoded.ok ? { id: decoded.value.id, to: decoded.value.data.to } : undefined;
}

async function append(
  { configuration, fleet, vantages }: Pick<ControllerState, 'configuration' | 'fleet' | 'vantages'>,
  pair: string,
  { verdict }: StoredVerdict,
  from: VerdictStates,
  id: string,
  { events, source, clocks, headers }: AnnounceHealthOptions,
): Promise<void> {
  const { monitor, target, reason } = verdict;
  const monitored = configuration?.topology.pairs.get(pair);
  const evidence =
    monitored === undefined ? [] : evidenceOf(monitored, fleet, disbelievedOf(vantages), clocks.monotonicMs);
  const octets = encodeEvent(healthChanged, {
    id,
    source,
    subject: pair,
    atMs: clocks.wallMs,
    data: {
      monitor,
      target,
      from: statesOf(from),
      to: statesOf(verdict),
      reason,
      evidence: evidence.slice(0, MAX_EVIDENCE),
    },
  });
  await events.append(subjects.healthChanged(monitor, target), octets, { id, headers: headers(pair) });
}
