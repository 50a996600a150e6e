/**
 * What was published of one zone's name at a moment that has passed: the present record sets, with the changes since
 * then taken back. Rejects with `MessagingError` when NATS is away.
 */
import type { Generation } from '@signpost/contracts/brands';
import { recordSetField } from '@signpost/contracts/keys';
import type { Stream } from '@signpost/contracts/messaging';
import { recordsChanged, type RecordsChanged } from '@signpost/contracts/publication';
import type { RecordSet } from '@signpost/contracts/record-set';
import type { StoredRecords } from '@signpost/contracts/record-store';
import { decodeEvent } from '@signpost/contracts/cloud-event';
import { subjects } from '@signpost/contracts/subjects';

import type { Topology } from '../topology/topology.ts';

/** The zones of the present, but for the one that the name is in. */
export async function recallRecords(
  present: StoredRecords | undefined,
  { zones }: Topology,
  name: string,
  atMs: number,
  events: Stream,
): Promise<StoredRecords | undefined> {
  const apex = [...zones.keys()]
    .filter((zone) => zone === '.' || name === zone || name.endsWith(`.${zone}`))
    .toSorted((a, b) => b.length - a.length)[0];
  if (present === undefined || apex === undefined) return present;
  const recordSets = new Map<string, RecordSet>(present.zones.get(apex)?.recordSets);
  const { later, generation } = await changesSince(events, apex, atMs);
  for (const { changes } of later.toReversed()) {
    for (const { owner, type, before } of changes) {
      const field = recordSetField(owner, type);
      if (before === null) recordSets.delete(field);
      else recordSets.set(field, before);
    }
  }
  const zone = { facts: present.zones.get(apex)?.facts, recordSets };
  return {
    generation: generation ?? present.generation,
    zones: new Map([...present.zones, [apex, zone]]),
  };
}

/** Oldest first. `generation`: of the zone's last change until then; undefined: no event tells of one. */
async function changesSince(
  events: Stream,
  apex: string,
  atMs: number,
): Promise<{ later: readonly RecordsChanged[]; generation: Generation | undefined }> {
  const later: RecordsChanged[] = [];
  let generation: Generation | undefined;
  await using following = await events.follow({
    pattern: subjects.recordsChanged(apex),
    from: 'all',
    listener: ({ data }) => {
      const decoded = decodeEvent(recordsChanged, data);
      if (!decoded.ok) return;
      if (Date.parse(decoded.value.time) > atMs) later.push(decoded.value.data);
      else generation = decoded.value.data.generation;
    },
  });
  await following.caughtUp;
  return { later, generation: generation ?? later[0]?.base };
}
