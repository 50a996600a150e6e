/**
 * Emits `vantage.changed` for each stored standing that was not announced yet, like `announce-health.ts`: under an
 * id that is the same in every controller, and looked up in the stream, so that none is lost or told twice.
 */
import { decodeEvent, encodeEvent } from '@signpost/contracts/cloud-event';
import type { Bucket, Stream } from '@signpost/contracts/messaging';
import { subjects } from '@signpost/contracts/subjects';
import { UNHEARD, vantageChanged, type VantageStanding } from '@signpost/contracts/vantage-standing';

import type { Clocks } from '../verdict/judge-pair.ts';
import type { ControllerState, StoredStanding } from './controller-state.ts';
import { mayBeKept } from './event-kept.ts';

export interface AnnouncedStanding {
  readonly id: string;
  readonly to: Pick<VantageStanding, 'state' | 'sinceMs'>;
}

export interface AnnounceVantagesOptions {
  readonly events: Stream;
  readonly verdicts: Bucket;
  readonly source: string;
  readonly clocks: Clocks;
}

/** Adds to `announced`, by vantage. Returns how many events were appended; rejects when NATS is away. */
export async function announceVantages(
  { storedStandings }: Pick<ControllerState, 'storedStandings'>,
  announced: Map<string, AnnouncedStanding>,
  options: AnnounceVantagesOptions,
): Promise<number> {
  let appended = 0;
  for (const [vantage, stored] of storedStandings) {
    const id = `vantage-${vantage}-${options.verdicts.createdAtMs}-${stored.revision}`;
    if (announced.get(vantage)?.id === id) continue;
    const { state, sinceMs } = stored.standing;
    const last = announced.get(vantage) ?? (await lastAnnounced(options.events, vantage));
    const forgotten = last === undefined && !mayBeKept(sinceMs, options.clocks.wallMs);
    const from = last?.to ?? UNHEARD;
    if (!forgotten && last?.id !== id && from.state !== state) {
      await append(stored, from, id, options);
      appended += 1;
    }
    announced.set(vantage, { id, to: { state, sinceMs } });
  }
  return appended;
}

async function lastAnnounced(events: Stream, vantage: string): Promise<AnnouncedStanding | undefined> {
  const last = await events.last(subjects.vantageChanged(vantage));
  const decoded = last === undefined ? undefined : decodeEvent(vantageChanged, last.data);
  return decoded?.ok === true ? { id: decoded.value.id, to: decoded.value.data.to } : undefined;
}

async function append(
  { standing: { vantage, state, sinceMs, reason, evidence } }: StoredStanding,
  from: AnnouncedStanding['to'],
  id: string,
  { events, source, clocks }: AnnounceVantagesOptions,
): Promise<void> {
  const octets = encodeEvent(vantageChanged, {
    id,
    source,
    subject: vantage,
    atMs: clocks.wallMs,
    data: { vantage, from, to: { state, sinceMs }, reason, evidence },
  });
  await events.append(subjects.vantageChanged(vantage), octets, { id });
}
