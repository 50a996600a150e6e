/** H11 over the memory store: what is served after changes, gaps, outages and a wiped store. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import { type RecordReader, StoreError } from '@signpost/contracts/record-store';
import { parseName } from '@signpost/dns/name-text';
import { systemClock } from '@signpost/lifecycle/clock';
import { createMemoryRecordStore, type MemoryRecordStore } from '@signpost/memory/record-store';
import { eventually } from '@signpost/testkit/eventually';
import { fakeClock } from '@signpost/testkit/fake-clock';

import { MemorySink, publish, tick } from '../testing/memory-sink.ts';
import { askContext, contextFor, facts, shown, zoneOf } from '../testing/sample-zone.ts';
import { type FollowEvent, RecordFollower, SETTLED_AFTER_MS, STALE_AFTER_MS } from './follow-records.ts';

const APEX = 'example.net';
const www = (octet: number) => zoneOf(APEX, `www A 192.0.2.${octet}`);
const OTHER = zoneOf('example.org', 'www A 198.51.100.1');

interface Following {
  readonly store: MemoryRecordStore;
  readonly sink: MemorySink;
  readonly follower: RecordFollower;
  readonly events: FollowEvent[];
  /** The first answer for `name` A, or the response code. */
  readonly answer: (name?: string) => string;
  readonly serves: (line: string, name?: string) => Promise<unknown>;
}

/** A follower that runs until the test ends; `wrap` may disturb what it reads. */
function follow(
  t: TestContext,
  store: MemoryRecordStore,
  wrap: (reader: RecordReader) => RecordReader = (reader) => reader,
): Following {
  const stop = new AbortController();
  const sink = new MemorySink();
  const events: FollowEvent[] = [];
  const reader = store.reader();
  const follower = new RecordFollower({
    reader: wrap(reader),
    sink,
    clock: systemClock,
    signal: stop.signal,
    draw: () => 0,
    onEvent: (event) => events.push(event),
  });
  const running = follower.run();
  t.after(async () => {
    stop.abort();
    await reader[Symbol.asyncDispose]();
    await running;
  });
  const answer = (name = `www.${APEX}`) => {
    const { answers, rcode } = askContext(contextFor(sink.snapshot), { name, type: 'A' });
    return shown(answers)[0] ?? rcode;
  };
  return {
    store,
    sink,
    follower,
    events,
    answer,
    serves: (line, name) =>
      eventually(
        () => answer(name),
        (seen) => seen.endsWith(line),
      ),
  };
}

/** Passes everything on but what is replaced. */
function disturbed(reader: RecordReader, replaced: Partial<RecordReader>): RecordReader {
  return {
    position: () => reader.position(),
    readZones: () => reader.readZones(),
    generation: () => reader.generation(),
    changesAfter: (position, waitMs) => reader.changesAfter(position, waitMs),
    lastTickMs: () => reader.lastTickMs(),
    latencies: (known) => reader.latencies(known),
    connected: () => reader.connected(),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
    ...replaced,
  };
}

function servedZone({ snapshot }: MemorySink, apex: string) {
  const name = parseName(apex);
  return snapshot.served.find(name, 0, name.length);
}

const kinds = (events: readonly FollowEvent[]) => events.map(({ kind }) => kind);

test('an empty store is waited for; the first publication is served', async (t) => {
  const { store, sink, follower, answer, serves } = follow(t, createMemoryRecordStore());
  assert.equal(answer(), 'REFUSED');
  await publish(store.writer, [www(1)]);
  await serves('192.0.2.1');
  assert.equal(follower.generation, sink.generation);
  assert.deepEqual([...follower.servedZones], [APEX]);
});

test('a publication is applied without reading everything again', async (t) => {
  const { store, sink, serves } = follow(t, createMemoryRecordStore());
  await publish(store.writer, [www(1)]);
  await serves('192.0.2.1');
  for (const octet of [2, 3, 4]) {
    await publish(store.writer, [www(octet)]);
    await serves(`192.0.2.${octet}`);
  }
  await publish(store.writer, [], [{ zone: APEX, owner: `www.${APEX}`, type: 'A' }]);
  await serves('NXDOMAIN');
  assert.equal(sink.calls.filter((call) => call === 'begin').length, 1);
});

test('a step of the feed that cannot be read is told and passed by reading everything', async (t) => {
  const { store, sink, events, serves } = follow(t, createMemoryRecordStore(), (reader) =>
    disturbed(reader, {
      changesAfter: async (position, waitMs) => {
        const changes = await reader.changesAfter(position, waitMs);
        if (JSON.stringify(changes).includes('192.0.2.2')) throw new StoreError('no publication');
        return changes;
      },
    }),
  );
  await publish(store.writer, [www(1)]);
  await serves('192.0.2.1');
  await publish(store.writer, [www(2)]);
  await serves('192.0.2.2');
  await publish(store.writer, [www(3)]);
  await serves('192.0.2.3');
  assert.deepEqual(kinds(events), ['loaded', 'failed', 'loaded', 'recovered', 'applied']);
  assert.equal(sink.calls.filter((call) => call === 'begin').length, 2);
});

test('what is published while everything is read is caught up before the swap', async (t) => {
  const store = createMemoryRecordStore();
  await publish(store.writer, [www(1)]);
  let disturbances = 0;
  const { sink, answer, serves } = follow(t, store, (reader) =>
    disturbed(reader, {
      readZones: async function* () {
        for await (const zone of reader.readZones()) {
          yield zone;
          if (disturbances === 0) await publish(store.writer, [www(2), OTHER]);
          disturbances += 1;
        }
      },
    }),
  );
  await serves('192.0.2.2');
  assert.deepEqual(sink.calls.slice(0, 3), ['begin', 'catchUp', 'swap']);
  assert.ok(answer().endsWith('192.0.2.2'));
  assert.ok(answer('www.example.org').endsWith('198.51.100.1'));
});

test('a read of everything that fails amid it changes nothing, and is done again', async (t) => {
  const store = createMemoryRecordStore();
  await publish(store.writer, [www(1), OTHER]);
  let failures = -1; // the first read is whole
  const { sink, events, answer, serves } = follow(t, store, (reader) =>
    disturbed(reader, {
      readZones: async function* () {
        let zones = 0;
        for await (const zone of reader.readZones()) {
          if (zones === 1 && failures >= 0 && failures < 2) {
            failures += 1;
            assert.ok(answer().endsWith('192.0.2.1'));
            throw new StoreError('lost amid it');
          }
          yield zone;
          zones += 1;
        }
      },
    }),
  );
  await serves('192.0.2.1');
  failures = 0;
  store.wipe();
  await publish(store.writer, [www(2), OTHER]);
  await serves('192.0.2.2');
  assert.ok(answer('www.example.org').endsWith('198.51.100.1'));
  assert.equal(failures, 2);
  assert.deepEqual(
    sink.calls.filter((call) => call === 'begin' || call === 'swap'),
    ['begin', 'swap', 'begin', 'begin', 'begin', 'swap'],
  );
  assert.equal(events.filter(({ kind }) => kind === 'failed').length, 2);
});

test('other work has its turns while a large zone is read', async (t) => {
  const store = createMemoryRecordStore();
  const names = Array.from({ length: 1_000 }, (_, i) => `host${i}`);
  for (const kind of ['a', 'b']) {
    await publish(store.writer, [zoneOf(APEX, names.map((name) => `${name}${kind} A 192.0.2.1`).join('\n'))]);
  }
  let turns = 0;
  let other = setImmediate(function turn() {
    turns += 1;
    other = setImmediate(turn);
  });
  t.after(() => clearImmediate(other));
  const turnsAtPortion: number[] = [];
  const { sink, serves } = follow(t, store);
  const addPortion = sink.addPortion.bind(sink);
  sink.addPortion = (portion) => {
    turnsAtPortion.push(turns);
    return addPortion(portion);
  };
  await serves('192.0.2.1', 'host999b.example.net');
  assert.equal(turnsAtPortion.length, 5);
  assert.equal(new Set(turnsAtPortion).size, 5, 'portions without a turn between them');
});

test('a feed that lost a step causes a whole read, which drops zones that are gone', async (t) => {
  const store = createMemoryRecordStore({ changesKept: 1 });
  let blocked: PromiseWithResolvers<void> | undefined;
  const { sink, serves, follower } = follow(t, store, (reader) =>
    disturbed(reader, {
      changesAfter: async (position, waitMs) => {
        const changes = await reader.changesAfter(position, blocked === undefined ? waitMs : 0);
        await blocked?.promise;
        return blocked === undefined ? changes : reader.changesAfter(position, waitMs);
      },
    }),
  );
  await publish(store.writer, [www(1), OTHER]);
  await serves('192.0.2.1');
  blocked = Promise.withResolvers();
  await publish(store.writer, [www(2)]);
  await publish(store.writer, [www(3)]);
  const { generation } = await store.writer.readAll();
  await store.writer.publish(
    {
      base: generation,
      generation: (generation + 1) as Generation,
      atMs: 0,
      why: [],
      changes: [],
      zones: { 'example.org': null },
    },
    { createdAtMs: 1, revision: 1 },
  );
  const { resolve } = blocked;
  blocked = undefined;
  resolve();
  await serves('192.0.2.3');
  await serves('REFUSED', 'www.example.org');
  assert.ok(sink.calls.filter((call) => call === 'begin').length >= 2);
  assert.deepEqual([...follower.servedZones], [APEX]);
});

describe('the store is gone', () => {
  test('answers go on, it is told once, and what was missed comes after', async (t) => {
    const { store, events, answer, serves } = follow(t, createMemoryRecordStore());
    await publish(store.writer, [www(1)]);
    await serves('192.0.2.1');
    store.setReachable(false);
    await eventually(() => kinds(events).includes('failed'));
    assert.ok(answer().endsWith('192.0.2.1'));
    store.setReachable(true);
    await publish(store.writer, [www(2)]);
    await serves('192.0.2.2');
    await eventually(
      () => kinds(events).at(-1),
      (kind) => kind === 'recovered' || kind === 'applied',
    );
    assert.equal(events.filter((event) => event.kind === 'failed' && event.isFirst).length, 1);
  });

  test('a wiped store changes nothing, and its refill is taken up', async (t) => {
    const { store, events, answer, serves } = follow(t, createMemoryRecordStore());
    await publish(store.writer, [www(1), OTHER]);
    await serves('192.0.2.1');
    store.wipe();
    await eventually(() => kinds(events).includes('went_back'));
    assert.ok(answer().endsWith('192.0.2.1'));
    await publish(store.writer, [www(2), OTHER]);
    await serves('192.0.2.2');
    assert.ok(answer('www.example.org').endsWith('198.51.100.1'));
  });

  test('a refill in several publications takes no zone down on the way', async (t) => {
    const { store, events, answer, serves } = follow(t, createMemoryRecordStore());
    await publish(store.writer, [www(1), OTHER, zoneOf(APEX, 'gone A 192.0.2.7')]);
    await serves('192.0.2.1');
    store.wipe();
    // Half of one zone, without its facts; nothing of the other.
    await publish(store.writer, [{ ...zoneOf(APEX, 'new A 192.0.2.9'), facts: undefined }]);
    await eventually(
      () => events.findLast((event) => event.kind === 'loaded'),
      (event) => (event?.kind === 'loaded' ? event.kept.length === 2 : false),
    );
    assert.ok(answer().endsWith('192.0.2.1'));
    assert.ok(answer('www.example.org').endsWith('198.51.100.1'));
    await publish(store.writer, [www(2)]);
    await serves('192.0.2.2');
    await serves('192.0.2.9', 'new.example.net');
    await serves('NXDOMAIN', 'gone.example.net');
    assert.ok(answer('www.example.org').endsWith('198.51.100.1'));
    await publish(store.writer, [zoneOf('example.org', 'www A 198.51.100.2')]);
    await serves('198.51.100.2', 'www.example.org');
  });
});

describe('by the clock', () => {
  /** Steps of a follower over a reader that never waits, driven by a fake clock. */
  async function driven(t: TestContext) {
    const clock = fakeClock();
    const store = createMemoryRecordStore();
    const stop = new AbortController();
    const reader = store.reader();
    const sink = new MemorySink();
    const follower = new RecordFollower({
      reader: disturbed(reader, {
        changesAfter: async (position, waitMs) => {
          await clock.sleep(waitMs, stop.signal);
          return reader.changesAfter(position, 1);
        },
      }),
      sink,
      clock,
      signal: stop.signal,
      draw: () => 0,
      onEvent: () => {},
    });
    const running = follower.run();
    t.after(async () => {
      stop.abort();
      await running;
    });
    return { clock, store, sink, follower };
  }

  /** Lets `seconds` pass, with a tick of the writer each when `ticking`. */
  async function pass(
    { clock, store }: Awaited<ReturnType<typeof driven>>,
    seconds: number,
    ticking: boolean,
  ): Promise<void> {
    for (let i = 0; i < seconds; i += 1) {
      if (ticking) await tick(store.writer, clock.now());
      const before = clock.monotonic();
      await clock.advance(1_000);
      assert.equal(clock.monotonic(), before + 1_000);
      await eventually(() => clock.sleeping > 0);
    }
  }

  test("answers are stale when the writer's tick is old, or the store is out of reach", async (t) => {
    const run = await driven(t);
    await publish(run.store.writer, [www(1)]);
    await pass(run, 5, true);
    assert.equal(run.follower.isStale(), false);
    await pass(run, STALE_AFTER_MS / 1_000 + 2, false);
    assert.equal(run.follower.isStale(), true);
    await pass(run, 3, true);
    assert.equal(run.follower.isStale(), false);
    run.store.setReachable(false);
    await pass(run, STALE_AFTER_MS / 1_000 + 2, false);
    assert.equal(run.follower.isStale(), true);
  });

  test('a zone that a living writer does not refill is let go after a while', async (t) => {
    const run = await driven(t);
    await publish(run.store.writer, [www(1), OTHER]);
    await pass(run, 3, true);
    run.store.wipe();
    await pass(run, 3, true);
    await publish(run.store.writer, [www(2)]);
    await pass(run, 5, true);
    assert.deepEqual([...run.follower.servedZones].toSorted(), [APEX, 'example.org']);
    await pass(run, SETTLED_AFTER_MS / 1_000 + 3, true);
    assert.deepEqual([...run.follower.servedZones], [APEX]);
    assert.equal(servedZone(run.sink, 'example.org'), undefined);
    assert.notEqual(servedZone(run.sink, APEX), undefined);
  });
});

test('facts alone change the SOA', async (t) => {
  const { store, sink, serves } = follow(t, createMemoryRecordStore());
  await publish(store.writer, [www(1)]);
  await serves('192.0.2.1');
  await publish(store.writer, [{ apex: APEX, facts: facts(APEX, { negativeTtl: 5 }), recordSets: [] }]);
  await eventually(() => servedZone(sink, APEX)?.soa.negativeTtlSeconds === 5);
});
