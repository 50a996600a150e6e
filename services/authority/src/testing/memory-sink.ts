/** For tests only: a sink that is one snapshot in this thread, and a store's writer in few words. */
import type { Generation } from '@signpost/contracts/brands';
import { parseRecordSetField } from '@signpost/contracts/keys';
import type { Publication, RecordChange } from '@signpost/contracts/publication';
import type { RecordWriter } from '@signpost/contracts/record-store';

import type { FlattenedFor } from '../client/flattened-rules.ts';
import type { ZonePortion } from '../replica/build-snapshot.ts';
import type { RecordSink } from '../replica/record-sink.ts';
import { SnapshotHolder } from '../replica/snapshot-holder.ts';

export class MemorySink implements RecordSink {
  readonly holder: SnapshotHolder;
  /** Names of the calls, in order. */
  readonly calls: string[] = [];

  constructor(flattenedFor?: FlattenedFor) {
    this.holder = new SnapshotHolder(undefined, flattenedFor);
  }

  async begin(): Promise<void> {
    this.calls.push('begin');
    this.holder.begin();
  }

  async addPortion(portion: ZonePortion): Promise<void> {
    this.holder.addPortion(portion);
  }

  async keepZones(apexes: readonly string[]): Promise<void> {
    this.holder.keepZones(apexes);
  }

  async catchUp(publication: Publication): Promise<void> {
    this.calls.push('catchUp');
    this.holder.catchUp(publication);
  }

  async swap(generation: Generation): Promise<void> {
    this.calls.push('swap');
    this.holder.swap(generation);
  }

  async apply(publications: readonly Publication[]): Promise<void> {
    this.calls.push('apply');
    this.holder.apply(publications);
  }
}

const TOKEN = { createdAtMs: 1, revision: 1 };

/** Publishes on top of whatever the store holds; returns the new generation. */
export async function publish(
  writer: RecordWriter,
  zones: readonly ZonePortion[],
  removed: readonly { zone: string; owner: string; type: string }[] = [],
): Promise<Generation> {
  const base = await writer.generation();
  const generation = Math.max(base + 1, Date.now()) as Generation;
  const changes: RecordChange[] = zones.flatMap(({ apex, recordSets }) =>
    recordSets.map(([field, after]) => ({ zone: apex, ...parseRecordSetField(field), before: null, after })),
  );
  changes.push(...removed.map((gone) => ({ ...gone, before: null, after: null })));
  const facts = zones.flatMap(({ apex, facts }) => (facts === undefined ? [] : [[apex, facts] as const]));
  const outcome = await writer.publish(
    { base, generation, atMs: 0, why: ['a test'], changes, zones: Object.fromEntries(facts) },
    TOKEN,
  );
  if (outcome.kind !== 'published') throw new Error(outcome.kind);
  return generation;
}

export async function tick(writer: RecordWriter, atMs: number): Promise<void> {
  await writer.tick(atMs, TOKEN);
}
