/** The NATS adapter against the suite of its port, and against what only a real server can do to it. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { MessagingError } from '@signpost/contracts/messaging';
import { eventually } from '@signpost/testkit/eventually';
import { messagingConformance } from '@signpost/testkit/messaging-conformance';
import { serverSource } from '@signpost/testkit/server-source';
import { startNats } from '@signpost/testkit/start-nats';
import { makeTestCertificates } from '@signpost/testkit/test-certificates';

import type { NatsOptions } from './connection.ts';
import { connectMessaging } from './messaging.ts';

messagingConformance('nats', async () => {
  const server = await startNats({ jetstream: true });
  return {
    connect: () => connectMessaging(to(server.url)),
    passTime: () => {},
    stop: () => server.stop(),
    start: ({ wipe }) => server.restart({ wipe }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
});

const DECLARATION = { name: 'S', subjects: ['s.>'], maxMessagesPerSubject: 1, duplicateWindowMs: 60_000 };
const PATIENCE = { deadlineMs: 20_000 };

describe('connecting', () => {
  test('goes on until the server is there, and tells of each failure', async () => {
    await using server = await startNats();
    await server.stop();
    const attempts: number[] = [];
    const connecting = connectMessaging({
      ...to(server.url),
      onConnectFailed: (_error, attempt) => attempts.push(attempt),
    });
    await eventually(() => attempts.length >= 2);
    await server.restart();
    await using messaging = await connecting;
    assert.equal(messaging.connected(), true);
    assert.deepEqual(attempts.slice(0, 2), [1, 2]);
  });

  test('ends with the reason of the signal', async () => {
    await using server = await startNats();
    await server.stop();
    const stop = new AbortController();
    const failed = Promise.withResolvers<void>();
    const connecting = connectMessaging({
      ...to(server.url),
      signal: stop.signal,
      onConnectFailed: () => failed.resolve(),
    });
    await failed.promise;
    const reason = new Error('a stop of the test');
    stop.abort(reason);
    await assert.rejects(connecting, reason);
  });

  test('takes user and password from the address or apart, and goes on while they are refused', async () => {
    await using server = await startNats({ config: 'authorization { user: u, password: "p:@/" }' });
    const [scheme, rest] = server.url.split('//');
    await using _inAddress = await connectMessaging(to(`${scheme}//u:${encodeURIComponent('p:@/')}@${rest}`));
    await using _apart = await connectMessaging({ ...to(server.url), user: 'u', pass: 'p:@/' });
    const stop = new AbortController();
    let refused = 0;
    const connecting = connectMessaging({
      ...to(server.url),
      user: 'u',
      pass: 'wrong',
      signal: stop.signal,
      onConnectFailed: () => {
        refused += 1;
        if (refused === 3) stop.abort(new Error('enough'));
      },
    });
    await assert.rejects(connecting, /enough/);
  });
});

const noFiles = await noHostFiles();
describe('TLS', { skip: noFiles }, () => {
  test('connects to a server whose authority is known, and to no other', async () => {
    await using server = await startTlsServer();
    await using messaging = await connectOnce({ ...to(server.url), tls: { ca: server.ca } });
    assert.equal(messaging.connected(), true);
    await assert.rejects(connectOnce({ ...to(server.url) }), /certificate|verify/);
  });

  test('a server given by its address must show a certificate for that address', async () => {
    await using right = await startTlsServer(['127.0.0.1']);
    await using messaging = await connectOnce({ ...to(right.url), tls: { ca: right.ca } });
    assert.equal(messaging.connected(), true);
    await using wrong = await startTlsServer(['localhost', '127.0.0.2']);
    await assert.rejects(connectOnce({ ...to(wrong.url), tls: { ca: wrong.ca } }), /127\.0\.0\.1/);
  });

  test('a server without TLS is not spoken to', async () => {
    await using server = await startNats();
    const url = server.url.replace('nats:', 'tls:');
    await assert.rejects(connectOnce(to(url)), /does not support 'tls'/);
  });
});

/** Rejects with what the first attempt failed of. */
function connectOnce(options: NatsOptions) {
  const stop = new AbortController();
  return connectMessaging({
    ...options,
    signal: stop.signal,
    onConnectFailed: (error) => stop.abort(error),
  });
}

async function startTlsServer(names?: readonly string[]) {
  const { ca, cert, key } = makeTestCertificates(names === undefined ? {} : { names });
  const directory = await mkdtemp(join(tmpdir(), 'signpost-tls-'));
  await writeFile(join(directory, 'cert.pem'), cert);
  await writeFile(join(directory, 'key.pem'), key);
  const config = `tls { cert_file: "${directory}/cert.pem", key_file: "${directory}/key.pem" }`;
  const server = await startNats({ config });
  return {
    ca,
    url: server.url.replace('nats:', 'tls:'),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
}

describe('a server that hangs', () => {
  test('is noticed, and following goes on once it moves again', async () => {
    await using server = await startNats({ jetstream: true });
    await using messaging = await connectMessaging(to(server.url));
    const stream = await messaging.stream(DECLARATION, { create: true, signal: never() });
    const seen: number[] = [];
    const following = await stream.follow({
      pattern: 's.>',
      from: 'last-per-subject',
      listener: ({ sequence }) => seen.push(sequence),
    });
    await stream.append('s.a', new Uint8Array(), { id: '1' });
    await server.kill('SIGSTOP');
    // The signal takes effect a moment later.
    const refusal = await eventually(
      () => stream.append('s.a', new Uint8Array(), { id: '2' }).catch((error: unknown) => error),
      (outcome) => outcome instanceof Error,
      PATIENCE,
    );
    assert.ok(refusal instanceof MessagingError);
    await eventually(() => !messaging.connected(), Boolean, PATIENCE);
    await server.kill('SIGCONT');
    await eventually(() => messaging.connected(), Boolean, PATIENCE);
    await eventually(() => stream.append('s.a', new Uint8Array(), { id: '3' }), Boolean, PATIENCE);
    const last = await stream.last('s.a');
    await eventually(
      () => seen.at(-1),
      (sequence) => sequence === last?.sequence,
      PATIENCE,
    );
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    );
    await following[Symbol.asyncDispose]();
  });
});

describe('a stream deleted under a connected client', () => {
  test('is made anew by whoever created it, and followed from its new beginning', async () => {
    await using server = await startNats({ jetstream: true });
    await using messaging = await connectMessaging(to(server.url));
    const stream = await messaging.stream(DECLARATION, { create: true, signal: never() });
    for (let i = 0; i < 5; i += 1) await stream.append('s.a', new Uint8Array(), { id: `old${i}` });
    const seen: number[] = [];
    const following = await stream.follow({
      pattern: 's.>',
      from: 'last-per-subject',
      listener: ({ sequence }) => seen.push(sequence),
    });
    await following.caughtUp;
    const nats = await connect({ servers: server.url });
    await (await jetstreamManager(nats)).streams.delete('S');
    await nats.close();
    await eventually(() => stream.append('s.a', new Uint8Array(), { id: 'new' }), Boolean, PATIENCE);
    await eventually(() => seen.length === 2, Boolean, PATIENCE);
    assert.deepEqual(seen, [5, 1]);
    await following[Symbol.asyncDispose]();
  });
});

describe('a server that lost its last messages in a crash', () => {
  test('is followed on from what it gives out again', { skip: noFiles }, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'signpost-store-'));
    const [store, backup] = [join(directory, 'store'), join(directory, 'backup')];
    await using server = await startNats({ jetstream: true, storeDir: store });
    await using messaging = await connectMessaging(to(server.url));
    const stream = await messaging.stream(DECLARATION, { create: true, signal: never() });
    await stream.append('s.a', new Uint8Array(), { id: 'kept' });
    await server.stop();
    await cp(store, backup, { recursive: true });
    await server.restart();
    const seen: string[] = [];
    const decode = (data: Uint8Array) => new TextDecoder().decode(data);
    await eventually(
      async () => stream.append('s.a', Buffer.from('lost 1'), { id: 'lost 1' }),
      Boolean,
      PATIENCE,
    );
    await stream.append('s.a', Buffer.from('lost 2'), { id: 'lost 2' });
    await using following = await stream.follow({
      pattern: 's.>',
      from: 'last-per-subject',
      listener: ({ data }) => seen.push(decode(data)),
    });
    await following.caughtUp;
    await server.kill('SIGKILL');
    await rm(store, { recursive: true });
    await cp(backup, store, { recursive: true });
    await server.restart();
    await eventually(
      async () => stream.append('s.b', Buffer.from('again'), { id: 'again' }),
      Boolean,
      PATIENCE,
    );
    await eventually(() => seen.includes('again'), Boolean, PATIENCE);
    await rm(directory, { recursive: true });
  });
});

describe('much at once', () => {
  test('reaches a new follower whole and in order, however fast the server sends', async () => {
    await using server = await startNats({ jetstream: true });
    await using messaging = await connectMessaging(to(server.url));
    const stream = await messaging.stream(DECLARATION, { create: true, signal: never() });
    const data = new Uint8Array(4_000);
    for (let i = 0; i < 5_000; i += 500) {
      const batch = Array.from({ length: 500 }, (_, j) => i + j);
      await Promise.all(batch.map((n) => stream.append(`s.${n}`, data, { id: String(n) })));
    }
    const seen: number[] = [];
    const following = await stream.follow({
      pattern: 's.>',
      from: 'last-per-subject',
      listener: ({ sequence }) => seen.push(sequence),
    });
    await following.caughtUp;
    assert.deepEqual(
      seen,
      Array.from({ length: 5_000 }, (_, i) => i + 1),
    );
    await following[Symbol.asyncDispose]();
  });

  test('a value that the server would hang up on is refused before', async () => {
    await using server = await startNats({ jetstream: true });
    await using messaging = await connectMessaging(to(server.url));
    const bucket = await messaging.bucket({ name: 'b', history: 1 }, { create: true, signal: never() });
    await assert.rejects(bucket.put('a', new Uint8Array(2_000_000)), /takes 1048576/);
    assert.equal(messaging.connected(), true);
  });
});

/** What a prober may do: report, read its assignments; nothing else. */
const PROBER_USER = `authorization { users: [
  { user: admin, password: a }
  { user: prober, password: p, permissions: {
    publish: ["s.>", "$JS.API.STREAM.INFO.S", "$JS.API.STREAM.INFO.KV_b", "$JS.API.STREAM.MSG.GET.KV_b",
      "$JS.API.CONSUMER.CREATE.KV_b", "$JS.FC.KV_b.>"]
    subscribe: ["_INBOX.>"] } } ] }`;

describe('a user with few rights', () => {
  test('appends, reads and watches, and is told of what is refused', async () => {
    await using server = await startNats({ jetstream: true, config: PROBER_USER });
    await using admin = await connectMessaging({ ...to(server.url), user: 'admin', pass: 'a' });
    await admin.stream(DECLARATION, { create: true, signal: never() });
    const assignments = await admin.bucket({ name: 'b', history: 1 }, { create: true, signal: never() });
    await assignments.put('eu.0', new Uint8Array([1]));
    const errors: unknown[] = [];
    await using prober = await connectMessaging({
      ...to(server.url),
      user: 'prober',
      pass: 'p',
      onError: (error) => errors.push(error),
    });
    const stream = await prober.stream(DECLARATION, { create: false, signal: never() });
    const bucket = await prober.bucket({ name: 'b', history: 1 }, { create: false, signal: never() });
    await stream.append('s.a', new Uint8Array(), { id: '1' });
    const keys: string[] = [];
    const watching = await bucket.watch({ listener: ({ key }) => keys.push(key) });
    await watching.caughtUp;
    assert.deepEqual(keys, ['eu.0']);
    assert.deepEqual((await bucket.get('eu.0'))?.value, new Uint8Array([1]));
    assert.deepEqual(errors, []);
    await assert.rejects(bucket.put('eu.0', new Uint8Array([2])), MessagingError);
    await eventually(() => errors.length > 0);
    assert.match(String(errors[0]), /[Pp]ermissions [Vv]iolation/);
    await watching[Symbol.asyncDispose]();
  });
});

function to(url: string): NatsOptions {
  return { url, name: 'test', signal: never() };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

/** Why a server in a container cannot have the certificates of this test. */
async function noHostFiles(): Promise<string | false> {
  const { kind } = await serverSource('nats-server');
  return kind === 'binary' ? false : 'a container does not see the certificate files of this host';
}
