/**
 * Emits `records.changed`, one per publication and zone, with deterministic ids. The store's change feed is the
 * outbox: a new leader reads from it what was published but not announced, and what was announced from the stream.
 */
import { NO_GENERATION, type Generation } from '@signpost/contracts/brands';
import { decodeEvent, encodeEvent } from '@signpost/contracts/cloud-event';
import type { Headers, Stream } from '@signpost/contracts/messaging';
import { zoneToken } from '@signpost/contracts/names';
import { recordsChanged, type Publication, type RecordsChanged } from '@signpost/contracts/publication';
import type { RecordWriter } from '@signpost/contracts/record-store';
import { subjects } from '@signpost/contracts/subjects';

import { mayBeKept } from './event-kept.ts';
import { inChunks } from './in-chunks.ts';

export interface Announcement {
  readonly publication: Publication;
  /** Zones whose event is missing. */
  readonly zones: readonly string[];
  readonly headers: Headers;
}

/** Octets of JSON; NATS takes 1 MiB by default. */
const MAX_EVENT_SIZE = 900 * 1024;

/** Appends the events of one publication; rejects when NATS is away, and may then be repeated. */
export async function announcePublication(
  events: Stream,
  source: string,
  { publication, zones, headers }: Announcement,
): Promise<number> {
  for (const zone of zones) {
    const id = `records-${publication.generation}-${zoneToken(zone)}`;
    const octets = encodeWithin(publication, zone, { id, source });
    await events.append(subjects.recordsChanged(zone), octets, { id, headers });
  }
  return zones.length;
}

/**
 * What the change feed holds and nobody announced, oldest first. Leaders announce in order, so all before the
 * last announced generation was announced; of that one itself some zones may be missing. What is older than any
 * event that the stream keeps was announced long ago.
 */
export async function unannounced(
  events: Stream,
  writer: RecordWriter,
  zones: readonly string[],
  wallMs: number,
): Promise<Announcement[]> {
  const announced = new Map<string, number>();
  const readLast = async (zone: string) => {
    if (!announced.has(zone)) announced.set(zone, await lastAnnounced(events, zone));
  };
  await inChunks(zones, readLast);
  const last = Math.max(NO_GENERATION, ...announced.values());
  const publications = await writer.publicationsAfter(Math.max(NO_GENERATION, last - 1) as Generation);
  const due: Announcement[] = [];
  for (const publication of publications) {
    if (!mayBeKept(publication.atMs, wallMs)) continue;
    await inChunks(zonesOf(publication), readLast);
    const missing = zonesOf(publication).filter((zone) => announced.get(zone)! < publication.generation);
    if (missing.length > 0) due.push({ publication, zones: missing, headers: {} });
  }
  return due;
}

/** Zones that a publication touches. */
export function zonesOf({ changes, zones }: Publication): string[] {
  return [...new Set([...changes.map(({ zone }) => zone), ...Object.keys(zones)])].toSorted();
}

async function lastAnnounced(events: Stream, zone: string): Promise<number> {
  const last = await events.last(subjects.recordsChanged(zone));
  if (last === undefined) return NO_GENERATION;
  const decoded = decodeEvent(recordsChanged, last.data);
  return decoded.ok ? decoded.value.data.generation : NO_GENERATION;
}

/** A change too large for one message tells its beginning, and how much is left out. */
function encodeWithin(
  publication: Publication,
  zone: string,
  { id, source }: { id: string; source: string },
) {
  const changes = publication.changes
    .filter((change) => change.zone === zone)
    .map(({ zone: _zone, ...rest }) => rest);
  for (let kept = changes.length; ; kept = Math.floor(kept / 2)) {
    const left = changes.length - kept;
    const data: RecordsChanged = {
      zone,
      base: publication.base,
      generation: publication.generation,
      why:
        left === 0 ? publication.why : [...publication.why, `${left} more changes: too large for one event`],
      changes: changes.slice(0, kept),
    };
    const octets = encodeEvent(recordsChanged, { id, source, subject: zone, atMs: publication.atMs, data });
    if (octets.length <= MAX_EVENT_SIZE || kept === 0) return octets;
  }
}
