/** RFC 4592: what `*` stands for, what it does not, and that it is an ordinary label anywhere but in front. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { type AnswerRow, answerTable } from '../testing/answer-table.ts';
import { askContext, contextFor, shown, snapshotOf, zoneOf } from '../testing/sample-zone.ts';

/** The zone of RFC 4592 2.2.1, but for the SRV names' records, and what its trackers' issues were about. */
const context = contextFor(
  snapshotOf(
    zoneOf(
      'example.net',
      `@              NS    ns.example.com.
       *              TXT   "this is a wildcard"
       *              MX    10 host1.example.net.
       sub.*          TXT   "this is not a wildcard"
       host1          A     192.0.2.1
       _ssh._tcp.host1 SRV  0 0 22 host1.example.net.
       subdel         NS    ns.example.com.
       f.*.e          A     192.0.2.2
       *.d            A     192.0.2.3
       c.d            A     192.0.2.4
       x.c.d          A     192.0.2.5
       a.*.mid        A     192.0.2.6
       *.alias        CNAME host1.example.net.
       *.star         CNAME *.d.example.net.
       *.gone         CNAME gone.host1.example.net.
       *.deep.nodata  TXT   "x"`,
    ),
    zoneOf('apex.test', '* A 192.0.2.7\n* AAAA 2001:db8::7\nwww TXT "x"'),
  ),
);
const table = (rows: readonly AnswerRow[]): void => answerTable(context, rows);
const SOA = 'example.net SOA ttl 60';

describe('RFC 4592 2.2.1: the answers of its own example', () => {
  table([
    ['host3.example.net', 'MX', 'NOERROR', ['host3.example.net MX 10 host1.example.net']],
    ['host3.example.net', 'A', 'NOERROR', [], SOA],
    ['foo.bar.example.net', 'TXT', 'NOERROR', ['foo.bar.example.net TXT ']],
    ['host1.example.net', 'MX', 'NOERROR', [], SOA],
    ['sub.*.example.net', 'MX', 'NOERROR', [], SOA],
    ['_telnet._tcp.host1.example.net', 'SRV', 'NXDOMAIN', [], SOA],
    ['host.subdel.example.net', 'A', 'NOERROR', [], 'subdel.example.net NS ns.example.com'],
    ['ghost.*.example.net', 'MX', 'NXDOMAIN', [], SOA],
  ]);
});

describe('pitfall 3: a wildcard that is an empty non-terminal denies no name', () => {
  table([
    ['*.e.example.net', 'A', 'NOERROR', [], SOA],
    ['x.e.example.net', 'A', 'NOERROR', [], SOA],
    ['f.x.e.example.net', 'A', 'NOERROR', [], SOA],
    ['f.*.e.example.net', 'A', 'NOERROR', ['f.*.e.example.net A 192.0.2.2']],
    ['x.f.*.e.example.net', 'A', 'NXDOMAIN', [], SOA],
    ['x.deep.nodata.example.net', 'A', 'NOERROR', [], SOA],
  ]);
});

describe('pitfall 4: the closest encloser decides, and an asterisk within a name is an ordinary label', () => {
  table([
    ['y.d.example.net', 'A', 'NOERROR', ['y.d.example.net A 192.0.2.3']],
    ['z.y.d.example.net', 'A', 'NOERROR', ['z.y.d.example.net A 192.0.2.3']],
    ['y.c.d.example.net', 'A', 'NXDOMAIN', [], SOA],
    ['y.x.c.d.example.net', 'A', 'NXDOMAIN', [], SOA],
    ['c.d.example.net', 'AAAA', 'NOERROR', [], SOA],
    ['a.*.mid.example.net', 'A', 'NOERROR', ['a.*.mid.example.net A 192.0.2.6']],
    ['a.b.mid.example.net', 'A', 'NOERROR', [], SOA],
    ['b.*.mid.example.net', 'A', 'NXDOMAIN', [], SOA],
    [
      'q.star.example.net',
      'A',
      'NOERROR',
      ['q.star.example.net CNAME *.d.example.net', '*.d.example.net A 192.0.2.3'],
    ],
    ['q.gone.example.net', 'A', 'NXDOMAIN', ['q.gone.example.net CNAME gone.host1.example.net'], SOA],
  ]);
});

describe('pitfall 5: a question for the CNAME itself is not led on, at a wildcard neither', () => {
  table([
    ['q.alias.example.net', 'CNAME', 'NOERROR', ['q.alias.example.net CNAME host1.example.net']],
    ['*.alias.example.net', 'CNAME', 'NOERROR', ['*.alias.example.net CNAME host1.example.net']],
    ['q.alias.example.net', 'ANY', 'NOERROR', ['q.alias.example.net CNAME host1.example.net']],
    ['q.gone.example.net', 'CNAME', 'NOERROR', ['q.gone.example.net CNAME gone.host1.example.net']],
  ]);
});

describe('a wildcard at the apex', () => {
  table([
    ['apex.test', 'A', 'NOERROR', [], 'apex.test SOA ttl 60'],
    ['a.b.apex.test', 'A', 'NOERROR', ['a.b.apex.test A 192.0.2.7']],
    ['www.apex.test', 'A', 'NOERROR', [], 'apex.test SOA ttl 60'],
    ['x.www.apex.test', 'A', 'NXDOMAIN', [], 'apex.test SOA ttl 60'],
  ]);
});

test('a wildcard answers with the name in the case it was asked in', () => {
  const { answers } = askContext(context, { name: 'AnY.ApEx.TeSt', type: 'A' });
  assert.deepEqual(shown(answers), ['AnY.ApEx.TeSt A 192.0.2.7']);
});
