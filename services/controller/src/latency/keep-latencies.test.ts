/** From signals over messaging to the table in the store, under the fence, with a clock that the test moves. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { encodeJson } from '@signpost/contracts/decode';
import type { Measurement } from '@signpost/contracts/latency-signal';
import { decodeLatencies, type StoredLatencies } from '@signpost/contracts/stored-latencies';
import { subjects } from '@signpost/contracts/subjects';
import { createMemoryServer } from '@signpost/memory/messaging';
import { createMemoryRecordStore } from '@signpost/memory/record-store';
import { fakeClock } from '@signpost/testkit/fake-clock';

import { FINDS_NOTHING } from '../explain/explain.ts';
import type { Lease } from '../lead/lease.ts';
import { FORGET_AFTER_MS } from './estimate-round-trip.ts';
import { keepLatencies, PUBLISH_EVERY_MS } from './keep-latencies.ts';
import { LatencyKeeper } from './latency-keeper.ts';

type Clock = ReturnType<typeof fakeClock>;
type Store = ReturnType<typeof createMemoryRecordStore>;

function leaseOf(revision: number): Lease {
  const token = { createdAtMs: 1, revision };
  return { token, holds: () => true } as unknown as Lease;
}

/** A world with one store and one messaging server; controllers come and go. */
function startWorld(t: TestContext) {
  const clock = fakeClock();
  const store = createMemoryRecordStore();
  const server = createMemoryServer({ now: () => clock.now() });
  const client = server.connect();
  let targets: Record<string, unknown> | undefined = { 'eu-a': {}, 'us-a': {} };
  const bad: string[] = [];
  return {
    clock,
    store,
    bad,
    setTargets: (next: typeof targets) => (targets = next),
    controller: (lease: Lease | undefined) => {
      const stop = new AbortController();
      const keeper = new LatencyKeeper({ clock, targets: () => targets, finder: FINDS_NOTHING });
      const held = { lease };
      const running = keepLatencies({
        keeper,
        core: server.connect().core,
        writer: store.writer,
        clock,
        lease: () => held.lease,
        signal: stop.signal,
        onBad: (subject, reason) => bad.push(`${subject}: ${reason}`),
      });
      const end = async () => {
        stop.abort();
        await running;
      };
      t.after(end);
      return { keeper, held, end };
    },
    measure: (target: string, measurements: readonly Measurement[]) =>
      client.core.publish(subjects.latencySignal(target), encodeJson({ measurements })),
    say: (subject: string, text: string) => client.core.publish(subject, new TextEncoder().encode(text)),
  };
}

const rounds = (clock: Clock, count = 1) => clock.advance(PUBLISH_EVERY_MS * count);

async function table(store: Store): Promise<StoredLatencies | undefined> {
  const octets = await store.writer.latencies();
  if (octets === undefined) return undefined;
  const decoded = decodeLatencies(octets);
  assert.ok(decoded.ok);
  return decoded.value;
}

const of = (client: string, ms: number, samples = 3): Measurement => ({ client, ms, samples });

test('what is measured is in the store within a few seconds, written by the leader alone', async (t) => {
  const { clock, store, controller, measure } = startWorld(t);
  const standby = controller(undefined);
  await rounds(clock);
  measure('eu-a', [of('203.0.113.0/24', 20), of('2001:db8::1', 30)]);
  measure('us-a', [of('203.0.113.9', 120)]);
  await rounds(clock);
  assert.equal(await table(store), undefined, 'a standby only listens');
  standby.held.lease = leaseOf(1);
  await rounds(clock);
  const written = (await table(store))!;
  assert.deepEqual(written.targets, ['eu-a', 'us-a']);
  assert.deepEqual([...written.ipv4], [0xcb0071]);
  assert.deepEqual([...written.tenths], [200, 1_200, 300, 0]);
});

test('the store is written only when what is shown moves, and once a minute as a sign of life', async (t) => {
  const { clock, store, controller, measure } = startWorld(t);
  controller(leaseOf(1));
  measure('eu-a', [of('203.0.113.0/24', 20)]);
  await rounds(clock);
  const first = (await table(store))!.atMs;
  for (let i = 0; i < 5; i += 1) {
    measure('eu-a', [of('203.0.113.0/24', 20.5 + (i % 2))]);
    await rounds(clock);
  }
  assert.equal((await table(store))!.atMs, first);
  for (let i = 0; i < 9; i += 1) measure('eu-a', [of('203.0.113.0/24', 50)]);
  await rounds(clock);
  const moved = (await table(store))!;
  assert.equal(moved.atMs, first + 6 * PUBLISH_EVERY_MS);
  await rounds(clock, 12);
  assert.equal((await table(store))!.atMs, moved.atMs + 60_000);
});

test('a new leader goes on from the table, and an older one is refused by the fence', async (t) => {
  const { clock, store, controller, measure } = startWorld(t);
  const old = controller(leaseOf(1));
  measure('eu-a', [of('203.0.113.0/24', 20)]);
  await rounds(clock);
  controller(leaseOf(2));
  await rounds(clock);
  assert.deepEqual([...(await table(store))!.tenths], [200], 'it heard none of it itself');
  const before = (await table(store))!.atMs;
  old.keeper.aggregate.moved = true;
  old.keeper.aggregate.forget(clock.monotonic(), () => false);
  await rounds(clock);
  assert.deepEqual([...(await table(store))!.tenths], [200]);
  assert.equal((await table(store))!.atMs, before);
});

test('a store that was away or wiped is written again', async (t) => {
  const { clock, store, controller, measure } = startWorld(t);
  controller(leaseOf(1));
  store.setReachable(false);
  measure('eu-a', [of('203.0.113.0/24', 20)]);
  await rounds(clock, 3);
  store.setReachable(true);
  await rounds(clock);
  assert.equal((await table(store))!.targets[0], 'eu-a');
  store.wipe();
  await rounds(clock, 12);
  assert.equal((await table(store))!.targets[0], 'eu-a');
});

test('what nobody measures any more, and what is no target any more, leaves the table', async (t) => {
  const { clock, store, controller, measure, setTargets } = startWorld(t);
  controller(leaseOf(1));
  measure('eu-a', [of('203.0.113.0/24', 20)]);
  measure('us-a', [of('203.0.113.0/24', 90)]);
  await rounds(clock);
  setTargets(undefined); // a controller that has just started knows of no configuration yet
  await rounds(clock, 13);
  assert.deepEqual((await table(store))!.targets, ['eu-a', 'us-a']);
  setTargets({ 'us-a': {} });
  await rounds(clock, 13);
  assert.deepEqual((await table(store))!.targets, ['us-a']);
  await rounds(clock, Math.ceil(FORGET_AFTER_MS / PUBLISH_EVERY_MS) + 13);
  assert.deepEqual((await table(store))!.targets, []);
});

test('what cannot be used is counted by why, and dropped', async (t) => {
  const { clock, store, controller, measure, say, bad } = startWorld(t);
  const { keeper } = controller(leaseOf(1));
  measure('nobody', [of('203.0.113.0/24', 20), of('203.0.112.0/24', 20)]);
  measure('eu-a', [
    of('203.0.0.0/16', 20),
    of('here', 20),
    of('203.0.113.0/33', 20),
    of('::ffff:203.0.113.1', 20),
  ]);
  say(subjects.latencySignal('eu-a'), 'fast');
  say('signpost.signal.latency.EU', '{"measurements":[{"client":"203.0.113.1","ms":1}]}');
  await clock.advance(0);
  assert.deepEqual(Object.fromEntries(keeper.counts), {
    taken: 1,
    malformed: 2,
    unknown_target: 2,
    bad_client: 2,
    wide_prefix: 1,
  });
  assert.match(bad.join('\n'), /latency.eu-a: not JSON[^]*latency.EU: it names no target/);
  await rounds(clock);
  assert.deepEqual([...(await table(store))!.ipv4], [0xcb0071]);
});
