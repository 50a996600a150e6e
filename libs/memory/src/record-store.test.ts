/** The in-process record store against the suite of its ports, and its bound. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import { recordStoreConformance } from '@signpost/testkit/record-store-conformance';

import { createMemoryRecordStore } from './record-store.ts';

recordStoreConformance('memory', async () => {
  const store = createMemoryRecordStore();
  return {
    writer: store.writer,
    reader: () => store.reader(),
    wipe: async () => store.wipe(),
    stop: async () => store.setReachable(false),
    start: async () => store.setReachable(true),
    [Symbol.asyncDispose]: async () => {},
  };
});

test('the change feed keeps only so many publications', async () => {
  const { writer } = createMemoryRecordStore({ changesKept: 3 });
  for (let i = 0; i < 5; i += 1) {
    const base = i as Generation;
    const generation = (i + 1) as Generation;
    const sent = { base, generation, atMs: 1, why: [], changes: [], zones: {} };
    await writer.publish(sent, { createdAtMs: 1, revision: 1 });
  }
  const kept = await writer.publicationsAfter(0 as Generation);
  assert.deepEqual(
    kept.map(({ generation }) => generation),
    [3, 4, 5],
  );
});
