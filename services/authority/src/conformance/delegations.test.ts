/** Zone cuts, zones within zones and the root: RFC 1034 4.2.1, 4035 3.1.4.1, 9471. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import type { RecordSet } from '@signpost/contracts/record-set';

import { type AnswerRow, answerTable } from '../testing/answer-table.ts';
import { askContext, contextFor, shown, snapshotOf, zoneOf } from '../testing/sample-zone.ts';

const PARENT = zoneOf(
  'example.net',
  `@         NS    ns.example.net.
   ns        A     192.0.2.53
   child     NS    ns.child.example.net.
   child     DS    1 13 2 ${'ab'.repeat(32)}
   ns.child  A     192.0.2.54
   hidden.child A  192.0.2.55
   cut       NS    ns.cut.example.net.
   ns.cut    A     192.0.2.56
   *.cut     A     192.0.2.57`,
);
const CHILD = zoneOf(
  'child.example.net',
  '@ A 192.0.2.60\nwww A 192.0.2.61\n@ NS ns.child.example.net.\nns A 192.0.2.54',
);
const GRANDCHILD = zoneOf('a.cut.example.net', '@ A 192.0.2.62');
const PARENT_SOA = 'example.net SOA ttl 60';
const CHILD_SOA = 'child.example.net SOA ttl 60';

describe("pitfall 21: the DS at a zone cut is the parent's", () => {
  describe('parent and child served', () => {
    answerTable(contextFor(snapshotOf(PARENT, CHILD)), [
      ['child.example.net', 'DS', 'NOERROR', ['child.example.net DS ']],
      ['child.example.net', 'A', 'NOERROR', ['child.example.net A 192.0.2.60']],
      ['child.example.net', 'SOA', 'NOERROR', ['child.example.net SOA ttl 3600']],
      ['www.child.example.net', 'DS', 'NOERROR', [], CHILD_SOA],
      ['hidden.child.example.net', 'A', 'NXDOMAIN', [], CHILD_SOA],
      ['example.net', 'DS', 'NOERROR', [], PARENT_SOA],
    ]);
  });
  describe('the parent alone', () => {
    answerTable(contextFor(snapshotOf(PARENT)), [
      ['child.example.net', 'DS', 'NOERROR', ['child.example.net DS ']],
      ['cut.example.net', 'DS', 'NOERROR', [], PARENT_SOA],
      ['child.example.net', 'A', 'NOERROR', [], 'child.example.net NS ns.child.example.net'],
      ['www.child.example.net', 'DS', 'NOERROR', [], 'child.example.net NS ns.child.example.net'],
      ['child.example.net', 'DNSKEY', 'NOERROR', [], 'child.example.net NS ns.child.example.net'],
    ]);
  });
  describe('the child alone', () => {
    answerTable(contextFor(snapshotOf(CHILD)), [
      ['child.example.net', 'DS', 'NOERROR', [], CHILD_SOA],
      ['example.net', 'DS', 'REFUSED', []],
    ]);
  });
  describe("another's zone between two of ours: the lower one says that it holds none", () => {
    answerTable(contextFor(snapshotOf(PARENT, GRANDCHILD)), [
      ['a.cut.example.net', 'DS', 'NOERROR', [], 'a.cut.example.net SOA ttl 60'],
      ['b.cut.example.net', 'DS', 'NOERROR', [], 'cut.example.net NS ns.cut.example.net'],
      ['a.cut.example.net', 'A', 'NOERROR', ['a.cut.example.net A 192.0.2.62']],
    ]);
  });
});

test('a cut hides all below it, wildcards too, and refers without AA', () => {
  const context = contextFor(snapshotOf(PARENT));
  for (const name of ['cut.example.net', 'x.cut.example.net', 'ns.cut.example.net', 'x.y.cut.example.net']) {
    for (const type of ['A', 'NS', 'ANY', 'SOA', 'CNAME']) {
      const { rcode, flags, answers, authorities, additionals } = askContext(context, { name, type });
      assert.deepEqual([rcode, flags.aa, answers], ['NOERROR', false, []], `${name} ${type}`);
      assert.deepEqual(shown(authorities), ['cut.example.net NS ns.cut.example.net']);
      assert.deepEqual(shown(additionals), ['ns.cut.example.net A 192.0.2.56']);
    }
  }
});

test('RFC 9471: all glue below the cut is sent, however many servers there are', () => {
  const servers = Array.from({ length: 50 }, (_, i) => `cut NS n${i}.cut.g.test.\nn${i}.cut A 192.0.2.${i}`);
  const { flags, additionals } = askContext(contextFor(snapshotOf(zoneOf('g.test', servers.join('\n')))), {
    name: 'x.cut.g.test',
    type: 'A',
    tcp: true,
  });
  assert.deepEqual([flags.tc, additionals.length], [false, 50]);
});

test('RFC 2181 5: a record that stands twice, be it in other letters, is sent once', () => {
  const twice = zoneOf(
    'd.test',
    '@ NS ns.d.test.\n@ NS NS.d.test.\n@ MX 1 ns.d.test.\n@ MX 1 nS.d.test.\n@ TXT "a"\n@ TXT "A"\n@ TXT "a"',
  );
  const context = contextFor(snapshotOf(twice));
  const count = (type: string): number => askContext(context, { name: 'd.test', type }).answers.length;
  assert.deepEqual([count('NS'), count('MX'), count('TXT')], [1, 1, 2]);
});

function fixed(field: string, rdata: string): readonly [string, RecordSet] {
  return [field, { kind: 'static', ttl: 300, rdata: [rdata] }];
}

describe('the root zone', () => {
  const root = { ...zoneOf('', ''), apex: '.' };
  const recordSets = [
    fixed('.|NS', 'a.root.'),
    fixed('a.root|A', '192.0.2.1'),
    fixed('net|NS', 'ns.net.'),
    fixed('ns.net|A', '192.0.2.2'),
    fixed('net|DS', `1 13 2 ${'ab'.repeat(32)}`),
  ];
  const facts = zoneOf('root', '').facts;
  answerTable(contextFor(snapshotOf({ ...root, facts, recordSets }, PARENT)), [
    ['.', 'NS', 'NOERROR', ['. NS a.root']],
    ['.', 'SOA', 'NOERROR', ['. SOA ttl 3600']],
    ['.', 'A', 'NOERROR', [], '. SOA ttl 60'],
    ['.', 'DS', 'NOERROR', [], '. SOA ttl 60'],
    ['root', 'A', 'NOERROR', [], '. SOA ttl 60'],
    ['org', 'A', 'NXDOMAIN', [], '. SOA ttl 60'],
    ['x.net', 'A', 'NOERROR', [], 'net NS ns.net'],
    ['net', 'DS', 'NOERROR', ['net DS ']],
    ['ns.example.net', 'A', 'NOERROR', ['ns.example.net A 192.0.2.53']],
    ['example.net', 'DS', 'NOERROR', [], 'example.net SOA ttl 60'],
  ]);

  test('a wildcard at the root answers every name', () => {
    const wild = [fixed('*|A', '192.0.2.3')];
    const context = contextFor(snapshotOf({ ...root, facts, recordSets: wild }));
    assert.deepEqual(shown(askContext(context, { name: 'a.b', type: 'A' }).answers), ['a.b A 192.0.2.3']);
    assert.equal(askContext(context, { name: '.', type: 'A' }).answers.length, 0);
  });
});

const rows: readonly AnswerRow[] = [
  ['a.b.nest.test', 'A', 'NOERROR', ['a.b.nest.test A 192.0.2.1']],
  ['x.b.nest.test', 'A', 'NXDOMAIN', [], 'b.nest.test SOA ttl 60'],
  ['x.nest.test', 'A', 'NOERROR', ['x.nest.test A 192.0.2.2']],
];
describe('zones within zones: the deepest zone alone answers', () => {
  answerTable(
    contextFor(
      snapshotOf(
        zoneOf('nest.test', '* A 192.0.2.2\na.b A 192.0.2.9\nc.b A 192.0.2.9'),
        zoneOf('b.nest.test', 'a A 192.0.2.1'),
      ),
    ),
    rows,
  );
});
