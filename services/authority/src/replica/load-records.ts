/**
 * H11, the whole read: notes the feed's position, reads everything into an image beside the one in use, follows the
 * feed until the generation read at the end is applied, and only then swaps. What is read is not atomic; following
 * heals that, because a publication carries whole record sets and applying one twice is harmless. Zones go on as they
 * come, so that no more of them is held than is on its way.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Generation } from '@signpost/contracts/brands';
import {
  type FeedPosition,
  type ReadZone,
  type RecordReader,
  StoreError,
} from '@signpost/contracts/record-store';
import type { RecordSet } from '@signpost/contracts/record-set';

import type { RecordSink, ZonePortion } from './record-sink.ts';

/** Record sets given on at once: a few milliseconds, after which other work has its turn. */
const PORTION = 500;
const CATCH_UP_WAIT_MS = 1_000;

export interface FeedStart {
  /** Of the store when the feed was at `position`. */
  readonly generation: Generation;
  readonly position: FeedPosition;
}

export interface Loaded extends FeedStart {
  /** Apexes with facts, which are served, and those taken over from the image before. */
  readonly served: Set<string>;
  readonly kept: ReadonlySet<string>;
}

/** A position and the generation that belongs to it: read before and after, until nothing came in between. */
export async function feedStart(reader: RecordReader): Promise<FeedStart> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const before = await reader.generation();
    const position = await reader.position();
    if ((await reader.generation()) === before) return { generation: before, position };
  }
  throw new StoreError('the store changes faster than it can be read');
}

/** What may be kept where the store lacks a zone's facts: no failure of ours takes a healthy name down. */
export interface Keeping {
  readonly served: ReadonlySet<string>;
  /** The store was wiped and is being refilled. Else only zones are kept whose publication is under way. */
  readonly all: boolean;
}

export async function loadRecords(
  reader: RecordReader,
  sink: RecordSink,
  start: FeedStart,
  keeping: Keeping,
): Promise<Loaded> {
  await sink.begin();
  const { stored, served } = await fill(sink, reader);
  const target = await reader.generation();
  if (target < start.generation) throw new StoreError('the store went back while it was read');
  const end = await catchUp(reader, sink, start, target, served);
  const mayKeep = (apex: string): boolean => keeping.all || stored.has(apex);
  const kept = new Set([...keeping.served].filter((apex) => !served.has(apex) && mayKeep(apex)));
  await sink.keepZones([...kept]);
  await sink.swap(end.generation);
  return { ...end, served: new Set([...served, ...kept]), kept };
}

/** Returns the apexes that the store has, and those of them that have facts. */
async function fill(
  sink: RecordSink,
  reader: RecordReader,
): Promise<{ stored: Set<string>; served: Set<string> }> {
  const [stored, served] = [new Set<string>(), new Set<string>()];
  for await (const { apex, facts, recordSets } of reader.readZones()) {
    for (const portion of portions(recordSets)) {
      const isLast = portion.length < PORTION;
      await sink.addPortion({ apex, facts: isLast ? facts : undefined, recordSets: portion });
      await nextTurn();
    }
    stored.add(apex);
    if (facts !== undefined) served.add(apex);
  }
  return { stored, served };
}

/** The last one is never full, and may be empty. */
function* portions(recordSets: ReadZone['recordSets']): Generator<ZonePortion['recordSets']> {
  let portion: (readonly [string, RecordSet])[] = [];
  for (const entry of recordSets) {
    portion.push(entry);
    if (portion.length < PORTION) continue;
    yield portion;
    portion = [];
  }
  yield portion;
}

async function catchUp(
  reader: RecordReader,
  sink: RecordSink,
  start: FeedStart,
  target: Generation,
  served: Set<string>,
): Promise<FeedStart> {
  let { generation, position } = start;
  while (generation < target) {
    const changes = await reader.changesAfter(position, CATCH_UP_WAIT_MS);
    if (changes.length === 0)
      throw new StoreError('the change feed ends before the generation it belongs to');
    for (const change of changes) {
      const { publication } = change;
      if (publication.base !== generation)
        throw new StoreError('the change feed lost a step while it was read');
      await sink.catchUp(publication);
      noteServed(served, publication.zones);
      ({ generation } = publication);
      ({ position } = change);
    }
  }
  return { generation, position };
}

/** Zones come with their facts and go with null. */
export function noteServed(served: Set<string>, zones: Readonly<Record<string, unknown>>): void {
  for (const [apex, facts] of Object.entries(zones)) {
    if (facts === null) served.delete(apex);
    else served.add(apex);
  }
}
