/** Emits `config.changed` when the configuration in force was not announced yet; told once, whoever leads. */
import { decodeEvent, encodeEvent } from '@signpost/contracts/cloud-event';
import type { Bucket, Stream } from '@signpost/contracts/messaging';
import { configChanged } from '@signpost/contracts/publication';
import { subjects } from '@signpost/contracts/subjects';

import type { AppliedConfiguration } from './controller-state.ts';
import { mayBeKept } from './event-kept.ts';

/** Returns how many events were appended, 0 or 1; rejects when NATS is away. */
export async function announceConfiguration(
  events: Stream,
  bucket: Bucket,
  { revision, hash, atMs, topology }: AppliedConfiguration,
  { source, wallMs }: { source: string; wallMs: number },
): Promise<number> {
  if (!mayBeKept(atMs, wallMs)) return 0;
  const id = `config-${bucket.createdAtMs}-${revision}`;
  const last = await events.last(subjects.configChanged());
  const decoded = last === undefined ? undefined : decodeEvent(configChanged, last.data);
  if (decoded?.ok === true && (decoded.value.id === id || decoded.value.data.hash === hash)) return 0;
  const data = { revision, hash, zones: [...topology.zones.keys()] };
  const octets = encodeEvent(configChanged, { id, source, subject: 'configuration', atMs: wallMs, data });
  await events.append(subjects.configChanged(), octets, { id });
  return 1;
}
