/** Conformance of streams: storing, duplicates, limits, following. Registered by messaging-conformance.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import {
  type FollowOptions,
  MessagingError,
  type Messaging,
  type Stream,
  type StoredMessage,
} from '@signpost/contracts/messaging';
import type { StreamDeclaration } from '@signpost/contracts/subjects';

import { eventually } from '../eventually.ts';
import type { MessagingSubject } from './messaging-fixture.ts';
import { neverAborted, octets, text } from './octets.ts';

export function streamConformance(subject: MessagingSubject): void {
  describe('streams', () => {
    storing(subject);
    opening(subject);
    following(subject);
  });
}

function storing({ fixture, name }: MessagingSubject): void {
  test('append stores once per id and counts from 1', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    assert.deepEqual(await put(stream, `${n}.a`, '1', 'id-1'), { sequence: 1, duplicate: false });
    assert.deepEqual(await put(stream, `${n}.b`, '2', 'id-2'), { sequence: 2, duplicate: false });
    assert.deepEqual(await put(stream, `${n}.a`, 'again', 'id-1'), { sequence: 1, duplicate: true });
    assert.equal(text((await stream.last(`${n}.a`))?.data), '1');
  });

  test('an id is forgotten after the duplicate window', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n, { duplicateWindowMs: 200 });
    await put(stream, `${n}.a`, '1', 'id-1');
    fixture().passTime(200);
    const appended = await eventually(
      () => put(stream, `${n}.a`, '2', 'id-1'),
      ({ duplicate }) => !duplicate,
    );
    assert.equal(appended.sequence, 2);
  });

  test('the last message of a subject has data, headers, sequence and time', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    assert.equal(await stream.last(`${n}.a`), undefined);
    await put(stream, `${n}.a`, '1', 'id-1');
    await stream.append(`${n}.a`, octets('2'), { id: 'id-2', headers: { 'Content-Type': 'text/plain' } });
    await put(stream, `${n}.b`, '3', 'id-3');
    const last = await stream.last(`${n}.a`);
    assert.equal(last?.subject, `${n}.a`);
    assert.equal(text(last.data), '2');
    assert.equal(last.sequence, 2);
    assert.equal(last.headers['Content-Type'], 'text/plain');
    assert.equal(last.headers['Nats-Msg-Id'], 'id-2');
    assert.ok(Number.isInteger(last.storedAtMs) && last.storedAtMs > 1_500_000_000_000);
  });

  test('append rejects for a subject that the stream does not keep', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    await assert.rejects(put(stream, `${n}-elsewhere.a`, '1', 'id-1'), MessagingError);
  });

  test('large values pass', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    const value = 'x'.repeat(900_000);
    await put(stream, `${n}.a`, value, 'id-1');
    assert.equal(text((await stream.last(`${n}.a`))?.data), value);
  });

  test('what is appended is also heard by subscribers', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    const heard: string[] = [];
    using _subscription = messaging.core.subscribe(`${n}.>`, ({ data }) => heard.push(text(data)!));
    await put(stream, `${n}.a`, '1', 'id-1');
    await eventually(() => heard.length, Boolean);
    assert.deepEqual(heard, ['1']);
  });

  test('messages older than the limit vanish', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n, { maxAgeMs: 300, duplicateWindowMs: 200 });
    await put(stream, `${n}.a`, '1', 'id-1');
    fixture().passTime(300);
    await eventually(
      () => stream.last(`${n}.a`),
      (last) => last === undefined,
    );
  });

  test('purge removes all messages of one subject', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    await put(stream, `${n}.a`, '1', 'id-1');
    await put(stream, `${n}.a`, '2', 'id-2');
    await put(stream, `${n}.b`, '3', 'id-3');
    await stream.purge(`${n}.a`);
    await stream.purge(`${n}.never`);
    assert.equal(await stream.last(`${n}.a`), undefined);
    assert.equal(text((await stream.last(`${n}.b`))?.data), '3');
    assert.equal((await put(stream, `${n}.a`, '4', 'id-4')).sequence, 4);
  });
}

function opening({ fixture, name }: MessagingSubject): void {
  test('opening without create waits until somebody creates the stream', async () => {
    await using creator = await fixture().connect();
    await using waiter = await fixture().connect();
    const n = name();
    let opened = false;
    const opening = waiter
      .stream(declaration(n), { create: false, signal: neverAborted() })
      .then((stream) => {
        opened = true;
        return stream;
      });
    await assert.rejects(creator.core.request(`${n}-nobody`, octets('?'), 50), MessagingError); // a round trip
    assert.equal(opened, false);
    await created(creator, n);
    const stream = await opening;
    assert.equal((await put(stream, `${n}.a`, '1', 'id-1')).sequence, 1);
  });

  test('waiting for a stream ends with the reason of the signal', async () => {
    await using messaging = await fixture().connect();
    const abort = new AbortController();
    const opening = messaging.stream(declaration(name()), { create: false, signal: abort.signal });
    const reason = new Error('a stop of the test');
    abort.abort(reason);
    await assert.rejects(opening, reason);
  });

  test('several who create the same stream at once all have it', async () => {
    for (let round = 0; round < 10; round += 1) {
      const n = name();
      const clients = await Promise.all([1, 2, 3, 4].map(() => fixture().connect()));
      const opened = await Promise.all(clients.map((client) => created(client, n)));
      for (const [i, stream] of opened.entries()) await put(stream, `${n}.a`, `${i}`, `id-${i}`);
      assert.equal((await opened[0]!.last(`${n}.a`))?.sequence, 4);
      for (const client of clients) await client[Symbol.asyncDispose]();
    }
  });

  test('create brings an existing stream to its declaration and keeps its messages', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const before = await created(messaging, n);
    await put(before, `${n}.a`, '1', 'id-1');
    await put(before, `${n}.a`, '2', 'id-2');
    const stream = await created(messaging, n, { maxMessagesPerSubject: 1 });
    await put(stream, `${n}.b`, '3', 'id-3');
    await put(stream, `${n}.b`, '4', 'id-4');
    const { seen, following } = await collect(stream, n, 'last-per-subject');
    await following.caughtUp;
    // nats-server 2.10 still gives, before the last one, what an earlier and looser declaration had kept.
    assert.deepEqual(seen().slice(-2), ['2:2', '4:4']);
    await following[Symbol.asyncDispose]();
  });
}

function following({ fixture, name }: MessagingSubject): void {
  test('following gives the last of each subject in order, then what comes', async () => {
    await using messaging = await fixture().connect();
    await using other = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    for (const [i, key] of ['a', 'b', 'a', 'c', 'b'].entries())
      await put(stream, `${n}.${key}`, `${key}${i}`, `${i}`);
    const { seen, following } = await collect(stream, n, 'last-per-subject');
    await following.caughtUp;
    assert.deepEqual(seen(), ['a2:3', 'c3:4', 'b4:5']);
    const elsewhere = await other.stream(declaration(n), { create: false, signal: neverAborted() });
    for (let i = 5; i < 40; i += 1) await put(elsewhere, `${n}.a`, `a${i}`, `${i}`);
    await eventually(seen, ({ length }) => length === 38);
    assert.deepEqual(
      seen().slice(3),
      Array.from({ length: 35 }, (_, i) => `a${i + 5}:${i + 6}`),
    );
    await following[Symbol.asyncDispose]();
  });

  test('following from new gives only what comes, and is caught up at once', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    await put(stream, `${n}.a`, 'old', '1');
    const { seen, following } = await collect(stream, n, 'new');
    await following.caughtUp;
    await put(stream, `${n}.a`, 'new', '2');
    await eventually(seen, ({ length }) => length > 0);
    assert.deepEqual(seen(), ['new:2']);
    await following[Symbol.asyncDispose]();
  });

  test('following an empty stream, or a pattern nothing matches, is caught up', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    const empty = await collect(stream, n, 'last-per-subject');
    await empty.following.caughtUp;
    await put(stream, `${n}.a.x`, '1', '1');
    await put(stream, `${n}.b.x`, '2', '2');
    const unmatched = await collect(stream, `${n}.c`, 'last-per-subject');
    await unmatched.following.caughtUp;
    const fewer = await collect(stream, `${n}.a`, 'last-per-subject');
    await fewer.following.caughtUp;
    assert.deepEqual(fewer.seen(), ['1:1']);
    assert.deepEqual(unmatched.seen(), []);
    await eventually(empty.seen, ({ length }) => length === 2);
    for (const { following } of [empty, unmatched, fewer]) await following[Symbol.asyncDispose]();
  });

  test('following all gives every message that is there, in order, and then what comes', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    for (const [index, subject] of ['a', 'b', 'a', 'a', 'b'].entries()) {
      await put(stream, `${n}.${subject}`, String(index), String(index));
    }
    const { seen, following } = await collect(stream, n, 'all');
    await following.caughtUp;
    assert.deepEqual(seen(), ['0:1', '1:2', '2:3', '3:4', '4:5']);
    await put(stream, `${n}.a`, '5', '5');
    await eventually(seen, ({ length }) => length === 6);
    const one: string[] = [];
    const filtered = await stream.follow({
      pattern: `${n}.b`,
      from: 'all',
      listener: ({ data }) => one.push(text(data)!),
    });
    await filtered.caughtUp;
    assert.deepEqual(one, ['1', '4']);
    await filtered[Symbol.asyncDispose]();
    await following[Symbol.asyncDispose]();
  });

  test('following many subjects is caught up only when all were given', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n, { maxMessagesPerSubject: 1 });
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => put(stream, `${n}.k${i}`, String(i), `${i}`)));
    const { seen, following } = await collect(stream, n, 'last-per-subject');
    await following.caughtUp;
    assert.equal(seen().length, 1_000);
    await following[Symbol.asyncDispose]();
  });

  test('a listener that throws is called again, and other followers go on', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    const bad: number[] = [];
    const throwing = await stream.follow({
      pattern: `${n}.>`,
      from: 'new',
      listener: ({ sequence }) => {
        bad.push(sequence);
        throw new Error('a listener of the test');
      },
    });
    const good = await collect(stream, n, 'new');
    await put(stream, `${n}.a`, 'x', '1');
    await put(stream, `${n}.a`, 'y', '2');
    await eventually(good.seen, ({ length }) => length === 2);
    await eventually(
      () => bad.length,
      (length) => length === 2,
    );
    assert.deepEqual(bad, [1, 2]);
    await throwing[Symbol.asyncDispose]();
    await good.following[Symbol.asyncDispose]();
  });

  test('a disposed following hears nothing more', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    const ended = await collect(stream, n, 'new');
    const control = await collect(stream, n, 'new');
    await put(stream, `${n}.a`, 'x', '1');
    await eventually(ended.seen, ({ length }) => length === 1);
    await ended.following[Symbol.asyncDispose]();
    await put(stream, `${n}.a`, 'y', '2');
    await eventually(control.seen, ({ length }) => length === 2);
    assert.deepEqual(ended.seen(), ['x:1']);
    await control.following[Symbol.asyncDispose]();
  });

  test('disposing one client leaves the followings of others', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    const stream = await created(messaging, n);
    const short = await fixture().connect();
    const shortStream = await short.stream(declaration(n), { create: false, signal: neverAborted() });
    const gone = await collect(shortStream, n, 'new');
    const stays = await collect(stream, n, 'new');
    await short[Symbol.asyncDispose]();
    assert.equal(short.connected(), false);
    await put(stream, `${n}.a`, 'x', '1');
    await eventually(stays.seen, ({ length }) => length === 1);
    assert.deepEqual(gone.seen(), []);
    await assert.rejects(put(shortStream, `${n}.a`, 'y', '2'), MessagingError);
  });
}

export function declaration(n: string, more: Partial<StreamDeclaration> = {}): StreamDeclaration {
  return { name: n.toUpperCase(), subjects: [`${n}.>`], duplicateWindowMs: 60_000, ...more };
}

export function created(
  messaging: Messaging,
  n: string,
  more: Partial<StreamDeclaration> = {},
): Promise<Stream> {
  return messaging.stream(declaration(n, more), { create: true, signal: neverAborted() });
}

export function put(stream: Stream, subject: string, value: string, id: string) {
  return stream.append(subject, octets(value), { id });
}

/** Follows and shows each message as `data:sequence`. */
export async function collect(stream: Stream, n: string, from: FollowOptions['from']) {
  const messages: StoredMessage[] = [];
  const following = await stream.follow({
    pattern: `${n}.>`,
    from,
    listener: (message) => messages.push(message),
  });
  return { following, seen: () => messages.map(({ data, sequence }) => `${text(data)}:${sequence}`) };
}
