/**
 * The suite that every adapter of the record store ports passes: fencing, bases, tombstones, the change feed,
 * outages. An adapter's own test file calls it with a way to start its store. It must not know any adapter.
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import type { Publication, RecordChange } from '@signpost/contracts/publication';
import type { RecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import { StoreError, type RecordReader, type RecordWriter } from '@signpost/contracts/record-store';

import { eventually } from './eventually.ts';
import { readAllZones } from './read-all-zones.ts';

export interface RecordStoreFixture extends AsyncDisposable {
  readonly writer: RecordWriter;
  reader(): RecordReader;
  /** Empties the store while it runs. */
  wipe(): Promise<void>;
  stop(): Promise<void>;
  /** Starts it again after `stop`, with what it held. */
  start(): Promise<void>;
}

export function recordStoreConformance(name: string, makeFixture: () => Promise<RecordStoreFixture>): void {
  describe(`${name}: record store ports`, () => {
    let fixture: RecordStoreFixture;
    before(async () => {
      fixture = await makeFixture();
    });
    beforeEach(() => fixture.wipe());
    after(async () => {
      await fixture[Symbol.asyncDispose]();
    });
    publishing(() => fixture);
    fencing(() => fixture);
    changeFeed(() => fixture);
    latencies(() => fixture);
    outages(() => fixture);
  });
}

type Fixture = () => RecordStoreFixture;

const TOKEN = { createdAtMs: 1_700_000_000_000, revision: 5 };

function publishing(fixture: Fixture): void {
  test('an empty store has generation 0 and nothing in it', async () => {
    await using reader = fixture().reader();
    for (const side of [fixture().writer, reader]) {
      assert.equal(await side.generation(), 0);
    }
    const { generation, zones } = await fixture().writer.readAll();
    assert.equal(generation, 0);
    assert.equal(zones.size, 0);
    assert.equal((await readAllZones(reader)).size, 0);
    assert.equal(await reader.lastTickMs(), undefined);
    assert.deepEqual(await reader.changesAfter(await reader.position(), 0), []);
  });

  test('what is published is read back by writer and reader', async () => {
    await using reader = fixture().reader();
    const { writer } = fixture();
    const first = publication(0, 100, [set('example.com', 'example.com', '192.0.2.1')], {
      'example.com': facts(1),
    });
    assert.deepEqual(await writer.publish(first, TOKEN), { kind: 'published' });
    for (const side of [writer, reader]) assert.equal(await side.generation(), 100);
    const read = await writer.readAll();
    assert.equal(read.generation, 100);
    for (const zones of [read.zones, await readAllZones(reader)]) {
      assert.deepEqual([...zones.keys()], ['example.com']);
      assert.deepEqual(zones.get('example.com')?.facts, facts(1));
      assert.deepEqual([...zones.get('example.com')!.recordSets], [['example.com|A', records('192.0.2.1')]]);
    }
  });

  test('a zone without facts has its record sets and waits for them', async () => {
    const { writer } = fixture();
    await publish(writer, publication(0, 1, [set('a.test', 'x.a.test', '192.0.2.1')]));
    await publish(writer, publication(1, 2, [set('a.test', 'y.a.test', '192.0.2.2')]));
    const { zones } = await writer.readAll();
    assert.equal(zones.get('a.test')?.facts, undefined);
    assert.deepEqual([...zones.get('a.test')!.recordSets.keys()].toSorted(), ['x.a.test|A', 'y.a.test|A']);
    await publish(writer, publication(2, 3, [], { 'a.test': facts(3) }));
    assert.deepEqual((await writer.readAll()).zones.get('a.test')?.facts, facts(3));
  });

  test('tombstones remove record sets, and null facts remove the zone whole', async () => {
    const { writer } = fixture();
    const both = [set('a.test', 'x.a.test', '192.0.2.1'), set('a.test', 'y.a.test', '192.0.2.1')];
    await publish(writer, publication(0, 1, both, { 'a.test': facts(1), 'b.test': facts(1) }));
    await publish(writer, publication(1, 2, [tombstone('a.test', 'x.a.test')]));
    const { zones } = await writer.readAll();
    assert.deepEqual([...zones.get('a.test')!.recordSets.keys()], ['y.a.test|A']);
    await publish(writer, publication(2, 3, [tombstone('a.test', 'y.a.test')], { 'a.test': null }));
    assert.deepEqual([...(await writer.readAll()).zones.keys()], ['b.test']);
    await publish(writer, publication(3, 4, [], { 'a.test': facts(4) }));
    assert.equal((await writer.readAll()).zones.get('a.test')?.recordSets.size, 0, 'nothing of the old zone');
  });

  test('a removed zone whose record sets are not listed leaves none behind', async () => {
    const { writer } = fixture();
    const zoneBefore = publication(0, 1, [set('a.test', 'x.a.test', '192.0.2.1')], { 'a.test': facts(1) });
    await publish(writer, zoneBefore);
    await publish(writer, publication(1, 2, [], { 'a.test': null }));
    await publish(writer, publication(2, 3, [], { 'a.test': facts(3) }));
    assert.equal((await writer.readAll()).zones.get('a.test')?.recordSets.size, 0);
  });

  test('record sets of both kinds, odd names and large values come back as they were', async () => {
    const { writer } = fixture();
    const large: RecordSet = {
      kind: 'static',
      ttl: 60,
      rdata: Array.from({ length: 2_000 }, (_, i) => `"${'x'.repeat(200)}${i}"`),
    };
    const owner = 'a\\|b ü.*.a.test';
    const changes = [put('a.test', owner, 'TXT', large), put('a.test', 'www.a.test', 'A', STEERED)];
    await publish(writer, publication(0, 1, changes, { 'a.test': facts(1) }));
    const stored = (await writer.readAll()).zones.get('a.test')!.recordSets;
    assert.deepEqual(stored.get(`${owner}|TXT`), large);
    assert.deepEqual(stored.get('www.a.test|A'), STEERED);
  });

  test('a publication of 1,000 record sets is one step, and one more is refused unwritten', async () => {
    const { writer } = fixture();
    const many = Array.from({ length: 1_001 }, (_, i) => set('a.test', `n${i}.a.test`, '192.0.2.1'));
    await assert.rejects(writer.publish(publication(0, 1, many), TOKEN), StoreError);
    assert.equal(await writer.generation(), 0);
    await publish(writer, publication(0, 1, many.slice(1), { 'a.test': facts(1) }));
    assert.equal((await writer.readAll()).zones.get('a.test')?.recordSets.size, 1_000);
  });

  test('many zones are read whole, each once', async () => {
    await using reader = fixture().reader();
    const { writer } = fixture();
    const apexes = Array.from({ length: 130 }, (_, i) => `zone${i}.test`);
    const changes = apexes.flatMap((apex, i) => (i % 3 === 0 ? [] : [set(apex, `www.${apex}`, '192.0.2.1')]));
    const zones = Object.fromEntries(apexes.map((apex, i) => [apex, facts(i)]));
    await publish(writer, publication(0, 1, changes, zones));
    const seen: string[] = [];
    for await (const { apex, facts: read, recordSets } of reader.readZones()) {
      seen.push(apex);
      const i = apexes.indexOf(apex);
      assert.deepEqual(read, facts(i));
      const expected = i % 3 === 0 ? [] : [[`www.${apex}|A`, records('192.0.2.1')]];
      assert.deepEqual([...recordSets], expected);
    }
    assert.deepEqual(seen.toSorted(), apexes.toSorted());
    assert.deepEqual(await readAllZones(reader), (await writer.readAll()).zones);
  });

  test('readers and writer share no objects', async () => {
    const { writer } = fixture();
    const sent = publication(0, 1, [set('a.test', 'a.test', '192.0.2.1')], { 'a.test': facts(1) });
    await publish(writer, sent);
    sent.changes[0]!.after = records('198.51.100.1');
    const read = (await writer.readAll()).zones.get('a.test')!.recordSets.get('a.test|A')!;
    assert.deepEqual(read, records('192.0.2.1'));
    (read as { ttl: number }).ttl = 1;
    assert.deepEqual(
      (await writer.readAll()).zones.get('a.test')!.recordSets.get('a.test|A'),
      records('192.0.2.1'),
    );
  });
}

function fencing(fixture: Fixture): void {
  test('an older token is refused, an equal or newer one is not', async () => {
    const { writer } = fixture();
    await publish(writer, publication(0, 1));
    const older = [
      { createdAtMs: TOKEN.createdAtMs, revision: TOKEN.revision - 1 },
      { createdAtMs: TOKEN.createdAtMs - 1, revision: TOKEN.revision + 100 },
    ];
    for (const token of older) {
      assert.deepEqual(await writer.publish(publication(1, 2), token), { kind: 'fenced', by: TOKEN });
    }
    assert.equal(await writer.generation(), 1);
    await publish(writer, publication(1, 2), TOKEN);
    await publish(writer, publication(2, 3), { ...TOKEN, revision: TOKEN.revision + 1 });
    const newBucket = { createdAtMs: TOKEN.createdAtMs + 1, revision: 1 };
    await publish(writer, publication(3, 4), newBucket);
    assert.deepEqual(await writer.publish(publication(4, 5), TOKEN), { kind: 'fenced', by: newBucket });
  });

  test('tokens are numbers, not text: 9 is older than 10', async () => {
    const { writer } = fixture();
    await publish(writer, publication(0, 1), { createdAtMs: 9, revision: 9 });
    await publish(writer, publication(1, 2), { createdAtMs: 9, revision: 10 });
    await publish(writer, publication(2, 3), { createdAtMs: 10, revision: 1 });
    const outcome = await writer.publish(publication(3, 4), { createdAtMs: 9, revision: 11 });
    assert.deepEqual(outcome, { kind: 'fenced', by: { createdAtMs: 10, revision: 1 } });
  });

  test('the largest safe numbers keep their order', async () => {
    const { writer } = fixture();
    const most = Number.MAX_SAFE_INTEGER;
    await publish(writer, publication(0, 1), { createdAtMs: most, revision: most - 1 });
    const outcome = await writer.publish(publication(1, 2), { createdAtMs: most, revision: most - 2 });
    assert.equal(outcome.kind, 'fenced');
    await publish(writer, publication(1, most), { createdAtMs: most, revision: most });
    assert.equal(await writer.generation(), most);
  });

  test('an older token is told so even when its base is right or wrong', async () => {
    const { writer } = fixture();
    await publish(writer, publication(0, 1));
    const outcome = await writer.publish(publication(0, 2), { createdAtMs: 1, revision: 1 });
    assert.equal(outcome.kind, 'fenced');
  });

  test('another base is refused, and so is the same publication twice', async () => {
    const { writer } = fixture();
    const first = publication(0, 5, [set('a.test', 'a.test', '192.0.2.1')]);
    await publish(writer, first);
    assert.deepEqual(await writer.publish(first, TOKEN), { kind: 'base_mismatch', stored: 5 });
    assert.deepEqual(await writer.publish(publication(4, 6), TOKEN), { kind: 'base_mismatch', stored: 5 });
    assert.deepEqual(await writer.publish(publication(6, 7), TOKEN), { kind: 'base_mismatch', stored: 5 });
    assert.equal((await writer.publicationsAfter(generation(0))).length, 1);
  });

  test('a refused publication leaves no trace, not even of its token', async () => {
    const { writer } = fixture();
    await publish(writer, publication(0, 1));
    const wrongBase = publication(9, 10, [set('a.test', 'a.test', '192.0.2.1')], { 'a.test': facts(1) });
    await writer.publish(wrongBase, { ...TOKEN, revision: 99 });
    assert.equal((await writer.readAll()).zones.size, 0);
    await publish(writer, publication(1, 2), TOKEN);
  });

  test('a publication must lie above its base', async () => {
    const { writer } = fixture();
    await assert.rejects(writer.publish(publication(0, 0), TOKEN), StoreError);
    await publish(writer, publication(0, 5));
    await assert.rejects(writer.publish(publication(5, 4), TOKEN), StoreError);
  });

  test('ticks are read back; an older writer cannot tick, and a ticking one fences older ones', async () => {
    await using reader = fixture().reader();
    const { writer } = fixture();
    await writer.tick(1_000, TOKEN);
    assert.equal(await reader.lastTickMs(), 1_000);
    await writer.tick(2_000, { ...TOKEN, revision: TOKEN.revision - 1 });
    assert.equal(await reader.lastTickMs(), 1_000);
    await writer.tick(500, { ...TOKEN, revision: TOKEN.revision + 1 });
    assert.equal(await reader.lastTickMs(), 500);
    assert.equal((await writer.publish(publication(0, 1), TOKEN)).kind, 'fenced');
  });

  test('a wiped store has no generation and no fence, and is filled anew by a publication on base 0', async () => {
    await using reader = fixture().reader();
    const { writer } = fixture();
    await publish(writer, publication(0, 10, [set('a.test', 'a.test', '192.0.2.1')], { 'a.test': facts(1) }));
    const position = await reader.position();
    await fixture().wipe();
    assert.equal(await reader.generation(), 0);
    assert.deepEqual(await writer.publish(publication(10, 11), TOKEN), { kind: 'base_mismatch', stored: 0 });
    await publish(writer, publication(0, 11));
    const changes = await reader.changesAfter(position, 0);
    assert.deepEqual(
      changes.map(({ publication }) => [publication.base, publication.generation]),
      [[0, 11]],
    );
  });
}

function changeFeed(fixture: Fixture): void {
  test('publications after a generation, oldest first, as they were published', async () => {
    const { writer } = fixture();
    const all = Array.from({ length: 250 }, (_, i) =>
      publication(i, i + 1, [set('a.test', `n${i}.a.test`, '192.0.2.1')]),
    );
    for (const each of all) await publish(writer, each);
    assert.deepEqual(await writer.publicationsAfter(generation(0)), all);
    assert.deepEqual(await writer.publicationsAfter(generation(248)), all.slice(248));
    assert.deepEqual(await writer.publicationsAfter(generation(250)), []);
    assert.deepEqual(await writer.publicationsAfter(generation(1_000)), []);
  });

  test('a reader follows from a position noted before, without gap or repetition', async () => {
    await using reader = fixture().reader();
    const { writer } = fixture();
    await publish(writer, publication(0, 1));
    let position = await reader.position();
    assert.deepEqual(await reader.changesAfter(position, 0), []);
    for (let i = 1; i <= 150; i += 1) await publish(writer, publication(i, i + 1));
    const seen: number[] = [];
    while (seen.length < 150) {
      const changes = await reader.changesAfter(position, 1_000);
      assert.ok(changes.length > 0);
      seen.push(...changes.map(({ publication }) => publication.generation));
      position = changes.at(-1)!.position;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 150 }, (_, i) => i + 2),
    );
    assert.equal(position, await reader.position());
  });

  test('a waiting reader gets the change as soon as it is published, and may ask other things meanwhile', async () => {
    await using reader = fixture().reader();
    const { writer } = fixture();
    const position = await reader.position();
    const waiting = reader.changesAfter(position, 60_000);
    assert.equal(await reader.generation(), 0);
    assert.equal(await reader.lastTickMs(), undefined);
    const sent = publication(0, 1, [set('a.test', 'a.test', '192.0.2.1')], { 'a.test': facts(1) });
    await publish(writer, sent);
    assert.deepEqual(
      (await waiting).map(({ publication }) => publication),
      [sent],
    );
  });

  test('waiting ends empty when nothing comes', async () => {
    await using reader = fixture().reader();
    assert.deepEqual(await reader.changesAfter(await reader.position(), 30), []);
  });

  test('a waiting reader ends with StoreError when it is disposed, and answers nothing more', async () => {
    const reader = fixture().reader();
    const position = await reader.position();
    await eventually(() => reader.connected());
    const waiting = assert.rejects(reader.changesAfter(position, 60_000), StoreError);
    await reader[Symbol.asyncDispose]();
    await waiting;
    assert.equal(reader.connected(), false);
    await assert.rejects(reader.generation(), StoreError);
    await assert.rejects(reader.changesAfter(position, 0), StoreError);
  });
}

/** Any octets: the store knows nothing of their form but where a table differs from the next. */
const TABLE = Uint8Array.from({ length: 300 }, (_, i) => i);

function latencies(fixture: Fixture): void {
  test('the table of round trips comes back octet by octet, and is read whole only when it is another', async () => {
    await using reader = fixture().reader();
    const { writer } = fixture();
    assert.equal(await writer.latencies(), undefined);
    assert.equal(await reader.latencies(undefined), undefined);
    await writer.putLatencies(TABLE, TOKEN);
    for (const read of [await writer.latencies(), await reader.latencies(undefined)]) {
      assert.ok(read instanceof Uint8Array);
      assert.deepEqual([...read], [...TABLE]);
      assert.equal(read.byteOffset % 8, 0, 'typed arrays lie on it');
    }
    assert.equal(await reader.latencies(TABLE), 'known');
    const next = TABLE.with(7, 99);
    await writer.putLatencies(next, TOKEN);
    assert.deepEqual(await reader.latencies(TABLE), next);
    await fixture().wipe();
    assert.equal(await reader.latencies(next), undefined);
  });

  test('an older writer cannot replace the table, and one that does fences older ones', async () => {
    const { writer } = fixture();
    await writer.putLatencies(TABLE, TOKEN);
    const older = { ...TOKEN, revision: TOKEN.revision - 1 };
    await writer.putLatencies(new Uint8Array(20), older);
    assert.deepEqual(await writer.latencies(), TABLE);
    assert.equal((await writer.publish(publication(0, 1), older)).kind, 'fenced');
    await writer.putLatencies(new Uint8Array(20), { ...TOKEN, revision: TOKEN.revision + 1 });
    assert.deepEqual(await writer.latencies(), new Uint8Array(20));
  });

  test('readers and writer share no octets', async () => {
    await using reader = fixture().reader();
    const { writer } = fixture();
    const sent = TABLE.slice();
    await writer.putLatencies(sent, TOKEN);
    sent.fill(0);
    const read = (await reader.latencies(undefined)) as Uint8Array;
    assert.deepEqual(read, TABLE);
    read.fill(0);
    assert.deepEqual(await writer.latencies(), TABLE);
  });
}

function outages(fixture: Fixture): void {
  test('what is read zone by zone may be left amid it, and rejects with StoreError when the store goes', async () => {
    const { writer } = fixture();
    const apexes = Array.from({ length: 130 }, (_, i) => `zone${i}.test`);
    await publish(writer, publication(0, 1, [], Object.fromEntries(apexes.map((apex) => [apex, facts(1)]))));
    await using reader = fixture().reader();
    await eventually(() => reader.connected());
    for await (const { apex } of reader.readZones()) {
      assert.ok(apexes.includes(apex));
      break;
    }
    await assert.rejects(async () => {
      for await (const _ of reader.readZones()) if (reader.connected()) await fixture().stop();
    }, StoreError);
    await fixture().start();
    await eventually(async () => (await readAllZones(reader)).size === apexes.length);
  });

  test('while the store is away everything rejects with StoreError; afterwards all go on', async () => {
    await using reader = fixture().reader();
    const { writer } = fixture();
    await publish(writer, publication(0, 1));
    const position = await reader.position();
    await eventually(() => reader.connected());
    const waiting = assert.rejects(reader.changesAfter(position, 60_000), StoreError);
    await fixture().stop();
    await waiting;
    await eventually(() => !reader.connected());
    const asked = [
      () => writer.generation(),
      () => writer.readAll(),
      () => writer.publish(publication(1, 2), TOKEN),
      () => writer.publicationsAfter(generation(0)),
      () => writer.tick(1, TOKEN),
      () => reader.generation(),
      () => readAllZones(reader),
      () => reader.position(),
      () => reader.lastTickMs(),
      () => writer.latencies(),
      () => writer.putLatencies(TABLE, TOKEN),
      () => reader.latencies(undefined),
      () => reader.changesAfter(position, 0),
    ];
    for (const ask of asked) await assert.rejects(ask, StoreError);
    await fixture().start();
    await eventually(
      () => writer.generation(),
      (stored) => stored === 1,
    );
    await publish(writer, publication(1, 2));
    const changes = await eventually(() => reader.changesAfter(position, 1_000));
    assert.deepEqual(
      changes.map(({ publication }) => publication.generation),
      [2],
    );
    assert.equal(await eventually(() => reader.generation()), 2);
    assert.equal(reader.connected(), true);
  });
}

async function publish(writer: RecordWriter, sent: Publication, token = TOKEN): Promise<void> {
  assert.deepEqual(await writer.publish(sent, token), { kind: 'published' });
}

function generation(value: number): Generation {
  return value as Generation;
}

function publication(
  base: number,
  next: number,
  changes: RecordChange[] = [],
  zones: Publication['zones'] = {},
): Publication {
  return {
    base: generation(base),
    generation: generation(next),
    atMs: 1_700_000_000_000,
    why: [`a test of ${next}`],
    changes,
    zones,
  };
}

function records(address: string): RecordSet {
  return { kind: 'static', ttl: 60, rdata: [address] };
}

function put(zone: string, owner: string, type: string, value: RecordSet | null): RecordChange {
  return { zone, owner, type, before: null, after: value };
}

function set(zone: string, owner: string, address: string): RecordChange {
  return put(zone, owner, 'A', records(address));
}

function tombstone(zone: string, owner: string): RecordChange {
  return put(zone, owner, 'A', null);
}

function facts(serial: number): ZoneFacts {
  const times = { refresh: 3_600, retry: 600, expire: 86_400, negativeTtl: 60, ttl: 3_600 };
  return { soa: { primary: 'ns1.example.', contact: 'hostmaster.example.', serial, ...times } };
}

const STEERED: RecordSet = {
  kind: 'steered',
  ttl: 30,
  policy: 'web',
  rules: [{ when: [{ geos: ['EU'] }], branch: 0 }, { branch: 0 }],
  branches: [{ group: 0 }],
  groups: [
    {
      pool: 'eu',
      type: 'A',
      pick: 'weighted',
      select: 1,
      standing: 'healthy',
      answers: [{ rdata: '192.0.2.1', target: 'eu-a', weight: 100 }],
    },
  ],
};
