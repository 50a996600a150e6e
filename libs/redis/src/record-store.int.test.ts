/** The Redis adapter against the suite of its ports, under the ACL it states, and against a server that hangs. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import type { Generation } from '@signpost/contracts/brands';
import { keys } from '@signpost/contracts/keys';
import type { Publication } from '@signpost/contracts/publication';
import { StoreError } from '@signpost/contracts/record-store';
import { eventually } from '@signpost/testkit/eventually';
import { freePort } from '@signpost/testkit/free-port';
import { readAllZones } from '@signpost/testkit/read-all-zones';
import { recordStoreConformance } from '@signpost/testkit/record-store-conformance';
import { serverSource } from '@signpost/testkit/server-source';
import { startRedis, type RedisServer } from '@signpost/testkit/start-redis';
import { makeTestCertificates } from '@signpost/testkit/test-certificates';
import { Redis } from 'ioredis';

import { ACL_KEYS, READER_ACL, WRITER_ACL } from './acl-commands.ts';
import { RedisConnection } from './connection.ts';
import { openRecordReader } from './record-reader.ts';
import { openRecordWriter } from './record-writer.ts';

const PATIENCE = { deadlineMs: 20_000 };
const TOKEN = { createdAtMs: 1, revision: 1 };

recordStoreConformance('redis', async () => {
  const server = await startRedisWithUsers();
  const writer = openRecordWriter({ url: server.url, username: 'writer', password: 'w', name: 'writer' });
  return {
    writer,
    reader: () => openRecordReader({ url: server.url, username: 'reader', password: 'r', name: 'reader' }),
    wipe: () => asAdmin(server, (redis) => redis.flushall()),
    stop: () => server.stop(),
    start: () => server.restart(),
    [Symbol.asyncDispose]: async () => {
      await writer[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
});

describe('connecting', () => {
  test('user and password are taken from the address, and those given apart win', async () => {
    await using server = await startRedisWithUsers();
    const { host } = new URL(server.url);
    await using inAddress = openRecordReader({ url: `redis://reader:r@${host}`, name: 't' });
    assert.equal(await inAddress.generation(), 0);
    await using apart = openRecordReader({
      url: `redis://other:x@${host}`,
      username: 'reader',
      password: 'r',
      name: 't',
    });
    assert.equal(await apart.generation(), 0);
    await using wrong = openRecordReader({ url: `redis://reader:wrong@${host}`, name: 't' });
    await assert.rejects(wrong.generation(), /not connected: WRONGPASS/);
  });

  test('says why it is not connected, in words of the server and the network', async () => {
    await using server = await startRedis();
    await using reader = openRecordReader({ url: server.url, name: 't' });
    assert.equal(await reader.generation(), 0);
    const position = await reader.position();
    await eventually(() => reader.connected(), Boolean, PATIENCE);
    const waiting = assert.rejects(reader.changesAfter(position, 20_000), /the connection broke/);
    await server.kill('SIGKILL');
    await waiting;
    const away = await eventually(
      () => reader.generation().catch(String),
      (said) => /ECONNREFUSED/.test(String(said)),
      PATIENCE,
    );
    assert.match(String(away), /generation: not connected: connect ECONNREFUSED 127\.0\.0\.1:\d+$/);
    await server.restart();
    await eventually(
      () => reader.generation(),
      (generation) => generation === 0,
      PATIENCE,
    );
  });

  test('a store may come after its users, who are told of each failure', async () => {
    await using server = await startRedis();
    await server.stop();
    let failures = 0;
    await using reader = openRecordReader({
      url: server.url,
      name: 't',
      onError: () => {
        failures += 1;
      },
    });
    await assert.rejects(reader.generation(), StoreError);
    assert.equal(reader.connected(), false);
    assert.ok(failures > 0);
    await server.restart();
    await eventually(() => reader.connected(), Boolean, PATIENCE);
    assert.equal(await reader.generation(), 0);
  });

  test('a reader cannot write', async () => {
    await using server = await startRedisWithUsers();
    await using pretender = openRecordWriter({
      url: server.url,
      username: 'reader',
      password: 'r',
      name: 't',
    });
    await assert.rejects(pretender.publish(publication(0, 1), TOKEN), /NOPERM/);
    await assert.rejects(pretender.tick(1, TOKEN), /NOPERM/);
  });
});

const noFiles = await noHostFiles();
describe('TLS', () => {
  test('connects to a server whose authority is known, and to no other', { skip: noFiles }, async () => {
    const { ca, cert, key } = makeTestCertificates();
    const directory = await mkdtemp(join(tmpdir(), 'signpost-tls-'));
    const file = async (name: string, content: string) => {
      await writeFile(join(directory, name), content);
      return join(directory, name);
    };
    const port = await freePort();
    await using _server = await startRedis({
      args: [
        ['--tls-port', String(port), '--tls-auth-clients', 'no'],
        ['--tls-ca-cert-file', await file('ca.pem', ca)],
        ['--tls-cert-file', await file('cert.pem', cert)],
        ['--tls-key-file', await file('key.pem', key)],
      ].flat(),
    });
    const url = `rediss://127.0.0.1:${port}`;
    await using reader = openRecordReader({ url, tls: { ca }, name: 't' });
    assert.equal(await reader.generation(), 0);
    await using stranger = openRecordReader({ url, name: 't' });
    await assert.rejects(stranger.generation(), StoreError);
    await rm(directory, { recursive: true });
  });
});

describe('a server that hangs', () => {
  test('ends every question in time, is told as not connected, and all go on once it moves', async () => {
    await using server = await startRedis();
    await using writer = openRecordWriter({ url: server.url, name: 't' });
    await using reader = openRecordReader({ url: server.url, name: 't' });
    await writer.publish(publication(0, 1), TOKEN);
    const position = await reader.position();
    await eventually(() => reader.connected());
    const waiting = assert.rejects(reader.changesAfter(position, 1_000), StoreError);
    await server.kill('SIGSTOP');
    // The signal takes effect a moment later.
    const refusal = await eventually(
      () => reader.generation().catch((error: unknown) => error),
      (outcome) => outcome instanceof Error,
      PATIENCE,
    );
    assert.match(String(refusal), /no answer within/);
    await waiting;
    assert.equal(reader.connected(), false);
    const disposed = openRecordReader({ url: server.url, name: 't' });
    const blocked = assert.rejects(disposed.changesAfter(position, 60_000), StoreError);
    await disposed[Symbol.asyncDispose]();
    await blocked;
    await server.kill('SIGCONT');
    await eventually(() => writer.generation(), Boolean, PATIENCE);
    assert.deepEqual(await writer.publish(publication(1, 2), TOKEN), { kind: 'published' });
    const changes = await eventually(() => reader.changesAfter(position, 1_000), Boolean, PATIENCE);
    assert.deepEqual(
      changes.map(({ publication }) => publication.generation),
      [2],
    );
    await eventually(() => reader.generation(), Boolean, PATIENCE);
    assert.equal(reader.connected(), true);
  });
});

describe('what cannot be decoded', () => {
  const cases: [string, (redis: Redis) => Promise<unknown>, RegExp][] = [
    [
      'a record set that is no JSON',
      (r) => r.hset(keys.zone('a.test'), 'x|A', '{'),
      /zone:a\.test x\|A: not JSON/,
    ],
    [
      'a record set of no known kind',
      (r) => r.hset(keys.zone('a.test'), 'x|A', '{"kind":"?"}'),
      /a\.test x\|A: kind/,
    ],
    ['facts without an SOA', (r) => r.hset(keys.zones, 'b.test', '{}'), /zones b\.test: soa/],
    ['a generation that is no number', (r) => r.set(keys.generation, 'x'), /signpost\}:generation: not JSON/],
    ['a zone of the wrong type', (r) => r.set(keys.zone('a.test'), 'x'), /zone:a\.test: WRONGTYPE/],
  ];
  for (const [what, spoil, message] of cases) {
    test(`${what} is a StoreError that names the place`, async () => {
      await using server = await startRedis();
      await using reader = openRecordReader({ url: server.url, name: 't' });
      await asAdmin(server, async (redis) => {
        await redis.hset(keys.zones, 'a.test', '');
        await spoil(redis);
      });
      await assert.rejects(
        readAllZones(reader).then(() => reader.generation()),
        (error) => error instanceof StoreError && message.test(error.message),
      );
    });
  }

  test('is skipped by the writer, which is told what to put right, and announces what it can', async () => {
    await using server = await startRedis();
    await using writer = openRecordWriter({ url: server.url, name: 't' });
    const set = { kind: 'static', ttl: 1, rdata: ['192.0.2.1'] };
    await asAdmin(server, async (redis) => {
      await redis.hset(keys.zones, { 'a.test': '{}', 'b.test': '' });
      await redis.hset(keys.zone('a.test'), { 'x|A': '{"kind":"?"}', 'y|A': JSON.stringify(set) });
      await redis.xadd(keys.changes, '7-0', 'publication', '{"base":1}');
      await redis.xadd(keys.changes, '8-0', 'publication', JSON.stringify(publication(7, 8)));
    });
    const { zones } = await writer.readAll();
    assert.deepEqual(zones.get('a.test'), {
      facts: undefined,
      recordSets: new Map([['y|A', set]]),
      unreadable: ['x|A'],
    });
    const after = await writer.publicationsAfter(0 as Generation);
    assert.deepEqual(
      after.map(({ generation }) => generation),
      [8],
    );
  });

  test('an entry of the change feed or a tick is a StoreError, too', async () => {
    await using server = await startRedis();
    await using reader = openRecordReader({ url: server.url, name: 't' });
    await asAdmin(server, async (redis) => {
      await redis.xadd(keys.changes, '7-0', 'publication', '{"base":1}');
      await redis.set(keys.controller, '{"atMs":"soon"}');
    });
    await assert.rejects(reader.changesAfter('0-0', 0), /changes 7-0: generation/);
    await assert.rejects(reader.lastTickMs(), /controller: atMs/);
  });
});

function publication(base: number, next: number): Publication {
  return {
    base: base as Generation,
    generation: next as Generation,
    atMs: 1,
    why: [],
    changes: [],
    zones: {},
  };
}

async function asAdmin(server: RedisServer, act: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(server.url, { protocol: 2 });
  try {
    await act(redis);
  } finally {
    redis.disconnect();
  }
}

/** The default user stays free, for the tests themselves. */
async function startRedisWithUsers(): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-acl-'));
  try {
    const aclFile = join(directory, 'users.acl');
    const users = [
      'user default on nopass ~* &* +@all',
      `user writer on >w resetchannels ${ACL_KEYS} -@all ${WRITER_ACL.join(' ')}`,
      `user reader on >r resetchannels ${ACL_KEYS} -@all ${READER_ACL.join(' ')}`,
    ];
    await writeFile(aclFile, `${users.join('\n')}\n`);
    return await startRedis({ aclFile });
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Why a server in a container cannot have the certificates of this test. */
async function noHostFiles(): Promise<string | false> {
  const { kind } = await serverSource('redis-server');
  return kind === 'binary' ? false : 'a container does not see the certificate files of this host';
}

test('an answer is forgotten once it was given', async () => {
  await using server = await startRedis();
  await using connection = new RedisConnection({ url: server.url, name: 't' });
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const answer = new WeakRef(await connection.ask('a question', async () => ({ answer: 1 })));
  const isForgotten = () => {
    collect();
    return answer.deref() === undefined;
  };
  await eventually(isForgotten, Boolean, PATIENCE);
});
