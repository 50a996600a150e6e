import assert from 'node:assert/strict';
import { test } from 'node:test';

import { compareTokens } from '@signpost/contracts/record-store';
import { MessagingError, type Bucket } from '@signpost/contracts/messaging';
import { buckets } from '@signpost/contracts/subjects';
import { createMemoryServer } from '@signpost/memory/messaging';
import { fakeClock } from '@signpost/testkit/fake-clock';

import { acquireLease, LEASE_KEY, LEASE_MARGIN_MS, LEASE_TTL_MS, type Lease } from './lease.ts';

async function startLease() {
  const clock = fakeClock();
  const server = createMemoryServer({ now: () => clock.now() });
  const signal = new AbortController();
  const bucketOf = async () =>
    server.connect().bucket(buckets.lease, { create: true, signal: AbortSignal.timeout(5_000) });
  const bucket = await bucketOf();
  const acquire = (holder: string, through: Bucket = bucket) =>
    acquireLease({ bucket: through, clock, holder, signal: signal.signal });
  return { clock, server, bucket, bucketOf, acquire, stop: () => signal.abort(new Error('stopped')) };
}

/** The lease once acquired, without waiting for it. */
function soon(acquiring: Promise<Lease>): { readonly lease: Lease | undefined } {
  const seen: { lease: Lease | undefined } = { lease: undefined };
  acquiring.then(
    (lease) => (seen.lease = lease),
    () => undefined,
  );
  return seen;
}

test('a lease is held over renewals under one token, and nobody else gets it', async () => {
  const { clock, acquire, stop } = await startLease();
  const lease = await acquire('a');
  const other = soon(acquire('b'));
  const { token } = lease;
  await clock.advance(60_000);
  assert.ok(lease.holds());
  assert.deepEqual(lease.token, token);
  assert.equal(other.lease, undefined);
  stop();
});

test('a released lease goes to the next at once, under a newer token', async () => {
  const { clock, acquire } = await startLease();
  const lease = await acquire('a');
  const other = soon(acquire('b'));
  await clock.advance(2_000);
  await lease[Symbol.asyncDispose]();
  assert.ok(!lease.holds());
  await clock.advance(500);
  const next = soonest(other);
  assert.ok(next.holds());
  assert.ok(compareTokens(next.token, lease.token) > 0);
  await next[Symbol.asyncDispose]();
});

function soonest(seen: { readonly lease: Lease | undefined }): Lease {
  assert.ok(seen.lease !== undefined, 'nobody got the lease');
  return seen.lease;
}

/** A bucket whose updates fail, or whose answers to updates are lost. */
function failing(bucket: Bucket, fails: () => 'no' | 'refused' | 'answer lost'): Bucket {
  return {
    get createdAtMs() {
      return bucket.createdAtMs;
    },
    get: (key) => bucket.get(key),
    create: (key, value) => bucket.create(key, value),
    update: async (key, value, revision) => {
      if (fails() === 'refused') throw new MessagingError('away');
      const outcome = await bucket.update(key, value, revision);
      if (fails() === 'answer lost') throw new MessagingError('no answer');
      return outcome;
    },
    put: (key, value) => bucket.put(key, value),
    delete: (key) => bucket.delete(key),
    keys: () => bucket.keys(),
    watch: (options) => bucket.watch(options),
  };
}

test('a leader that cannot renew stops acting before the bucket forgets it', async () => {
  const { clock, acquire, bucket, bucketOf } = await startLease();
  let fails: 'no' | 'refused' = 'no';
  const lease = await acquire(
    'a',
    failing(bucket, () => fails),
  );
  const other = soon(acquire('b', await bucketOf()));
  await clock.advance(10_000); // the last good renewal was sent now
  fails = 'refused';
  await clock.advance(LEASE_TTL_MS - LEASE_MARGIN_MS - 1);
  assert.ok(lease.holds());
  await clock.advance(1);
  assert.ok(!lease.holds());
  assert.ok(lease.signal.aborted);
  assert.ok(other.lease === undefined);
  await clock.advance(LEASE_MARGIN_MS + 500);
  const next = soonest(other);
  assert.ok(next.holds());
  await next[Symbol.asyncDispose]();
});

test('a renewal that never answers does not keep a leader from noticing that its time is up', async () => {
  const { clock, acquire, bucket } = await startLease();
  const silent: Bucket = { ...failing(bucket, () => 'no'), update: () => new Promise(() => undefined) };
  const lease = await acquire('a', silent);
  await clock.advance(LEASE_TTL_MS - LEASE_MARGIN_MS);
  assert.ok(lease.signal.aborted);
});

test('a renewal whose answer was lost is recognised as ours', async () => {
  const { clock, acquire, bucket } = await startLease();
  let fails: 'no' | 'answer lost' = 'no';
  const lease = await acquire(
    'a',
    failing(bucket, () => fails),
  );
  fails = 'answer lost';
  await clock.advance(1_500);
  fails = 'no';
  await clock.advance(20_000);
  assert.ok(lease.holds());
  await lease[Symbol.asyncDispose]();
});

test('a leader whose entry is another one stops at once', async () => {
  const { clock, acquire, bucket } = await startLease();
  const lease = await acquire('a');
  await bucket.put(LEASE_KEY, new TextEncoder().encode('{"holder":"b"}'));
  await clock.advance(1_000);
  assert.ok(lease.signal.aborted);
});

test('a lease that was lost is not deleted when it is given back', async () => {
  const { acquire, bucket } = await startLease();
  const lease = await acquire('a');
  lease.lost('fenced');
  await lease[Symbol.asyncDispose]();
  assert.notEqual(await bucket.get(LEASE_KEY), undefined);
});

test('a lease whose time ran out while it was given back is not deleted: it may be another one by then', async () => {
  const { clock, acquire, bucket } = await startLease();
  const silent: Bucket = { ...failing(bucket, () => 'no'), update: () => new Promise(() => undefined) };
  let deleted = false;
  silent.delete = async () => {
    deleted = true;
  };
  const lease = await acquire('a', silent);
  await clock.advance(1_500); // a renewal is under way, and is never answered
  const released = lease[Symbol.asyncDispose]();
  await clock.advance(LEASE_TTL_MS);
  await released;
  assert.ok(!deleted);
});
