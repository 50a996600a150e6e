/** For tests only: a sink whose image is read in this thread, and a store's writer in few words. */
import { type Generation, NO_GENERATION } from '@signpost/contracts/brands';
import { parseRecordSetField } from '@signpost/contracts/keys';
import type { Publication, RecordChange } from '@signpost/contracts/publication';
import type { RecordWriter } from '@signpost/contracts/record-store';

import type { FlattenedFor } from '../client/flattened-rules.ts';
import { emptyImage } from '../image/layout.ts';
import { ImageSnapshot } from '../image/read-image.ts';
import { RecordImage } from '../image/record-image.ts';
import type { BuildProblem } from '../image/write-image.ts';
import type { RecordSink, ZonePortion } from '../replica/record-sink.ts';

export class MemorySink implements RecordSink {
  readonly image: RecordImage;
  /** What a worker would answer from. */
  snapshot = new ImageSnapshot(emptyImage());
  /** Of what is in use. */
  generation = NO_GENERATION;
  readonly problems: BuildProblem[] = [];
  /** Names of the calls, in order. */
  readonly calls: string[] = [];

  constructor(flattenedFor?: FlattenedFor) {
    this.image = new RecordImage({
      publish: async (memory) => void (this.snapshot = new ImageSnapshot(memory, undefined, flattenedFor)),
      onProblem: (problem) => void this.problems.push(problem),
    });
  }

  async begin(): Promise<void> {
    this.calls.push('begin');
    await this.image.begin();
  }

  addPortion(portion: ZonePortion): Promise<void> {
    return this.image.addPortion(portion);
  }

  keepZones(apexes: readonly string[]): Promise<void> {
    return this.image.keepZones(apexes);
  }

  async catchUp(publication: Publication): Promise<void> {
    this.calls.push('catchUp');
    await this.image.catchUp(publication);
  }

  async swap(generation: Generation): Promise<void> {
    this.calls.push('swap');
    await this.image.swap(generation);
    this.generation = generation;
  }

  async apply(publications: readonly Publication[]): Promise<void> {
    this.calls.push('apply');
    await this.image.apply(publications);
    this.generation = publications.at(-1)?.generation ?? this.generation;
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
