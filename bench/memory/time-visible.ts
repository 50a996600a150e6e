/**
 * The part of a change that is ours: from the moment the authority's main thread has the publication until a worker
 * thread answers with it. An image of any number of record sets in this process, and one thread that asks without a pause.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { type Generation, NO_GENERATION } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';

import { RecordImage } from '@signpost/authority/image/record-image';
import { apexOf, ownerOf, publicationsOf, recordSet, type RecordKind } from './many-records.ts';
import { type AskingStart, now } from './asking-worker.ts';

export interface Visible {
  /** Of the image, for each record set. */
  readonly octetsPerSet: number;
  /** What writing all of them into it took. */
  readonly writtenMs: number;
  /** From the call of `apply` to the end of the first answer with the change. */
  readonly changesMs: readonly number[];
  /** Of `apply` alone. */
  readonly appliedMs: readonly number[];
}

const GENERATION = 1 as Generation;
const GIVE_UP_MS = 60_000;
/** The first changes: what they run is not compiled yet. */
const UNCOUNTED = 200;

export async function timeVisible(records: number, kind: RecordKind, times: number): Promise<Visible> {
  let worker: Worker | undefined;
  const seen = new Int32Array(new SharedArrayBuffer(4));
  const seenAt = new Float64Array(new SharedArrayBuffer(8));
  const image = new RecordImage({
    publish: async (memory) => {
      const start: AskingStart = { memory, name: ownerOf(500, 0), seen, seenAt };
      worker ??= new Worker(new URL('asking-worker.ts', import.meta.url), { workerData: start });
    },
    onProblem: (problem) => console.error(problem),
  });
  await image.begin();
  let writtenMs = 0;
  for (const publication of publicationsOf(records, kind, Date.now())) {
    const startMs = performance.now();
    await image.catchUp(publication);
    writtenMs += performance.now() - startMs;
  }
  const octetsPerSet = (await swapped(image)) / records;
  const [changesMs, appliedMs]: [number[], number[]] = [[], []];
  try {
    await changed(seen, 0); // it asks
    for (let number = 1 - UNCOUNTED; number <= times; number += 1) {
      const last = Atomics.load(seen, 0);
      const publication = changeOf(kind, number + UNCOUNTED);
      const startMs = now();
      await image.apply([publication]);
      const endMs = now();
      await changed(seen, last);
      if (number > 0) {
        changesMs.push(seenAt[0]! - startMs);
        appliedMs.push(endMs - startMs);
      }
      await nextTurn();
    }
  } finally {
    await worker?.terminate();
  }
  return { octetsPerSet, writtenMs, changesMs, appliedMs };
}

async function swapped(image: RecordImage): Promise<number> {
  await image.swap(GENERATION);
  return image.octets;
}

/** Until the word is another one. */
async function changed(seen: Int32Array, from: number): Promise<void> {
  const { async, value } = Atomics.waitAsync(seen, 0, from, GIVE_UP_MS);
  if ((async ? await value : value) === 'timed-out')
    throw new Error(`a change was not answered within ${GIVE_UP_MS} ms`);
}

/** Each is told by its address, which is no other's. */
function changeOf(kind: RecordKind, number: number): Publication {
  const after = recordSet(kind, 0x8000 + number);
  const changes = [{ zone: apexOf(0), owner: ownerOf(500, 0), type: 'A', before: null, after }];
  return { base: NO_GENERATION, generation: GENERATION, atMs: 0, why: [], changes, zones: {} };
}
