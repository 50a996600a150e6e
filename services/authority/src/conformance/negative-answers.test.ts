/** What does not exist, and what exists without data: RFC 1034 4.3.2, 2308, 4592 2.2.2, 8020. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { seededDraw } from '@signpost/testkit/seeded-draw';

import { type AnswerRow, answerTable } from '../testing/answer-table.ts';
import {
  askContext,
  contextFor,
  facts,
  group,
  shown,
  snapshotOf,
  steeredSet,
  zoneOf,
} from '../testing/sample-zone.ts';

const zone = zoneOf(
  'example.net',
  `@          NS    ns.example.net.
   ns         A     192.0.2.53
   v4         A     192.0.2.1
   text       TXT   "x"
   a.b.c      A     192.0.2.2
   _x._tcp.s  SRV   1 2 3 v4.example.net.
   under.*.w  A     192.0.2.3`,
  {
    'pool.example.net|A': steeredSet([group('A', ['192.0.2.9'])]),
    'pool.example.net|AAAA': steeredSet([group('AAAA', [], { standing: 'nodata' })]),
    'only6.example.net|AAAA': steeredSet([group('AAAA', [], { standing: 'nodata' })]),
  },
);
const context = contextFor(snapshotOf(zone));
const table = (rows: readonly AnswerRow[]): void => answerTable(context, rows);
const SOA = 'example.net SOA ttl 60';

describe('pitfall 1: a type that is missing is NODATA, never NXDOMAIN', () => {
  table([
    ['v4.example.net', 'AAAA', 'NOERROR', [], SOA],
    ['v4.example.net', 'TYPE65280', 'NOERROR', [], SOA],
    ['text.example.net', 'A', 'NOERROR', [], SOA],
    ['example.net', 'AAAA', 'NOERROR', [], SOA],
    ['pool.example.net', 'AAAA', 'NOERROR', [], 'example.net SOA ttl 20'],
    ['pool.example.net', 'MX', 'NOERROR', [], SOA],
    ['only6.example.net', 'AAAA', 'NOERROR', [], 'example.net SOA ttl 20'],
    ['only6.example.net', 'A', 'NOERROR', [], SOA],
  ]);
});

describe('pitfall 2: empty non-terminals exist', () => {
  table([
    ['c.example.net', 'A', 'NOERROR', [], SOA],
    ['b.c.example.net', 'ANY', 'NOERROR', [], SOA],
    ['_tcp.s.example.net', 'NS', 'NOERROR', [], SOA],
    ['s.example.net', 'SOA', 'NOERROR', [], SOA],
    ['*.w.example.net', 'A', 'NOERROR', [], SOA],
    ['x.b.c.example.net', 'A', 'NXDOMAIN', [], SOA],
    ['x.a.b.c.example.net', 'A', 'NXDOMAIN', [], SOA],
  ]);
});

describe('RFC 2308 3: a denial has the SOA, whose TTL is the lower of its own and of MINIMUM', () => {
  for (const [ttl, negativeTtl, expected] of [
    [3600, 60, 60],
    [30, 900, 30],
    [0, 900, 0],
  ] as const) {
    test(`of ${ttl} and ${negativeTtl} it is ${expected}`, () => {
      const short = { ...zone, facts: facts('example.net', { ttl, negativeTtl }) };
      const asked = contextFor(snapshotOf(short));
      for (const name of ['none.example.net', 'text.example.net']) {
        const { authorities, flags } = askContext(asked, { name, type: 'A' });
        assert.deepEqual(shown(authorities), [`example.net SOA ttl ${expected}`]);
        assert.equal(flags.aa, true);
      }
      const own = askContext(asked, { name: 'example.net', type: 'SOA' });
      assert.deepEqual(shown(own.answers), [`example.net SOA ttl ${ttl}`]);
    });
  }
});

test('RFC 8020: nothing is answered below a name that was denied, in any zone', () => {
  const draw = seededDraw(8_020);
  const pick = (): string => ['a', 'b', '*', 'c'][Math.floor(draw() * 4)]!;
  const path = (most: number): string[] => Array.from({ length: 1 + Math.floor(draw() * most) }, pick);
  let denied = 0;
  for (let round = 0; round < 60; round += 1) {
    const lines = Array.from({ length: 8 }, () => `${path(4).join('.')} A 192.0.2.1`).join('\n');
    const any = contextFor(snapshotOf(zoneOf('test', lines)));
    const rcode = (labels: readonly string[]): string =>
      askContext(any, { name: [...labels, 'test'].join('.'), type: 'A' }).rcode;
    for (let i = 0; i < 20; i += 1) {
      const labels = path(4);
      if (rcode(labels) !== 'NXDOMAIN') continue;
      denied += 1;
      for (let below = 0; below < 5; below += 1) {
        const deeper = [...path(2), ...labels];
        assert.equal(rcode(deeper), 'NXDOMAIN', `${deeper.join('.')} below ${labels.join('.')} of ${lines}`);
      }
    }
  }
  assert.ok(denied > 50, `${denied} names were denied`);
});
