/** Conformance in outages: the server stops, comes back, comes back empty. Registered by messaging-conformance.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { MessagingError, type Messaging } from '@signpost/contracts/messaging';

import { eventually } from '../eventually.ts';
import type { MessagingSubject } from './messaging-fixture.ts';
import { declaration as bucketDeclaration, opened, watched } from './bucket.ts';
import { collect, created, declaration, put } from './stream.ts';
import { neverAborted, octets, text } from './octets.ts';

/** Reconnecting takes a client its pauses. */
const PATIENCE = { deadlineMs: 15_000 };

export function outageConformance(subject: MessagingSubject): void {
  describe('outages', () => {
    away(subject);
    back(subject);
    wiped(subject);
  });
}

function away({ fixture, name }: MessagingSubject): void {
  test('while the server is away clients know it, and everything asked for rejects', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    const bucket = await opened(messaging, n);
    const told: boolean[] = [];
    using _told = messaging.onConnected((connected) => told.push(connected));
    assert.equal(messaging.connected(), true);
    await fixture().stop();
    await disconnected(messaging);
    await assert.rejects(put(stream, `${n}.a`, '1', '1'), MessagingError);
    await assert.rejects(stream.last(`${n}.a`), MessagingError);
    await assert.rejects(stream.follow({ pattern: n, from: 'new', listener: () => {} }), MessagingError);
    await assert.rejects(bucket.get('a'), MessagingError);
    await assert.rejects(bucket.create('a', octets('1')), MessagingError);
    await assert.rejects(bucket.update('a', octets('1'), 1), MessagingError);
    await assert.rejects(messaging.core.request(n, octets('?'), 50), MessagingError);
    messaging.core.publish(n, octets('lost'));
    await fixture().start({ wipe: false });
    await connected(messaging);
    assert.deepEqual(told, [false, true]);
    assert.equal((await put(stream, `${n}.a`, '1', '1')).sequence, 1);
  });
}

function back({ fixture, name }: MessagingSubject): void {
  test('subscriptions and responders outlive an outage; what was sent meanwhile is not kept', async () => {
    await using sender = await fixture().connect();
    await using hearer = await fixture().connect();
    const n = name();
    const heard: string[] = [];
    using _subscription = hearer.core.subscribe(n, ({ data }) => heard.push(text(data)!));
    using _responder = hearer.core.respond(`${n}.q`, () => octets('here'));
    await fixture().stop();
    await disconnected(sender, hearer);
    sender.core.publish(n, octets('lost'));
    await fixture().start({ wipe: false });
    await connected(sender, hearer);
    const answer = await eventually(() => sender.core.request(`${n}.q`, octets('?'), 500), Boolean, PATIENCE);
    assert.equal(text(answer), 'here');
    sender.core.publish(n, octets('after'));
    await eventually(() => heard.length, Boolean);
    assert.deepEqual(heard, ['after']);
  });

  test('following and watching go on after an outage, without a gap, a repetition or another order', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    const bucket = await opened(messaging, n, { history: 5 });
    await put(stream, `${n}.a`, 'x', '1');
    await bucket.put('a', octets('x'));
    const followed = await collect(stream, n, 'last-per-subject');
    const changes = await watched(bucket);
    await followed.following.caughtUp;
    await changes.following.caughtUp;
    for (let round = 0; round < 2; round += 1) {
      await fixture().stop();
      await disconnected(messaging);
      await fixture().start({ wipe: false });
      await connected(messaging);
      for (let i = 0; i < 5; i += 1) {
        await eventually(() => put(stream, `${n}.a`, `y${round}${i}`, `${round}${i}`), Boolean, PATIENCE);
        await eventually(() => bucket.put('a', octets(`y${round}${i}`)), Boolean, PATIENCE);
      }
    }
    await eventually(followed.seen, ({ length }) => length >= 11, PATIENCE);
    await eventually(changes.seen, (seen) => seen.at(-1)!.startsWith('a=y14'), PATIENCE);
    const values = ['x', 'y00', 'y01', 'y02', 'y03', 'y04', 'y10', 'y11', 'y12', 'y13', 'y14'];
    assert.deepEqual(
      followed.seen(),
      values.map((value, i) => `${value}:${i + 1}`),
    );
    assert.deepEqual(
      changes.seen(),
      values.map((value, i) => `a=${value}@${i + 1}`),
    );
    await followed.following[Symbol.asyncDispose]();
    await changes.following[Symbol.asyncDispose]();
  });
}

function wiped({ fixture, name }: MessagingSubject): void {
  test('an emptied server gets its streams and buckets anew from whoever created them, and all go on', async () => {
    await using creator = await fixture().connect();
    await using user = await fixture().connect();
    const n = name();
    const stream = await created(creator, n);
    const bucket = await opened(creator, n);
    const used = await user.stream(declaration(n), { create: false, signal: neverAborted() });
    const usedBucket = await user.bucket(bucketDeclaration(n), { create: false, signal: neverAborted() });
    for (let i = 0; i < 5; i += 1) await put(stream, `${n}.old`, `old${i}`, `${i}`);
    await bucket.put('old', octets('old'));
    const before = bucket.createdAtMs;
    const followed = await collect(used, n, 'last-per-subject');
    const fromNew = await collect(used, n, 'new');
    const changes = await watched(usedBucket);
    await Promise.all([followed, changes].map(({ following }) => following.caughtUp));
    await fixture().stop();
    await disconnected(creator, user);
    await fixture().start({ wipe: true });
    await connected(creator, user);
    await eventually(() => put(used, `${n}.new`, 'first', 'n1'), Boolean, PATIENCE);
    await eventually(() => put(used, `${n}.new`, 'second', 'n2'), Boolean, PATIENCE);
    await eventually(() => usedBucket.put('new', octets('first')), Boolean, PATIENCE);
    await eventually(followed.seen, (seen) => seen.at(-1) === 'second:2', PATIENCE);
    await eventually(fromNew.seen, (seen) => seen.at(-1) === 'second:2', PATIENCE);
    await eventually(changes.seen, (seen) => seen.at(-1) === 'new=first@1', PATIENCE);
    assert.deepEqual(fromNew.seen(), ['first:1', 'second:2']);
    assert.equal(followed.seen()[0], 'old4:5');
    assert.equal(followed.seen().filter((message) => message === 'second:2').length, 1);
    const outcome = await usedBucket.create('lease', octets('x'));
    assert.equal(outcome.kind, 'written');
    assert.ok(usedBucket.createdAtMs > before, 'the token of a new bucket is newer');
    await eventually(
      () => bucket.createdAtMs,
      (at) => at === usedBucket.createdAtMs,
      PATIENCE,
    );
    for (const { following } of [followed, fromNew, changes]) await following[Symbol.asyncDispose]();
  });
}

async function disconnected(...clients: Messaging[]): Promise<void> {
  for (const client of clients) await eventually(() => !client.connected(), Boolean, PATIENCE);
}

async function connected(...clients: Messaging[]): Promise<void> {
  for (const client of clients) await eventually(() => client.connected(), Boolean, PATIENCE);
}
