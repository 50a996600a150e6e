/** The users of deploy/redis/users.acl.template at a real server: each may do its part, and is refused the rest. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import { keys } from '@signpost/contracts/keys';
import { openRecordReader } from '@signpost/redis/record-reader';
import { openRecordWriter } from '@signpost/redis/record-writer';
import { readAllZones } from '@signpost/testkit/read-all-zones';
import { startRedis } from '@signpost/testkit/start-redis';
import { Redis } from 'ioredis';

import { makeSecrets } from './made-secrets.ts';

const TOKEN = { createdAtMs: 1, revision: 1 };
const PUBLICATION = {
  base: 0 as Generation,
  generation: 1 as Generation,
  atMs: 1,
  why: [],
  changes: [],
  zones: {},
};

test('the controller publishes and the authority follows', async () => {
  await using store = await startStore();
  await using writer = openRecordWriter(store.as('controller'));
  await using reader = openRecordReader(store.as('authority'));
  const position = await reader.position();
  assert.deepEqual(await writer.publish(PUBLICATION, TOKEN), { kind: 'published' });
  await writer.tick(5, TOKEN);
  assert.equal((await writer.readAll()).generation, 1);
  assert.deepEqual(await writer.publicationsAfter(0 as Generation), [PUBLICATION]);
  assert.equal(await reader.generation(), 1);
  assert.equal((await readAllZones(reader)).size, 0);
  assert.equal((await reader.changesAfter(position, 100)).length, 1);
  assert.equal(await reader.lastTickMs(), 5);
  await writer.putLatencies(Uint8Array.of(1, 2, 3), TOKEN);
  assert.deepEqual(await writer.latencies(), Uint8Array.of(1, 2, 3));
  assert.deepEqual(await reader.latencies(undefined), Uint8Array.of(1, 2, 3));
});

test('the authority cannot write, nor the controller touch other keys, nor either administer', async () => {
  await using store = await startStore();
  for (const command of [
    ['set', keys.generation, '9'],
    ['eval', 'return 1', '0'],
    ['del', keys.zones],
    ['set', keys.latency, '9'],
    ['xadd', keys.changes, '*', 'a', 'b'],
    ['get', 'other'],
    ['keys', '*'],
    ['config', 'get', '*'],
    ['acl', 'list'],
    ['flushall'],
  ] as const) {
    await assert.rejects(store.call('authority', command), /NOPERM/, command.join(' '));
  }
  for (const command of [
    ['set', 'other', '1'],
    ['flushall'],
    ['config', 'get', '*'],
    ['acl', 'list'],
    ['shutdown'],
  ] as const) {
    await assert.rejects(store.call('controller', command), /NOPERM/, command.join(' '));
  }
});

test('nobody enters without a password, and the health check may only ping', async () => {
  await using store = await startStore();
  await assert.rejects(store.call(undefined, ['ping']), /NOAUTH/);
  assert.equal(await store.call('health', ['ping']), 'PONG');
  await assert.rejects(store.call('health', ['get', keys.generation]), /NOPERM/);
});

/** A server with our users, and their passwords as the set-up makes them. */
async function startStore() {
  const secrets = makeSecrets();
  const server = await startRedis({ aclFile: join(secrets.directory, 'redis/users.acl') });
  const passwordOf = (user: string) => (user === 'health' ? 'none' : secrets.read(`${user}/redis-password`));
  return {
    as: (user: string) => ({ url: server.url, username: user, password: passwordOf(user), name: user }),
    async call(user: string | undefined, [command, ...args]: readonly string[]): Promise<unknown> {
      const credentials = user === undefined ? {} : { username: user, password: passwordOf(user) };
      const redis = new Redis(server.url, {
        ...credentials,
        enableReadyCheck: false,
        disableClientInfo: true,
      });
      redis.on('error', () => {});
      try {
        return await redis.call(command!, ...args);
      } finally {
        redis.disconnect();
      }
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      secrets[Symbol.dispose]();
    },
  };
}
