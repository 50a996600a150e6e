import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { MessageReader } from './message-reader.ts';

test('messages come out as they went in, however the stream is cut', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 12 });
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1 }), (sent, cuts) => {
      const stream = Buffer.concat(sent.map((m) => Buffer.concat([Buffer.of(m.length >> 8, m.length), m])));
      const reader = new MessageReader();
      const received: Buffer[] = [];
      for (let at = 0, i = 0; at < stream.length; i += 1) {
        const size = cuts[i % cuts.length]!;
        reader.push(stream.subarray(at, at + size));
        at += size;
        for (let next = reader.next(); next !== undefined; next = reader.next()) {
          received.push(Buffer.from(next));
        }
      }
      assert.deepEqual(
        received,
        sent.map((message) => Buffer.from(message)),
      );
      assert.equal(reader.isPartial(), false);
    }),
  );
});

test('a message is partial from its first octet', () => {
  const reader = new MessageReader();
  assert.equal(reader.isPartial(), false);
  reader.push(Uint8Array.of(0));
  assert.equal(reader.isPartial(), true);
  reader.push(Uint8Array.of(1));
  assert.equal(reader.next(), undefined);
  reader.push(Uint8Array.of(9));
  assert.deepEqual(reader.next(), Uint8Array.of(9));
  assert.equal(reader.isPartial(), false);
});
