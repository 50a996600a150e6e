import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NO_GENERATION } from '@signpost/contracts/brands';
import { HEALTH_STATES, type HealthState } from '@signpost/contracts/health';
import { MAX_CHANGES_PER_PUBLICATION } from '@signpost/contracts/keys';
import type { RecordSet, StaticRecordSet, SteeredRecordSet } from '@signpost/contracts/record-set';
import type { OverrideSetting } from '@signpost/contracts/override';
import type { StoredRecords } from '@signpost/contracts/record-store';
import { createMemoryRecordStore } from '@signpost/memory/record-store';
import type { HealthView } from '@signpost/policy/health-view';
import fc from 'fast-check';

import { EXAMPLE_YAML, exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import { compileZones, type CompiledZones } from './compile-zone.ts';
import { diffZones, nextSerial } from './diff-zone.ts';
import { applyPublication, splitPublication } from './split-publication.ts';

const EMPTY: StoredRecords = { generation: NO_GENERATION, zones: new Map() };
const WALL_MS = 1_800_000_000_000;
const options = { wallMs: WALL_MS, serials: new Map<string, number>() };

function healthOf(states: Readonly<Record<string, HealthState>>): HealthView {
  return (_monitor, target) => {
    const state = states[target] ?? 'up';
    return { state, ipv4: state, ipv6: state, reason: 'test' };
  };
}

function compiled(states: Readonly<Record<string, HealthState>> = {}) {
  return compileZones(buildTopology(exampleConfiguration()), healthOf(states));
}

test('a zone holds its static records, its NS and what its policies compile to', () => {
  const zone = compiled().get('example.net')!;
  assert.deepEqual([...zone.recordSets.keys()].toSorted(), [
    '*.wild.example.net|A',
    'a.b.example.net|A',
    'example.net|MX',
    'example.net|NS',
    'example.net|TXT',
    'go.example.net|A',
    'go.example.net|AAAA',
    'ns1.example.net|A',
    'ns2.example.net|A',
    'www.example.net|CNAME',
  ]);
  assert.deepEqual(zone.recordSets.get('www.example.net|CNAME'), {
    kind: 'static',
    ttl: 300,
    rdata: ['go.example.net.'],
  });
  assert.deepEqual((zone.recordSets.get('example.net|NS') as StaticRecordSet).rdata, [
    'ns1.example.net.',
    'ns2.example.net.',
  ]);
  assert.equal((zone.recordSets.get('example.net|MX') as StaticRecordSet).ttl, 3_600);
});

test('the name of a pool is answered by it though all of it is down, and as the policy has it when it is taken out: a drain ends', () => {
  const yaml = EXAMPLE_YAML.replace('go: { steer: global }', 'go: { steer: global, types: [A, HTTPS] }');
  const targetsOf = (settings: Readonly<Record<string, OverrideSetting>>, states = {}) => {
    const inForce = (target: string) => {
      const set = settings[target];
      return set && { set, by: 'ops', reason: 'test', untilMs: 8e12 };
    };
    const overrides = { inForce, beginsWithin: () => false };
    const zones = compileZones(buildTopology(exampleConfiguration(yaml)), healthOf(states), { overrides });
    const set = zones.get('example.net')!.recordSets.get('eu.go.example.net|A') as SteeredRecordSet;
    return [...new Set(set.groups.flatMap(({ answers }) => answers.map(({ target }) => target)))];
  };
  assert.deepEqual(targetsOf({}), ['eu-a', 'eu-b']);
  assert.deepEqual(targetsOf({ 'eu-a': 'drain' }), ['eu-b']);
  assert.deepEqual(targetsOf({ 'eu-a': 'drain', 'eu-b': 'drain' }), ['us-a']);
  assert.deepEqual(targetsOf({ 'eu-a': 'drain', 'eu-b': 'drain' }, { 'eu-a': 'down' }), ['us-a']);
  assert.deepEqual(targetsOf({ 'eu-a': 'down', 'eu-b': 'down' }), ['us-a']);
  assert.deepEqual(targetsOf({}, { 'eu-a': 'down', 'eu-b': 'down' }), ['eu-a', 'eu-b']);
});

test('name servers have the TTL of the zone, or their own', () => {
  const configuration = exampleConfiguration();
  const { zones } = configuration;
  const ttlOfNs = (ttls: object): number => {
    const changed = { ...zones['example.net']!, ...ttls };
    const topology = buildTopology({ ...configuration, zones: { ...zones, 'example.net': changed } });
    const set = compileZones(topology, healthOf({})).get('example.net')!.recordSets.get('example.net|NS');
    return (set as StaticRecordSet).ttl;
  };
  assert.equal(ttlOfNs({ ttl: 300 }), 300);
  assert.equal(ttlOfNs({ ttl: 300, ns_ttl: 172_800 }), 172_800);
});

test('a target that is down is in no record set', () => {
  const set = compiled({ 'eu-b': 'down' }).get('example.net')!.recordSets.get('go.example.net|A')!;
  assert.ok(!JSON.stringify(set).includes('192.0.2.11'));
  assert.ok(JSON.stringify(set).includes('192.0.2.10'));
});

test('a serial is never lower than the clock, never repeats and wraps to 1', () => {
  assert.equal(nextSerial(0, 1_800_000_000_000), 1_800_000_000);
  assert.equal(nextSerial(1_900_000_000, 1_800_000_000_000), 1_900_000_001);
  assert.equal(nextSerial(0xffff_ffff, 0), 1);
});

function publishAll(stored: StoredRecords, next: CompiledZones, wallMs = WALL_MS): StoredRecords {
  const diffs = diffZones(stored.zones, next, { ...options, wallMs });
  const publications = splitPublication(diffs, {
    base: stored.generation,
    newest: stored.generation,
    atMs: wallMs,
    why: [],
  });
  return publications.reduce(applyPublication, stored);
}

test('the serial moves with a change of the zone and only then', () => {
  const first = publishAll(EMPTY, compiled());
  const serial = (records: StoredRecords) => records.zones.get('example.net')!.facts!.soa.serial;
  assert.deepEqual(diffZones(first.zones, compiled(), { ...options, wallMs: WALL_MS + 9_000 }), []);
  const second = publishAll(first, compiled({ 'eu-a': 'down' }), WALL_MS + 9_000);
  assert.equal(serial(second), serial(first) + 9);
});

test('a serial that was given is not taken back by a store that was wiped', () => {
  const [diff] = diffZones(new Map(), compiled(), { wallMs: 0, serials: new Map([['example.net', 77]]) });
  assert.equal(diff!.facts!.soa.serial, 78);
});

test('a stored value that cannot be decoded is written anew, or deleted when nothing belongs there', () => {
  const zones = compiled();
  const { recordSets } = zones.get('example.net')!;
  const [field] = recordSets.keys();
  const readable = new Map([...recordSets].filter(([name]) => name !== field));
  const zone = { facts: undefined, recordSets: readable, unreadable: [field!, 'gone.example.net|A'] };
  const [diff] = diffZones(new Map([['example.net', zone]]), zones, { ...options, wallMs: WALL_MS });
  assert.ok(diff!.changes.every(({ before }) => before === null));
  assert.deepEqual(
    new Map(diff!.changes.map(({ owner, type, after }) => [`${owner}|${type}`, after])),
    new Map([
      [field!, recordSets.get(field!)!],
      ['gone.example.net|A', null],
    ]),
  );
});

test('a zone that is no longer configured is removed with all it held', () => {
  const stored = publishAll(EMPTY, compiled());
  assert.deepEqual(publishAll(stored, new Map()).zones, new Map());
});

const anyStates = fc.record(
  Object.fromEntries(
    ['eu-a', 'eu-b', 'us-a', 'static-a'].map((name) => [name, fc.constantFrom(...HEALTH_STATES)]),
  ),
) as fc.Arbitrary<Record<string, HealthState>>;

test('what a diff is applied to equals what was compiled, in memory and in the store', async () => {
  await fc.assert(
    fc.asyncProperty(anyStates, anyStates, async (before, after) => {
      const { writer } = createMemoryRecordStore();
      let stored = EMPTY;
      for (const states of [before, after]) {
        const next = compiled(states);
        const diffs = diffZones(stored.zones, next, options);
        for (const publication of splitPublication(diffs, {
          base: stored.generation,
          newest: stored.generation,
          atMs: WALL_MS,
          why: [],
        })) {
          const outcome = await writer.publish(publication, { createdAtMs: 1, revision: 1 });
          assert.deepEqual(outcome, { kind: 'published' });
          stored = applyPublication(stored, publication);
        }
        assert.deepEqual(stored.zones.get('example.net')!.recordSets, next.get('example.net')!.recordSets);
        assert.deepEqual(await writer.readAll(), stored);
        assert.deepEqual(diffZones((await writer.readAll()).zones, next, options), []);
      }
    }),
    { numRuns: 40 },
  );
});

test('split publications chain, stay small, and move the facts of a zone with its last change', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 2_500 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(sizes, (counts) => {
      const { soa } = compiled().get('example.net')!;
      const set: RecordSet = { kind: 'static', ttl: 1, rdata: ['192.0.2.1'] };
      const zones: CompiledZones = new Map(
        counts.map((count, i) => [
          `z${i}`,
          { soa, recordSets: new Map(Array.from({ length: count }, (_, n) => [`n${n}.z${i}|A`, set])) },
        ]),
      );
      const publications = splitPublication(diffZones(new Map(), zones, options), {
        base: NO_GENERATION,
        newest: NO_GENERATION,
        atMs: WALL_MS,
        why: ['test'],
      });
      let base: number = NO_GENERATION;
      const waiting = new Map(counts.map((count, i) => [`z${i}`, count]));
      for (const publication of publications) {
        assert.equal(publication.base, base);
        assert.ok(publication.generation > base);
        assert.ok(publication.changes.length <= MAX_CHANGES_PER_PUBLICATION);
        for (const { zone } of publication.changes) waiting.set(zone, waiting.get(zone)! - 1);
        for (const apex of Object.keys(publication.zones)) assert.equal(waiting.get(apex), 0);
        base = publication.generation;
      }
      const facts = publications.flatMap((publication) => Object.keys(publication.zones));
      assert.deepEqual(facts.toSorted(), [...zones.keys()].toSorted());
      assert.deepEqual(
        publications.reduce(applyPublication, EMPTY).zones.get('z0')!.recordSets,
        zones.get('z0')!.recordSets,
      );
    }),
    { numRuns: 30 },
  );
});
