/** From record sets to tables in use: which are built, shared, dropped, and what answers have to do with them. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import { parseRecordSetField } from '@signpost/contracts/keys';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import { type GeoDatabase, openGeoDatabase } from '@signpost/geo/mmdb-file';
import type { ClientTable } from '@signpost/policy/client-table';
import { eventually } from '@signpost/testkit/eventually';
import { writeMmdb } from '@signpost/testkit/write-mmdb';

import type { ZonePortion } from '../replica/record-sink.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { askContext, contextFor, facts, group, shown, steeredSet, zoneOf } from '../testing/sample-zone.ts';
import { ClientTables, MOST_TABLES } from './client-tables.ts';
import { FlattenedRules } from './flattened-rules.ts';

const APEX = 'example.net';
const pools = ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((rdata) => group('A', [rdata]));

function databaseOf(countries: Readonly<Record<string, string>>): GeoDatabase {
  const networks = Object.entries(countries).map(([prefix, code]) => ({
    prefix,
    record: { country_code: code },
  }));
  return openGeoDatabase(writeMmdb(networks, { ipVersion: 6 }), 'geo.mmdb');
}

const BRITISH = databaseOf({
  '81.2.68.0/24': 'GB',
  '81.2.69.0/24': 'GB',
  '2a02::/32': 'GB',
  '8.0.0.0/8': 'US',
});
const ofEurope = { rules: [{ when: [{ geos: ['EU'] }], branch: 1 }, { branch: 0 }] };
const ofSubnet = (subnet: string) => ({
  rules: [{ when: [{ subnets: [subnet] }], branch: 1 }, { branch: 0 }],
});

/** An authority without threads and sockets. */
function authority(t: TestContext, geo: GeoDatabase = BRITISH) {
  const flattened = new FlattenedRules();
  const sink = new MemorySink((set) => flattened.of(set));
  const published: [rules: string, table: ClientTable | undefined][] = [];
  const stop = new AbortController();
  t.after(() => stop.abort());
  let current = geo;
  const tables = new ClientTables({
    publish: async (rules, table) => {
      published.push([rules, table]);
      flattened.put(rules, table);
    },
    signal: stop.signal,
    onFailure: (error) => assert.fail(String(error)),
  });
  const watched = tables.watching(sink);
  let generation = 0;
  const context = contextFor(sink.snapshot);
  context.client.places = geo;
  return {
    tables,
    published,
    start: () => tables.buildFrom({ geo: { current: () => current }, systems: undefined }),
    /** As the worker does. */
    setGeo: (next: GeoDatabase) => {
      current = next;
      context.client.places = next;
      flattened.forget('usesPlaces');
      tables.lookAgain();
    },
    load: async (...zones: ZonePortion[]) => {
      await watched.begin();
      for (const zone of zones) await watched.addPortion(zone);
      await watched.swap((generation += 1) as Generation);
    },
    change: async (field: string, after: SteeredRecordSet | null) => {
      const changes = [{ zone: APEX, ...parseRecordSetField(field), before: null, after }];
      const base = generation as Generation;
      const next = (generation += 1) as Generation;
      await watched.apply([
        { base, generation: next, atMs: 0, why: [], changes, zones: { [APEX]: facts(APEX) } },
      ]);
    },
    removeZone: async () => {
      const base = generation as Generation;
      const next = (generation += 1) as Generation;
      await watched.apply([
        { base, generation: next, atMs: 0, why: [], changes: [], zones: { [APEX]: null } },
      ]);
    },
    ask: (subnet: string, name = `go.${APEX}`) => {
      context.snapshot = sink.snapshot;
      const { answers, edns } = askContext(context, { name, type: 'A', subnet });
      return [shown(answers)[0]?.split(' ').at(-1), edns?.clientSubnet?.scopePrefixLength];
    },
  };
}

const zone = (sets: Readonly<Record<string, SteeredRecordSet>>) =>
  zoneOf(
    APEX,
    'www A 192.0.2.9',
    Object.fromEntries(Object.entries(sets).map(([name, set]) => [`${name}.${APEX}|A`, set])),
  );

test('answers are the same before and after the table is there, and hold for more clients', async (t) => {
  const { start, load, ask, tables } = authority(t);
  await load(zone({ go: steeredSet(pools, ofEurope) }));
  const before = ['81.2.69.0/24', '8.8.8.0/24', '81.0.0.0/8', '2a02:1::/32'].map((subnet) => ask(subnet));
  assert.deepEqual(before[0], ['192.0.2.2', 24]);
  assert.equal(tables.missing, 1);
  start();
  await eventually(() => tables.built === 1);
  const after = ['81.2.69.0/24', '8.8.8.0/24', '81.0.0.0/8', '2a02:1::/32'].map((subnet) => ask(subnet));
  assert.deepEqual(after, [['192.0.2.2', 23], ['192.0.2.1', 2], ...before.slice(2)]);
  assert.deepEqual([tables.missing, tables.octets > 0], [0, true]);
});

test('record sets with equal rules share one table, and rules that look at nothing need none', async (t) => {
  const { start, load, ask, tables, published } = authority(t);
  start();
  const other = steeredSet(pools.toReversed(), { ...ofEurope, ttl: 7 });
  await load(zone({ go: steeredSet(pools, ofEurope), other, all: steeredSet(pools) }));
  await eventually(() => tables.built === 1);
  assert.deepEqual(ask('81.2.69.0/24', `other.${APEX}`), ['192.0.2.2', 23]);
  assert.deepEqual([tables.missing, published.length], [0, 1]);
});

test('when rules change they are walked until a table is there, and rules that return have theirs at once', async (t) => {
  const { start, load, change, ask, tables, published } = authority(t);
  start();
  await load(zone({ go: steeredSet(pools, ofEurope) }));
  await eventually(() => tables.built === 1);
  await change(`go.${APEX}|A`, steeredSet(pools, ofSubnet('81.2.64.0/18')));
  assert.deepEqual(ask('81.2.69.0/24'), ['192.0.2.2', 18]);
  await eventually(() => tables.built === 2);
  assert.deepEqual(ask('81.2.69.0/24'), ['192.0.2.2', 18]);
  assert.deepEqual(ask('81.3.0.0/16'), ['192.0.2.1', 16]);
  await change(`go.${APEX}|A`, null);
  await change(`go.${APEX}|A`, steeredSet(pools, ofEurope));
  assert.deepEqual(ask('81.2.69.0/24'), ['192.0.2.2', 23]);
  assert.deepEqual([tables.missing, published.length], [0, 2]);
});

test('another database ends what was built from the one before, and nothing else', async (t) => {
  const { start, load, setGeo, ask, tables, published } = authority(t);
  start();
  const offices = steeredSet(pools, ofSubnet('81.2.64.0/18'));
  await load(zone({ go: steeredSet(pools, ofEurope), offices }));
  await eventually(() => tables.built === 2);
  setGeo(databaseOf({ '81.2.69.0/24': 'US', '8.0.0.0/8': 'GB' }));
  assert.deepEqual(ask('81.2.69.0/24'), ['192.0.2.1', 24]);
  await eventually(() => tables.built === 2 && published.length === 3);
  assert.deepEqual(ask('81.2.69.0/24'), ['192.0.2.1', 2]);
  assert.deepEqual(ask('8.8.8.0/24'), ['192.0.2.2', 8]);
});

test('a table under way when another database comes is never published', async (t) => {
  const networks = Array.from({ length: 20_000 }, (_, i) => [`8.${i >> 8}.${i & 0xff}.0/25`, 'US'] as const);
  const { start, load, setGeo, ask, tables, published } = authority(
    t,
    databaseOf(Object.fromEntries(networks)),
  );
  await load(zone({ go: steeredSet(pools, ofEurope) }));
  start();
  assert.equal(published.length, 0);
  setGeo(BRITISH);
  await eventually(() => tables.built === 1);
  assert.equal(published.length, 1);
  assert.deepEqual(ask('81.2.69.0/24'), ['192.0.2.2', 23]);
});

test('there are so many tables at most, those of the most record sets; the rest is walked until there is room', async (t) => {
  const { start, load, change, ask, tables } = authority(t);
  const sets = Array.from({ length: MOST_TABLES + 1 }, (_, i) => [
    [`a${i}`, steeredSet(pools, ofSubnet(`10.${i}.0.0/16`))] as const,
    ...(i === 0 ? [] : [[`b${i}`, steeredSet(pools, ofSubnet(`10.${i}.0.0/16`))] as const]),
  ]);
  await load(zone(Object.fromEntries(sets.flat())));
  start();
  await eventually(() => tables.built === MOST_TABLES);
  assert.equal(tables.missing, 1);
  assert.deepEqual(ask('10.0.0.0/16', `a0.${APEX}`), ['192.0.2.2', 16]);
  for (const name of ['a1', 'b1']) await change(`${name}.${APEX}|A`, null);
  await eventually(() => tables.missing === 0);
  assert.equal(tables.built, MOST_TABLES);
});

test('a table gives way when nobody uses it and there is no room for another', async (t) => {
  const { start, load, ask, tables, published } = authority(t);
  start();
  const many = (from: number, to: number) =>
    zone(
      Object.fromEntries(
        Array.from({ length: to - from }, (_, i) => [
          `a${from + i}`,
          steeredSet(pools, ofSubnet(`10.${from + i}.0.0/16`)),
        ]),
      ),
    );
  await load(many(0, MOST_TABLES));
  await eventually(() => tables.built === MOST_TABLES);
  await load(many(2, MOST_TABLES + 1));
  await eventually(() => tables.missing === 0);
  const given = published.filter(([, table]) => table === undefined);
  assert.deepEqual(given, [[published[0]![0], undefined]], 'the oldest');
  assert.deepEqual(ask('10.64.0.0/16', `a64.${APEX}`), ['192.0.2.2', 16]);
});

test('a zone that goes takes its rules with it', async (t) => {
  const { start, load, removeZone, tables } = authority(t);
  await load(zone({ go: steeredSet(pools, ofEurope), also: steeredSet(pools, ofEurope) }));
  assert.equal(tables.missing, 1);
  await removeZone();
  assert.equal(tables.missing, 0);
  start();
  assert.equal(tables.built, 0);
});
