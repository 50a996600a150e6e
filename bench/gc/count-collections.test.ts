import assert from 'node:assert/strict';
import { test } from 'node:test';

import { countCollections } from './count-collections.ts';

const line = (thread: number, atMs: number, kind: string, allocated: number) =>
  `[4382:0x7fa39c001000:${thread}]     ${atMs} ms: pause=1.5 mutator=42.6 gc=${kind} reduce_memory=0 allocated=${allocated} promoted=0`;

test('collections are counted by thread, and what the first one found is of before', () => {
  const lines = ['{"level":30}', line(1, 100, 's', 5_000), line(0, 150, 'mc', 1), line(1, 300, 's', 700)];
  const threads = countCollections(lines);
  assert.deepEqual(threads.get('worker 1'), {
    minor: 2,
    major: 0,
    octets: 700,
    overMs: 200,
    firstMs: 100,
    longestMs: 1.5,
  });
  assert.equal(threads.get('main')!.major, 1);
});
