import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { splitServerSentEvents } from './server-sent-events.ts';

async function collect(chunks: readonly Uint8Array[]): Promise<string[]> {
  async function* stream(): AsyncGenerator<Uint8Array> {
    yield* chunks;
  }
  return Array.fromAsync(splitServerSentEvents(stream()));
}

const octets = new TextEncoder().encode(
  ': hello\n\nid: 1\nevent: a\ndata: {"x":"ü"}\n\n: beat\n\ndata: one\ndata: two\r\n\r\ndata: unfinished',
);

test('events come out whole wherever the network cut them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(octets.length), { maxLength: 8 }), async (cuts) => {
      const at = [0, ...cuts.toSorted((a, b) => a - b), octets.length];
      const chunks = at.slice(1).map((end, i) => octets.subarray(at[i], end));
      assert.deepEqual(await collect(chunks), ['{"x":"ü"}', 'one\ntwo']);
    }),
  );
});

test('an event without end is refused rather than collected for ever', async () => {
  const noise = new Uint8Array(1024 * 1024).fill(0x61);
  await assert.rejects(collect([noise, noise, noise, noise, noise]), /without end/);
});
