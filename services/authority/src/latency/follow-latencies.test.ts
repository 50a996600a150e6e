/** The table from the store to what workers are given, with a clock that the test moves. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import {
  decodeLatencies,
  encodeLatencies,
  PREFIX_BITS,
  type StoredLatencies,
} from '@signpost/contracts/stored-latencies';
import { NOWHERE, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import { createMemoryRecordStore } from '@signpost/memory/record-store';
import { NO_LATENCIES } from '@signpost/policy/latency-table';
import { fakeClock } from '@signpost/testkit/fake-clock';

import { TargetTimes } from '../count/target-times.ts';
import { LatencyFollower, LOOK_EVERY_MS, OLD_AFTER_MS } from './follow-latencies.ts';
import { latencyTableOf } from './latency-table-of.ts';

const TOKEN = { createdAtMs: 1, revision: 1 };

function tableOf(atMs: number, tenths: number): StoredLatencies {
  return {
    atMs,
    targets: ['eu-a'],
    ipv4: Uint32Array.of(0xcb0071),
    ipv6: new Float64Array(),
    systems: new Uint32Array(),
    countries: new Uint32Array(),
    tenths: Uint16Array.of(tenths),
  };
}

function follow(t: TestContext) {
  const clock = fakeClock();
  const store = createMemoryRecordStore();
  const reader = store.reader();
  const given: (Uint8Array | undefined)[] = [];
  const refused: string[] = [];
  let reads = 0;
  const stop = new AbortController();
  const follower = new LatencyFollower({
    reader: {
      latencies: async (known) => {
        const read = await reader.latencies(known);
        if (read instanceof Uint8Array) reads += 1;
        return read;
      },
    },
    clock,
    signal: stop.signal,
    publish: async (octets) => void given.push(octets),
    onRefused: (reason) => refused.push(reason),
  });
  const running = follower.run();
  t.after(async () => {
    stop.abort();
    await running;
  });
  return {
    clock,
    store,
    follower,
    given,
    refused,
    reads: () => reads,
    look: () => clock.advance(LOOK_EVERY_MS),
    put: (table: StoredLatencies | Uint8Array) =>
      store.writer.putLatencies(table instanceof Uint8Array ? table : encodeLatencies(table), TOKEN),
    /** Tenths of the only row that workers have; undefined: they have no table. */
    tenths: () => {
      const last = given.at(-1);
      const decoded = last === undefined ? undefined : decodeLatencies(last);
      return decoded?.ok === true ? decoded.value.tenths[0] : undefined;
    },
  };
}

test('a table is given on as shared memory, once, and another one after it', async (t) => {
  const { clock, given, put, look, tenths, reads, follower } = follow(t);
  await look();
  assert.equal(given.length, 0);
  assert.equal(follower.ageMs(), undefined);
  await put(tableOf(clock.now(), 341));
  await look();
  assert.ok(given[0]?.buffer instanceof SharedArrayBuffer);
  assert.equal(tenths(), 341);
  assert.equal(follower.rows, 1);
  await look();
  await look();
  assert.equal(reads(), 1, 'only its head is looked at');
  await put(tableOf(clock.now(), 500));
  await look();
  assert.equal(tenths(), 500);
  assert.equal(given.length, 2);
});

test('what is no table changes nothing and is told once', async (t) => {
  const { clock, given, put, look, refused, tenths } = follow(t);
  await put(tableOf(clock.now(), 341));
  await look();
  await put(new Uint8Array(64));
  await look();
  await look();
  assert.equal(refused.length, 1);
  assert.match(refused[0]!, /no table of round trips/);
  assert.equal(tenths(), 341);
  assert.equal(given.length, 1);
  await put(tableOf(clock.now(), 77));
  await look();
  assert.equal(tenths(), 77);
});

test('a table that nobody writes any more is used for an hour, with the store or without it', async (t) => {
  const { clock, store, given, put, look, tenths, follower } = follow(t);
  await put(tableOf(clock.now(), 341));
  await look();
  store.setReachable(false);
  await clock.advance(OLD_AFTER_MS - 2 * LOOK_EVERY_MS);
  assert.equal(tenths(), 341);
  await clock.advance(3 * LOOK_EVERY_MS);
  assert.equal(given.at(-1), undefined);
  assert.equal(follower.rows, 0);
  assert.equal(follower.ageMs(), undefined);
  store.setReachable(true);
  await look();
  assert.equal(given.length, 2, 'it is still the same old one');
  await put(tableOf(clock.now(), 9));
  await look();
  assert.equal(tenths(), 9);
});

test('a table that was old at the start is not used, and a wiped store changes nothing', async (t) => {
  const { clock, store, given, put, look, tenths } = follow(t);
  await put(tableOf(clock.now() - OLD_AFTER_MS - 1, 341));
  await look();
  assert.equal(given.length, 0);
  await put(tableOf(clock.now() - OLD_AFTER_MS - 1 + 5, 12));
  await look();
  assert.equal(tenths(), 12, 'one that changes under our eyes is not old, whatever the clocks say');
  store.wipe();
  await look();
  assert.equal(tenths(), 12);
});

test('a worker asks the table by the slots it gave to targets', () => {
  const answered = new TargetTimes();
  answered.slotOf('us-a');
  const slotOf = (target: string) => answered.slotOf(target);
  const table = latencyTableOf(encodeLatencies(tableOf(1, 341)), slotOf);
  const address = new Uint8Array(16);
  address.set([203, 0, 113, 9]);
  const row = table.find({
    family: 4,
    address,
    sourceLength: 24,
    place: () => NOWHERE,
    system: () => UNKNOWN_SYSTEM,
  });
  assert.equal(table.at(row, slotOf('eu-a')), 34.1);
  assert.ok(Number.isNaN(table.at(row, slotOf('us-a'))));
  assert.equal(table.bits, PREFIX_BITS[4]);
  assert.equal(latencyTableOf(undefined, slotOf), NO_LATENCIES);
});
