/** CNAME and DNAME chains: which rcode, which records, where they end (RFC 1034 3.6.2, 2308 2.1, 6604, 6672). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { encodeQuery } from '@signpost/testkit/dns-client';
import { formatName } from '@signpost/dns/name-text';
import { readMessage } from '@signpost/dns/reference/read-message';

import { type AnswerRow, answerTable } from '../testing/answer-table.ts';
import { askContext, contextFor, respond, shown, snapshotOf, zoneOf } from '../testing/sample-zone.ts';
import { Transport } from '../serve/transport.ts';

const long = Array.from({ length: 30 }, (_, i) => `l${i} CNAME l${i + 1}.example.net.`).join('\n');
const context = contextFor(
  snapshotOf(
    zoneOf(
      'example.net',
      `@        NS    ns.example.net.
       www      A     192.0.2.1
       ent.www  A     192.0.2.2
       gone     CNAME none.example.net.
       nodata   CNAME text.example.net.
       text     TXT   "x"
       toent    CNAME x.example.org.
       there    CNAME www.example.org.
       gone2    CNAME none.example.org.
       nodata2  CNAME text.example.org.
       back     CNAME back.example.org.
       out      CNAME www.example.com.
       cut      NS    ns.elsewhere.example.
       tocut    CNAME a.cut.example.net.
       soa      CNAME example.org.
       self     CNAME self.example.net.
       one      CNAME two.example.net.
       two      CNAME three.example.org.
       grow     DNAME a.grow.example.net.
       turn     DNAME turn.example.org.
       *.into   CNAME a.b.into.example.net.
       svc      SRV   1 2 3 www.example.net.
       mail     MX    1 www.example.net.
       nomail   MX    0 .
       *.wild   SRV   1 2 4 www.example.net.
       old      DNAME new.example.net.
       s.new    SRV   1 2 5 www.example.net.
       m.new    MX    5 www.example.net.
       tosrv    CNAME x.wild.example.net.
       ${long}`,
    ),
    zoneOf(
      'example.org',
      `www     A     198.51.100.1
       text    TXT   "x"
       y.x     A     198.51.100.2
       back    CNAME none.example.net.
       three   CNAME one.example.net.
       turn    DNAME turn.example.net.`,
    ),
  ),
);
const table = (rows: readonly AnswerRow[]): void => answerTable(context, rows);

describe('pitfall 6: the rcode and the SOA are those of the last name of a chain', () => {
  const to = (name: string, target: string) => `${name}.example.net CNAME ${target}`;
  table([
    ['gone.example.net', 'A', 'NXDOMAIN', [to('gone', 'none.example.net')], 'example.net SOA ttl 60'],
    ['nodata.example.net', 'A', 'NOERROR', [to('nodata', 'text.example.net')], 'example.net SOA ttl 60'],
    ['gone2.example.net', 'A', 'NXDOMAIN', [to('gone2', 'none.example.org')], 'example.org SOA ttl 60'],
    ['nodata2.example.net', 'A', 'NOERROR', [to('nodata2', 'text.example.org')], 'example.org SOA ttl 60'],
    ['toent.example.net', 'A', 'NOERROR', [to('toent', 'x.example.org')], 'example.org SOA ttl 60'],
    [
      'back.example.net',
      'A',
      'NXDOMAIN',
      [to('back', 'back.example.org'), 'back.example.org CNAME none.example.net'],
      'example.net SOA ttl 60',
    ],
    ['there.example.net', 'A', 'NOERROR', [to('there', 'www.example.org'), 'www.example.org A 198.51.100.1']],
    ['out.example.net', 'A', 'NOERROR', [to('out', 'www.example.com')]],
    [
      'tocut.example.net',
      'A',
      'NOERROR',
      [to('tocut', 'a.cut.example.net')],
      'cut.example.net NS ns.elsewhere.example',
    ],
    ['soa.example.net', 'SOA', 'NOERROR', [to('soa', 'example.org'), 'example.org SOA ttl 3600']],
  ]);
});

describe('pitfall 7: additional addresses behind a wildcard, a CNAME and a DNAME', () => {
  for (const [name, type] of [
    ['x.wild.example.net', 'SRV'],
    ['tosrv.example.net', 'SRV'],
    ['s.old.example.net', 'SRV'],
    ['m.old.example.net', 'MX'],
    ['svc.example.net', 'SRV'],
    ['mail.example.net', 'MX'],
  ] as const) {
    test(`${name} ${type}`, () => {
      const { additionals, flags, rcode } = askContext(context, { name, type });
      assert.deepEqual(
        [rcode, flags.aa, shown(additionals)],
        ['NOERROR', true, ['www.example.net A 192.0.2.1']],
      );
    });
  }
});

test('RFC 7505: a null MX is answered as it stands, and nothing comes along', () => {
  const { rcode, answers, additionals } = askContext(context, { name: 'nomail.example.net', type: 'MX' });
  assert.deepEqual([rcode, shown(answers), additionals], ['NOERROR', ['nomail.example.net MX 0 .'], []]);
});

describe('pitfall 8: chains without end are bounded, and no record stands twice', () => {
  const names = ['self', 'one', 'two', 'l0', 'x.grow', 'x.turn', 'q.into', 'a.b.into'];
  for (const name of names) {
    for (const type of ['A', 'CNAME', 'ANY', 'TXT']) {
      test(`${name} ${type}`, () => {
        const query = encodeQuery({ name: `${name}.example.net`, type });
        const { rcode, answers } = readMessage(respond(context, query, Transport.tcp));
        const lines = answers.map(
          (record) => `${formatName(record.name)} ${record.type} ${record.rdata.join()}`,
        );
        assert.equal(new Set(lines).size, lines.length, lines.join('\n'));
        assert.ok(lines.length >= 1 && lines.length <= 16, `${lines.length} records`);
        assert.equal(rcode, 0);
      });
    }
  }
});

describe('RFC 6672: the CNAME that a DNAME makes', () => {
  test("has the DNAME's TTL, the owner as it was asked, and AA", () => {
    const message = readMessage(respond(context, encodeQuery({ name: 'S.oLd.eXample.net', type: 'SRV' })));
    const [dname, alias, service] = message.answers;
    assert.deepEqual([dname!.type, dname!.ttl], [39, 300]);
    assert.deepEqual([alias!.type, alias!.ttl, formatName(alias!.rdata)], [5, 300, 's.new.example.net']);
    assert.equal(Buffer.from(alias!.name).toString('latin1'), '\x01S\x03oLd\x07eXample\x03net\0');
    assert.equal(formatName(service!.name), 's.new.example.net');
    assert.ok((message.flags & 0x400) !== 0);
  });
});
