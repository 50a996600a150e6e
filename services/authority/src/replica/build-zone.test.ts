/** H12: zones built whole and change by change are the same, and a bad record harms nothing but itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';
import type { RecordSet } from '@signpost/contracts/record-set';
import { formatName } from '@signpost/dns/name-text';
import { parseName } from '@signpost/dns/name-text';
import * as fc from 'fast-check';

import { facts, snapshotOf, zoneOf } from '../testing/sample-zone.ts';
import { SnapshotBuilder } from './build-snapshot.ts';
import { SnapshotHolder } from './snapshot-holder.ts';
import { EMPTY_SNAPSHOT, type Snapshot } from './zone.ts';

const APEX = 'example.net';
const set = (octet: number): RecordSet => ({ kind: 'static', ttl: 60, rdata: [`192.0.2.${octet}`] });

function publication(changes: Publication['changes'], zones: Publication['zones'] = {}): Publication {
  return { base: 1 as Generation, generation: 2 as Generation, atMs: 0, why: [], changes, zones };
}

function change(owner: string, after: RecordSet | null, type = 'A'): Publication['changes'][number] {
  return { zone: APEX, owner, type, before: null, after };
}

function applied(from: Snapshot, ...publications: Publication[]): Snapshot {
  const builder = new SnapshotBuilder(from);
  for (const each of publications) builder.apply(each);
  assert.deepEqual(builder.problems, []);
  return builder.finish(2 as Generation);
}

/** All that a query could see, in one order. */
function content(snapshot: Snapshot): unknown {
  const zone = snapshot.zones.get(APEX)!;
  const names = [...zone.names].map((node) => [
    formatName(node.name),
    node.rrsets.map((rrset) => [rrset.type, rrset.kind === 'static' ? rrset.records : []]),
    node.children,
    node.wildcard === undefined ? '' : node.wildcard.rrsets.length,
    node.isCut,
  ]);
  return [
    zone.redirects,
    zone.recordSets,
    zone.names.size,
    names.toSorted((a, b) => (a[0]! < b[0]! ? -1 : 1)),
  ];
}

test('any row of changes ends in the zone that its last state builds at once', () => {
  const owner = fc
    .array(fc.constantFrom('a', 'b', '*', 'c'), { maxLength: 4 })
    .map((labels) => [...labels, APEX].join('.'));
  const edit = fc.record({ owner, type: fc.constantFrom('A', 'NS'), value: fc.option(fc.nat(3)) });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 40 }), fc.nat(5), (edits, size) => {
      let snapshot = snapshotOf({ apex: APEX, facts: facts(APEX), recordSets: [] });
      const last = new Map<string, RecordSet>();
      for (let i = 0; i < edits.length; i += size + 1) {
        const changes = edits.slice(i, i + size + 1).map(({ owner, type, value }) => {
          const rdata = type === 'A' ? `192.0.2.${value}` : `ns${value}.${APEX}.`;
          const after: RecordSet | null = value === null ? null : { kind: 'static', ttl: 60, rdata: [rdata] };
          if (after === null) last.delete(`${owner}|${type}`);
          else last.set(`${owner}|${type}`, after);
          return change(owner, after, type);
        });
        snapshot = applied(snapshot, publication(changes));
        snapshot = applied(snapshot, publication(changes)); // twice is harmless
      }
      const whole = snapshotOf({ apex: APEX, facts: facts(APEX), recordSets: [...last] });
      assert.deepEqual(content(snapshot), content(whole));
    }),
    { numRuns: 200 },
  );
});

test('a change leaves the snapshot it came from as it was', () => {
  const before = snapshotOf(zoneOf(APEX, 'www A 192.0.2.1\na.b.c A 192.0.2.2'));
  const shown = JSON.stringify(content(before));
  const after = applied(
    before,
    publication([change('www.example.net', set(9)), change('a.b.c.example.net', null)]),
  );
  assert.equal(JSON.stringify(content(before)), shown);
  assert.notEqual(JSON.stringify(content(after)), shown);
});

test('a change touches only its own name: every other node is the same object', () => {
  const names = Array.from({ length: 500 }, (_, i) => `host${i} A 192.0.2.1`).join('\n');
  const before = snapshotOf(zoneOf(APEX, names));
  const after = applied(before, publication([change('host7.example.net', set(9))]));
  const old = new Set(before.zones.get(APEX)!.names);
  const fresh = [...after.zones.get(APEX)!.names].filter((node) => !old.has(node));
  assert.deepEqual(
    fresh.map((node) => formatName(node.name)),
    ['host7.example.net'],
  );
});

test('empty non-terminals and wildcards come and go with the names below them', () => {
  const empty = snapshotOf({ apex: APEX, facts: facts(APEX), recordSets: [] });
  const full = applied(empty, publication([change('*.x.y.example.net', set(1))]));
  const find = (snapshot: Snapshot, name: string) => {
    const wire = parseName(name);
    return snapshot.zones.get(APEX)!.names.find(wire, 0, wire.length);
  };
  assert.equal(find(full, 'x.y.example.net')!.wildcard, find(full, '*.x.y.example.net'));
  assert.deepEqual(find(full, 'y.example.net')!.rrsets, []);
  const again = applied(full, publication([change('*.x.y.example.net', null)]));
  assert.deepEqual(
    [...again.zones.get(APEX)!.names].map((node) => formatName(node.name)),
    [APEX],
  );
});

test('a record that cannot be served is named and left out; what stood there before stays', () => {
  const holder = new SnapshotHolder();
  holder.addPortion(zoneOf(APEX, 'www A 192.0.2.1\nother A 192.0.2.2'));
  holder.swap(1 as Generation);
  const bad: RecordSet = { kind: 'static', ttl: 60, rdata: ['192.0.2.300'] };
  const problems = holder.apply([
    publication([
      change('www.example.net', bad),
      change('bad..example.net', set(1)),
      change('www.example.com', set(1)),
      change('other.example.net', set(3)),
    ]),
  ]);
  assert.deepEqual(
    problems.map(({ owner }) => owner),
    ['www.example.net', 'bad..example.net', 'www.example.com'],
  );
  const good = snapshotOf(zoneOf(APEX, 'www A 192.0.2.1'), zoneOf(APEX, 'other A 192.0.2.3'));
  assert.equal(JSON.stringify(content(holder.current)).includes('300'), false);
  assert.deepEqual(
    [...holder.current.zones.get(APEX)!.names].length,
    [...good.zones.get(APEX)!.names].length,
  );
});

test('a zone without facts is not served, and one that loses them is gone', () => {
  const builder = new SnapshotBuilder(EMPTY_SNAPSHOT);
  builder.addPortion({ ...zoneOf(APEX, 'www A 192.0.2.1'), facts: undefined });
  const first = builder.finish(1 as Generation);
  assert.deepEqual([first.served.size, first.zones.size], [0, 1]);
  const second = applied(first, publication([], { [APEX]: facts(APEX) }));
  assert.deepEqual([second.served.size, [...second.zones.get(APEX)!.names].length], [1, 2]);
  const third = applied(second, publication([], { [APEX]: null }));
  assert.deepEqual([third.served.size, third.zones.size], [0, 0]);
});
