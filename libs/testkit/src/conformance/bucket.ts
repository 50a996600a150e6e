/** Conformance of buckets: compare-and-set, history, expiry, watching. Registered by messaging-conformance.ts. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { MessagingError, type Bucket, type Entry, type Messaging } from '@signpost/contracts/messaging';
import type { BucketDeclaration } from '@signpost/contracts/subjects';

import { eventually } from '../eventually.ts';
import type { MessagingSubject } from './messaging-fixture.ts';
import { neverAborted, octets, text } from './octets.ts';

export function bucketConformance(subject: MessagingSubject): void {
  describe('buckets', () => {
    writing(subject);
    expiry(subject);
    watching(subject);
  });
}

function writing({ fixture, name }: MessagingSubject): void {
  test('put and get; revisions grow with each write whatever the key', async () => {
    await using messaging = await fixture().connect();
    const bucket = await opened(messaging, name());
    assert.equal(await bucket.get('a'), undefined);
    assert.equal(await bucket.put('a', octets('1')), 1);
    assert.equal(await bucket.put('b/c=d_E-1.x', octets('2')), 2);
    assert.equal(await bucket.put('a', octets('3')), 3);
    assert.deepEqual(shown(await bucket.get('a')), ['a', '3', 3]);
    assert.deepEqual(shown(await bucket.get('b/c=d_E-1.x')), ['b/c=d_E-1.x', '2', 2]);
  });

  test('create writes only where there is nothing, and again after a delete', async () => {
    await using messaging = await fixture().connect();
    const bucket = await opened(messaging, name());
    assert.deepEqual(await bucket.create('a', octets('1')), { kind: 'written', revision: 1 });
    assert.deepEqual(await bucket.create('a', octets('2')), { kind: 'conflict' });
    assert.equal(text((await bucket.get('a'))?.value), '1');
    await bucket.delete('a');
    assert.equal(await bucket.get('a'), undefined);
    assert.deepEqual(await bucket.create('a', octets('3')), { kind: 'written', revision: 3 });
    assert.equal(text((await bucket.get('a'))?.value), '3');
  });

  test('update writes only upon the revision it names', async () => {
    await using messaging = await fixture().connect();
    const bucket = await opened(messaging, name());
    await bucket.put('a', octets('1'));
    await bucket.put('b', octets('2'));
    assert.deepEqual(await bucket.update('a', octets('x'), 2), { kind: 'conflict' });
    assert.deepEqual(await bucket.update('a', octets('3'), 1), { kind: 'written', revision: 3 });
    assert.deepEqual(await bucket.update('a', octets('x'), 1), { kind: 'conflict' });
    assert.deepEqual(await bucket.update('never', octets('x'), 1), { kind: 'conflict' });
    assert.equal(text((await bucket.get('a'))?.value), '3');
  });

  test('of many that create at once, one wins', async () => {
    await using one = await fixture().connect();
    await using two = await fixture().connect();
    const n = name();
    const buckets = [await opened(one, n), await opened(two, n)];
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) => buckets[i % 2]!.create('lease', octets(String(i)))),
    );
    assert.equal(outcomes.filter(({ kind }) => kind === 'written').length, 1);
  });

  test('earlier values are found by revision, as many as the history holds', async () => {
    await using messaging = await fixture().connect();
    const bucket = await opened(messaging, name(), { history: 2 });
    for (const value of ['1', '2', '3']) await bucket.put('a', octets(value));
    await bucket.put('b', octets('4'));
    assert.equal(await bucket.get('a', 1), undefined);
    assert.deepEqual(shown(await bucket.get('a', 2)), ['a', '2', 2]);
    assert.deepEqual(shown(await bucket.get('a', 3)), ['a', '3', 3]);
    assert.equal(await bucket.get('a', 4), undefined, 'the revision of another key');
    assert.equal(await bucket.get('a', 99), undefined);
    await bucket.delete('a');
    assert.equal(await bucket.get('a', 5), undefined, 'a deletion has no value');
    assert.deepEqual(shown(await bucket.get('a', 3)), ['a', '3', 3]);
  });

  test('keys are those present', async () => {
    await using messaging = await fixture().connect();
    const bucket = await opened(messaging, name());
    assert.deepEqual(await bucket.keys(), []);
    for (const key of ['a', 'b.c', 'd']) await bucket.put(key, octets(key));
    await bucket.delete('d');
    assert.deepEqual((await bucket.keys()).toSorted(), ['a', 'b.c']);
  });

  test('a key outside the allowed characters is refused', async () => {
    await using messaging = await fixture().connect();
    const bucket = await opened(messaging, name());
    for (const key of ['', 'a b', 'a*', '>', '.a', 'a.', 'a..b', 'ä']) {
      await assert.rejects(bucket.put(key, octets('x')), MessagingError, JSON.stringify(key));
    }
  });

  test('opening without create waits until somebody creates the bucket; both see one creation time', async () => {
    await using creator = await fixture().connect();
    await using waiter = await fixture().connect();
    const n = name();
    const opening = waiter.bucket(declaration(n), { create: false, signal: neverAborted() });
    const bucket = await opened(creator, n);
    const same = await opening;
    assert.equal(same.createdAtMs, bucket.createdAtMs);
    assert.ok(Number.isInteger(same.createdAtMs) && same.createdAtMs > 1_500_000_000_000);
    assert.equal((await opened(creator, n)).createdAtMs, bucket.createdAtMs);
  });

  test('create brings an existing bucket to its declaration', async () => {
    await using messaging = await fixture().connect();
    const n = name();
    await opened(messaging, n, { history: 1 });
    const bucket = await opened(messaging, n, { history: 5 });
    await bucket.put('a', octets('1'));
    await bucket.put('a', octets('2'));
    assert.deepEqual(shown(await bucket.get('a', 1)), ['a', '1', 1]);
  });
}

function expiry({ fixture, name }: MessagingSubject): void {
  test('a lease: create, hold by update, and whoever waits creates it once it has expired', async () => {
    await using leader = await fixture().connect();
    await using standby = await fixture().connect();
    const n = name();
    const held = await opened(leader, n, { history: 1, ttlMs: 1_000 });
    const wanted = await opened(standby, n, { history: 1, ttlMs: 1_000 });
    assert.deepEqual(await held.create('controller', octets('leader')), { kind: 'written', revision: 1 });
    assert.deepEqual(await wanted.create('controller', octets('standby')), { kind: 'conflict' });
    assert.deepEqual(await held.update('controller', octets('leader'), 1), { kind: 'written', revision: 2 });
    fixture().passTime(1_000);
    const outcome = await eventually(
      () => wanted.create('controller', octets('standby')),
      ({ kind }) => kind === 'written',
    );
    assert.deepEqual(outcome, { kind: 'written', revision: 3 });
    assert.deepEqual(await held.update('controller', octets('leader'), 2), { kind: 'conflict' });
  });
}

function watching({ fixture, name }: MessagingSubject): void {
  test('watching gives every present entry, then each change and deletion', async () => {
    await using messaging = await fixture().connect();
    await using other = await fixture().connect();
    const n = name();
    const bucket = await opened(messaging, n, { history: 5 });
    for (const key of ['a', 'b', 'a', 'gone']) await bucket.put(key, octets(key));
    await bucket.delete('gone');
    const { seen, following } = await watched(bucket);
    await following.caughtUp;
    assert.deepEqual(seen(), ['b=b@2', 'a=a@3']);
    const elsewhere = await opened(other, n, { history: 5 });
    await elsewhere.put('c', octets('c'));
    await elsewhere.delete('a');
    await elsewhere.delete('never');
    await elsewhere.create('a', octets('again'));
    await eventually(seen, ({ length }) => length === 6);
    assert.deepEqual(seen().slice(2), ['c=c@6', 'a=undefined@7', 'never=undefined@8', 'a=again@9']);
    await following[Symbol.asyncDispose]();
  });

  test('watching an empty bucket, or one that holds only deletions, is caught up', async () => {
    await using messaging = await fixture().connect();
    const bucket = await opened(messaging, name());
    const empty = await watched(bucket);
    await empty.following.caughtUp;
    await bucket.put('a', octets('a'));
    await bucket.delete('a');
    const deleted = await watched(bucket);
    await deleted.following.caughtUp;
    assert.deepEqual(deleted.seen(), []);
    await eventually(empty.seen, ({ length }) => length === 2);
    await empty.following[Symbol.asyncDispose]();
    await deleted.following[Symbol.asyncDispose]();
  });

  test('watching a pattern gives only its keys', async () => {
    await using messaging = await fixture().connect();
    const bucket = await opened(messaging, name());
    for (const key of ['eu.1', 'eu.2', 'us.1', 'eu.1.x']) await bucket.put(key, octets(key));
    const one = await watched(bucket, 'eu.*');
    const exact = await watched(bucket, 'us.1');
    const rest = await watched(bucket, 'eu.>');
    for (const { following } of [one, exact, rest]) await following.caughtUp;
    assert.deepEqual(one.seen(), ['eu.1=eu.1@1', 'eu.2=eu.2@2']);
    assert.deepEqual(exact.seen(), ['us.1=us.1@3']);
    assert.deepEqual(rest.seen(), ['eu.1=eu.1@1', 'eu.2=eu.2@2', 'eu.1.x=eu.1.x@4']);
    for (const { following } of [one, exact, rest]) await following[Symbol.asyncDispose]();
  });
}

export function declaration(n: string, more: Partial<BucketDeclaration> = {}): BucketDeclaration {
  return { name: n, history: 1, ...more };
}

export function opened(
  messaging: Messaging,
  n: string,
  more: Partial<BucketDeclaration> = {},
): Promise<Bucket> {
  return messaging.bucket(declaration(n, more), { create: true, signal: neverAborted() });
}

/** Watches and shows each change as `key=value@revision`. */
export async function watched(bucket: Bucket, pattern?: string) {
  const changes: string[] = [];
  const following = await bucket.watch({
    ...(pattern === undefined ? {} : { pattern }),
    listener: ({ key, value, revision }) => changes.push(`${key}=${text(value)}@${revision}`),
  });
  return { following, seen: () => [...changes] };
}

function shown(entry: Entry | undefined) {
  return entry === undefined ? undefined : [entry.key, text(entry.value), entry.revision];
}
