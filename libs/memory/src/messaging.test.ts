/** The in-process messaging against the suite of its port, and what only it has: a cut per client. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { messagingConformance } from '@signpost/testkit/messaging-conformance';

import { createMemoryMessaging, createMemoryServer } from './messaging.ts';

messagingConformance('memory', async () => {
  let offsetMs = 0;
  const server = createMemoryServer({ now: () => Date.now() + offsetMs });
  return {
    connect: async () => server.connect(),
    passTime: (ms) => {
      offsetMs += ms;
    },
    stop: async () => server.setReachable(false),
    start: async ({ wipe }) => {
      if (wipe) server.wipe();
      server.setReachable(true);
    },
    [Symbol.asyncDispose]: async () => {},
  };
});

test('a client that is cut off alone leaves the others connected', async () => {
  const server = createMemoryServer();
  await using cut = server.connect();
  await using other = server.connect();
  cut.setReachable(false);
  assert.equal(cut.connected(), false);
  assert.equal(other.connected(), true);
});

test('what a listener throws is reported', async () => {
  const errors: unknown[] = [];
  await using messaging = createMemoryMessaging({ onError: (error) => errors.push(error) });
  const thrown = new Error('a listener of the test');
  const heard = Promise.withResolvers<void>();
  using _bad = messaging.core.subscribe('a', () => {
    throw thrown;
  });
  using _good = messaging.core.subscribe('a', () => heard.resolve());
  messaging.core.publish('a', new Uint8Array());
  await heard.promise;
  assert.deepEqual(errors, [thrown]);
});
