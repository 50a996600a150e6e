/** Every step of a query over hand-made zones, by RFC section. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { encodeQuery } from '@signpost/testkit/dns-client';

import { type AnswerRow, answerTable } from '../testing/answer-table.ts';
import { askContext, contextFor, respond, shown, snapshotOf, zoneOf } from '../testing/sample-zone.ts';
import { Transport } from './transport.ts';

const EXAMPLE = zoneOf(
  'example.net',
  `@            NS     ns1.example.net.
   @            NS     ns2.example.org.
   ns1          A      192.0.2.53
   www          A      192.0.2.1
   www          AAAA   2001:db8::1
   txt          TXT    "hello"
   @            MX     10 mail.example.net.
   @            MX     20 mail.example.net.
   mail         A      192.0.2.25
   mail         AAAA   2001:db8::25
   _sip._tcp    SRV    1 2 5060 www.example.net.
   a.b.ent      A      192.0.2.9
   alias        CNAME  www.example.net.
   alias2       CNAME  alias.example.net.
   dangling     CNAME  nothing.example.net.
   toent        CNAME  ent.example.net.
   outside      CNAME  www.example.com.
   other        CNAME  www.example.org.
   loop1        CNAME  loop2.example.net.
   loop2        CNAME  loop1.example.net.
   self         CNAME  self.example.net.
   sub          NS     ns.sub.example.net.
   sub          NS     ns1.example.net.
   sub          NS     ns.elsewhere.test.
   ns.sub       A      192.0.2.54
   deep.sub     A      192.0.2.55
   tosub        CNAME  host.sub.example.net.
   *.wild       A      192.0.2.77
   *.wild       MX     10 www.example.net.
   host.wild    A      192.0.2.78
   x.y.wild     A      192.0.2.79
   *.aliases    CNAME  www.example.net.
   *.again      CNAME  a.b.again.example.net.
   sub.*.mid    A      192.0.2.80`,
);
const ORG = zoneOf('example.org', `www A 198.51.100.1`);
const CHILD = zoneOf('child.example.net', `@ A 192.0.2.200`);
const DEEP = zoneOf('zone.deep.example.net', '@ A 192.0.2.201');
const context = contextFor(snapshotOf(EXAMPLE, ORG, CHILD, DEEP));

const table = (rows: readonly AnswerRow[]): void => answerTable(context, rows);
const SOA = 'example.net SOA ttl 60';

describe('RFC 1034 4.3.2: data, no data, no name', () => {
  table([
    ['www.example.net', 'A', 'NOERROR', ['www.example.net A 192.0.2.1']],
    ['www.example.net', 'AAAA', 'NOERROR', ['www.example.net AAAA 2001:db8::1']],
    ['www.example.net', 'TXT', 'NOERROR', [], SOA],
    ['www.example.net', 'TYPE65', 'NOERROR', [], SOA],
    ['nothing.example.net', 'A', 'NXDOMAIN', [], SOA],
    ['below.www.example.net', 'A', 'NXDOMAIN', [], SOA],
    ['example.net', 'SOA', 'NOERROR', ['example.net SOA ttl 3600']],
    ['example.net', 'A', 'NOERROR', [], SOA],
    ['child.example.net', 'A', 'NOERROR', ['child.example.net A 192.0.2.200']],
    ['x.child.example.net', 'A', 'NXDOMAIN', [], 'child.example.net SOA ttl 60'],
  ]);
});

describe('RFC 8020 and 4592 2.2.2: empty non-terminals exist', () => {
  table([
    ['ent.example.net', 'A', 'NOERROR', [], SOA],
    ['b.ent.example.net', 'A', 'NOERROR', [], SOA],
    ['_tcp.example.net', 'SRV', 'NOERROR', [], SOA],
    ['c.b.ent.example.net', 'A', 'NXDOMAIN', [], SOA],
    ['y.wild.example.net', 'A', 'NOERROR', [], SOA],
  ]);
});

describe('RFC 4592: wildcards', () => {
  table([
    ['any.wild.example.net', 'A', 'NOERROR', ['any.wild.example.net A 192.0.2.77']],
    ['a.b.c.wild.example.net', 'A', 'NOERROR', ['a.b.c.wild.example.net A 192.0.2.77']],
    ['any.wild.example.net', 'TXT', 'NOERROR', [], SOA],
    ['host.wild.example.net', 'MX', 'NOERROR', [], SOA],
    ['below.host.wild.example.net', 'A', 'NXDOMAIN', [], SOA],
    ['z.y.wild.example.net', 'A', 'NXDOMAIN', [], SOA],
    ['*.wild.example.net', 'A', 'NOERROR', ['*.wild.example.net A 192.0.2.77']],
    ['any.aliases.example.net', 'CNAME', 'NOERROR', ['any.aliases.example.net CNAME www.example.net']],
    ['x.mid.example.net', 'A', 'NOERROR', [], SOA],
    ['sub.x.mid.example.net', 'A', 'NOERROR', [], SOA],
    ['sub.*.mid.example.net', 'A', 'NOERROR', ['sub.*.mid.example.net A 192.0.2.80']],
  ]);
});

describe('RFC 1034 3.6.2 and 2308 2.1: CNAME chains', () => {
  const www = 'www.example.net A 192.0.2.1';
  const alias = 'alias.example.net CNAME www.example.net';
  table([
    ['alias.example.net', 'A', 'NOERROR', [alias, www]],
    ['alias2.example.net', 'A', 'NOERROR', ['alias2.example.net CNAME alias.example.net', alias, www]],
    ['alias.example.net', 'CNAME', 'NOERROR', [alias]],
    ['alias.example.net', 'TXT', 'NOERROR', [alias], SOA],
    ['dangling.example.net', 'A', 'NXDOMAIN', ['dangling.example.net CNAME nothing.example.net'], SOA],
    ['toent.example.net', 'A', 'NOERROR', ['toent.example.net CNAME ent.example.net'], SOA],
    ['outside.example.net', 'A', 'NOERROR', ['outside.example.net CNAME www.example.com']],
    [
      'other.example.net',
      'A',
      'NOERROR',
      ['other.example.net CNAME www.example.org', 'www.example.org A 198.51.100.1'],
    ],
    [
      'loop1.example.net',
      'A',
      'NOERROR',
      ['loop1.example.net CNAME loop2.example.net', 'loop2.example.net CNAME loop1.example.net'],
    ],
    ['self.example.net', 'A', 'NOERROR', ['self.example.net CNAME self.example.net']],
    ['q.aliases.example.net', 'A', 'NOERROR', ['q.aliases.example.net CNAME www.example.net', www]],
    [
      'q.again.example.net',
      'A',
      'NOERROR',
      [
        'q.again.example.net CNAME a.b.again.example.net',
        'a.b.again.example.net CNAME a.b.again.example.net',
      ],
    ],
  ]);
});

describe('RFC 1034 4.2.1 and 9471: delegations', () => {
  const servers = 'sub.example.net NS ns.sub.example.net';
  table([
    ['sub.example.net', 'A', 'NOERROR', [], servers],
    ['sub.example.net', 'NS', 'NOERROR', [], servers],
    ['deep.sub.example.net', 'A', 'NOERROR', [], servers],
    ['ns.sub.example.net', 'A', 'NOERROR', [], servers],
    ['sub.example.net', 'DS', 'NOERROR', [], SOA],
  ]);

  test('a referral carries the addresses in the zone, those below the cut first', () => {
    const { authorities, additionals } = askContext(context, { name: 'a.sub.example.net', type: 'A' });
    assert.equal(authorities.length, 3);
    assert.deepEqual(shown(additionals), ['ns.sub.example.net A 192.0.2.54', 'ns1.example.net A 192.0.2.53']);
  });

  test('a chain that leads below a cut answers the alias with authority and refers for the rest', () => {
    const answer = askContext(context, { name: 'tosub.example.net', type: 'A' });
    assert.deepEqual(shown(answer.answers), ['tosub.example.net CNAME host.sub.example.net']);
    assert.equal(answer.authorities.length, 3);
    assert.equal(answer.flags.aa, true);
  });

  test('the DS of a zone we serve is answered by its parent when we serve that too (RFC 4035 3.1.4.1)', () => {
    const answer = askContext(context, { name: 'child.example.net', type: 'DS' });
    assert.equal(shown(answer.authorities)[0], SOA);
  });

  test('a zone of ours that its parent does not delegate is no NXDOMAIN, which would take all of it down (RFC 8020)', () => {
    for (const name of ['child.example.net', 'zone.deep.example.net']) {
      const answer = askContext(context, { name, type: 'DS' });
      assert.deepEqual([answer.rcode, shown(answer.answers)], ['NOERROR', []], name);
      assert.equal(shown(answer.authorities)[0], SOA);
    }
  });
});

describe('what we do not answer', () => {
  const refused = [
    ['example.com', 'A', 'REFUSED'],
    ['net', 'A', 'REFUSED'],
    ['.', 'NS', 'REFUSED'],
    ['xexample.net', 'A', 'REFUSED'],
    ['example.net', 'AXFR', 'REFUSED'],
    ['example.net', 'IXFR', 'REFUSED'],
  ] as const;
  for (const [name, type, rcode] of refused) {
    test(`${name} ${type} gives ${rcode} without SOA and without AA`, () => {
      const answer = askContext(context, { name, type });
      assert.equal(answer.rcode, rcode);
      assert.equal(answer.flags.aa, false);
      assert.deepEqual([answer.answers, answer.authorities, answer.additionals], [[], [], []]);
    });
  }

  test('another class than IN is refused', () => {
    const query = encodeQuery({ name: 'www.example.net', type: 'A' });
    for (const rrclass of [3, 4, 254, 255]) {
      query.writeUInt16BE(rrclass, query.length - 2);
      assert.equal(respond(context, query).readUInt16BE(2) & 0xf, 5);
    }
  });

  test('a response, or less than a header, is met with silence', () => {
    const query = encodeQuery({ name: 'www.example.net', type: 'A' });
    assert.equal(respond(context, query.subarray(0, 11)).length, 0);
    query[2]! |= 0x80;
    assert.equal(respond(context, query).length, 0);
  });

  test('NOTIFY, UPDATE and unknown opcodes get NOTIMP with the opcode echoed', () => {
    const query = encodeQuery({ id: 77, name: 'www.example.net', type: 'A' });
    for (const opcode of [1, 2, 4, 5, 6, 15]) {
      query[2] = opcode << 3;
      const response = respond(context, query);
      assert.deepEqual([...response], [0, 77, 0x80 | (opcode << 3), 4, 0, 0, 0, 0, 0, 0, 0, 0]);
    }
  });

  test('no question, or two, is FORMERR (RFC 9619)', () => {
    const query = encodeQuery({ name: 'www.example.net', type: 'A' });
    for (const count of [0, 2]) {
      query.writeUInt16BE(count, 4);
      const response = respond(context, query);
      assert.equal(response.readUInt16BE(2) & 0xf, 1);
      assert.ok(response.length <= query.length + 64);
    }
  });
});

test('the question keeps its letters, and the answer is owned by it as it was asked', () => {
  const response = respond(context, encodeQuery({ name: 'wWw.ExAmPlE.nEt', type: 'A' }));
  assert.ok(response.includes('wWw', 12, 'latin1'));
  const answer = askContext(context, { name: 'wWw.ExAmPlE.nEt', type: 'A' });
  assert.deepEqual(shown(answer.answers), ['wWw.ExAmPlE.nEt A 192.0.2.1']);
});

test('ANY is answered with one RRset (RFC 8482 4.1)', () => {
  assert.deepEqual(shown(askContext(context, { name: 'www.example.net', type: 'ANY' }).answers), [
    'www.example.net A 192.0.2.1',
  ]);
  assert.equal(askContext(context, { name: 'ent.example.net', type: 'ANY' }).answers.length, 0);
});

function additionalsOf(name: string, type: string): string[] {
  return shown(askContext(context, { name, type }).additionals);
}

describe('the additional section', () => {
  test('holds the addresses of MX, NS and SRV hosts in the zone, each once', () => {
    const mail = ['mail.example.net A 192.0.2.25', 'mail.example.net AAAA 2001:db8::25'];
    assert.deepEqual(additionalsOf('example.net', 'MX'), mail);
    assert.deepEqual(additionalsOf('example.net', 'NS'), ['ns1.example.net A 192.0.2.53']);
    const www = ['www.example.net A 192.0.2.1', 'www.example.net AAAA 2001:db8::1'];
    assert.deepEqual(additionalsOf('_sip._tcp.example.net', 'SRV'), www);
    assert.deepEqual(additionalsOf('any.wild.example.net', 'MX'), www);
  });
});

describe('RFC 6891: EDNS', () => {
  test('an OPT comes back when one was sent, and only then, with our size and DO copied', () => {
    assert.equal(askContext(context, { name: 'www.example.net', type: 'A' }).edns, undefined);
    const { edns } = askContext(context, { name: 'www.example.net', type: 'A', edns: { dnssecOk: true } });
    assert.deepEqual([edns?.udpPayloadSize, edns?.version, edns?.dnssecOk], [1232, 0, true]);
    const plain = askContext(context, { name: 'www.example.net', type: 'A', edns: true });
    assert.equal(plain.edns?.dnssecOk, false);
  });

  test('unknown options are ignored and not echoed', () => {
    const options = [{ code: 65_001, data: Buffer.from('x') }];
    const answer = askContext(context, { name: 'www.example.net', type: 'A', edns: { options } });
    assert.deepEqual([answer.rcode, answer.edns?.options], ['NOERROR', []]);
  });

  test('a version above 0 gets BADVERS and version 0', () => {
    const answer = askContext(context, { name: 'www.example.net', type: 'A', edns: { version: 1 } });
    assert.deepEqual([answer.rcode, answer.edns?.version, answer.answers], ['BADVERS', 0, []]);
  });

  test('every kind of response to a query with EDNS has an OPT', () => {
    for (const name of ['nothing.example.net', 'example.com', 'a.sub.example.net', 'txt.example.net']) {
      assert.notEqual(askContext(context, { name, type: 'A', edns: true }).edns, undefined, name);
    }
  });
});

describe('RFC 8914: extended errors', () => {
  test('say that answers may be stale, that a name is not ours, and else nothing', () => {
    const codes = (name: string) =>
      askContext(context, { name, type: 'A', edns: true }).edns!.errors.map((error) => error.infoCode);
    assert.deepEqual(codes('www.example.net'), []);
    assert.deepEqual(codes('example.com'), [20]);
    context.isStale = true;
    assert.deepEqual(codes('www.example.net'), [3]);
    assert.deepEqual(codes('nothing.example.net'), [19]);
    assert.equal(askContext(context, { name: 'www.example.net', type: 'A' }).edns, undefined);
    context.isStale = false;
  });
});

describe('truncation (RFC 2181 9, RFC 9715)', () => {
  const many = Array.from({ length: 60 }, (_, i) => `many A 192.0.2.${i}`).join('\n');
  const few = Array.from({ length: 25 }, (_, i) => `few A 192.0.2.${i}`).join('\n');
  const texts = Array.from({ length: 5 }, (_, i) => `txt TXT "${String(i).repeat(200)}"`).join('\n');
  const hosts = Array.from({ length: 20 }, (_, i) => `host${i} A 192.0.2.${i}\n@ MX ${i} host${i}.big.test.`);
  const glue = Array.from({ length: 20 }, (_, i) => `cut NS ns${i}.cut.big.test.\nns${i}.cut A 192.0.2.${i}`);
  const alias = 'alias CNAME many.big.test.';
  const big = contextFor(
    snapshotOf(zoneOf('big.test', [many, few, texts, hosts.join('\n'), glue.join('\n'), alias].join('\n'))),
  );

  test("without EDNS a response keeps to 512 octets, with it to the client's size, never above 1232", () => {
    for (const udpPayloadSize of [0, 100, 700, 4096]) {
      const edns = udpPayloadSize === 0 ? false : { udpPayloadSize };
      const limit = Math.min(1232, Math.max(512, udpPayloadSize));
      for (const name of ['few.big.test', 'many.big.test', 'txt.big.test', 'big.test', 'a.cut.big.test']) {
        for (const type of ['A', 'TXT', 'MX']) {
          const { bytes } = askContext(big, { name, type, edns });
          assert.ok(bytes.length <= limit, `${name} ${type}: ${bytes.length} > ${limit}`);
        }
      }
    }
  });

  test('an RRset that does not fit is left out whole, with TC', () => {
    const answer = askContext(big, { name: 'many.big.test', type: 'A', edns: { udpPayloadSize: 512 } });
    assert.deepEqual([answer.flags.tc, answer.answers], [true, []]);
    const chain = askContext(big, { name: 'alias.big.test', type: 'A' });
    assert.deepEqual([chain.flags.tc, shown(chain.answers)], [true, ['alias.big.test CNAME many.big.test']]);
  });

  test('additional addresses go first, without TC', () => {
    const answer = askContext(big, { name: 'big.test', type: 'MX' });
    assert.equal(answer.flags.tc, false);
    assert.equal(answer.answers.length, 20);
    assert.ok(answer.additionals.length < 20);
  });

  test('a referral that lacks glue below the cut says so with TC', () => {
    assert.equal(askContext(big, { name: 'a.cut.big.test', type: 'A' }).flags.tc, true);
    const whole = askContext(big, { name: 'a.cut.big.test', type: 'A', edns: true });
    assert.deepEqual([whole.flags.tc, whole.authorities.length, whole.additionals.length], [false, 20, 20]);
  });

  test('over TCP all of it comes', () => {
    const answer = askContext(big, { name: 'many.big.test', type: 'A', tcp: true });
    assert.deepEqual([answer.flags.tc, answer.answers.length], [false, 60]);
  });

  test('a TCP response beyond the reach of pointers is still read back whole', () => {
    const wide = Array.from({ length: 900 }, (_, i) => `@ MX ${i} a-rather-long-host-name-${i}.wide.test.`);
    const addresses = Array.from({ length: 32 }, (_, i) => `a-rather-long-host-name-${i} A 192.0.2.1`);
    const context = contextFor(snapshotOf(zoneOf('wide.test', [...wide, ...addresses].join('\n'))));
    const answer = askContext(context, { name: 'wide.test', type: 'MX', tcp: true });
    assert.equal(answer.answers.length, 900);
    assert.equal(answer.additionals.length, 32);
    assert.ok(answer.bytes.length > 0x4000);
  });
});

test('a zone at the root answers for all names', () => {
  const root = contextFor(snapshotOf({ ...zoneOf('test', '@ A 192.0.2.1'), apex: '.' }));
  assert.equal(askContext(root, { name: 'a.b', type: 'A' }).rcode, 'NXDOMAIN');
  assert.equal(shown(askContext(root, { name: '.', type: 'SOA' }).answers).length, 1);
  assert.equal(askContext(root, { name: 'test', type: 'A' }).answers.length, 1);
});

test('transports differ in size only', () => {
  const query = encodeQuery({ id: 5, name: 'www.example.net', type: 'A' });
  assert.deepEqual(respond(context, query, Transport.tcp), respond(context, query, Transport.udp));
});
