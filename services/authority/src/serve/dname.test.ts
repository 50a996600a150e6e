/** RFC 6672: DNAMEs, the CNAMEs made from them, and what they hide. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { encodeQuery } from '@signpost/testkit/dns-client';
import { typeName } from '@signpost/dns/constants';
import { formatName } from '@signpost/dns/name-text';
import { readMessage, type ResourceRecord } from '@signpost/dns/reference/read-message';

import { contextFor, group, respond, snapshotOf, steeredSet, zoneOf } from '../testing/sample-zone.ts';
import { Transport } from './transport.ts';

const LONG = Array.from({ length: 3 }, () => 'x'.repeat(60)).join('.');
const NET = zoneOf(
  'example.net',
  `@         NS     ns.example.net.
   www       A      192.0.2.1
   old       DNAME  new.example.net.
   old       A      192.0.2.2
   below.old A      192.0.2.3
   *.old     A      192.0.2.4
   host.new  A      192.0.2.5
   away      DNAME  elsewhere.example.
   org       DNAME  example.org.
   up        DNAME  example.net.
   round     DNAME  round2.example.net.
   round2    DNAME  round.example.net.
   grows     DNAME  a.grows.example.net.
   long      DNAME  ${LONG}.example.net.
   *.wild    DNAME  new.example.net.
   cut       NS     ns.cut.example.net.
   ns.cut    A      192.0.2.6
   cut       DNAME  new.example.net.
   to        CNAME  host.old.example.net.`,
  { 'go.new.example.net|A': steeredSet([group('A', ['192.0.2.7'])]) },
);
const ORG = zoneOf('example.org', '@ DNAME example.net.\n@ A 198.51.100.1');
const context = contextFor(snapshotOf(NET, ORG));

interface Seen {
  readonly rcode: number;
  readonly aa: boolean;
  readonly tc: boolean;
  /** `owner TYPE target or octets` */
  readonly answers: readonly string[];
  readonly authority: readonly string[];
}

function ask(name: string, type = 'A', transport: Transport = Transport.tcp): Seen {
  const { rcode, flags, answers, authority } = readMessage(
    respond(context, encodeQuery({ name, type }), transport),
  );
  const aa = (flags & 0x400) !== 0;
  return { rcode, aa, tc: (flags & 0x200) !== 0, answers: answers.map(line), authority: authority.map(line) };
}

function line({ name, type, rdata }: ResourceRecord): string {
  const data = [2, 5, 39].includes(type) ? formatName(rdata) : rdata.join('.');
  return `${formatName(name)} ${typeName(type)} ${type === 6 ? '' : data}`.trim();
}

describe('RFC 6672: a DNAME stands for all names below its owner', () => {
  test('with the CNAME made from it, and what that leads to', () => {
    assert.deepEqual(ask('host.old.example.net'), {
      rcode: 0,
      aa: true,
      tc: false,
      answers: [
        'old.example.net DNAME new.example.net',
        'host.old.example.net CNAME host.new.example.net',
        'host.new.example.net A 192.0.2.5',
      ],
      authority: [],
    });
  });

  test('the made CNAME has the TTL of the DNAME', () => {
    const { answers } = readMessage(
      respond(context, encodeQuery({ name: 'host.old.example.net', type: 'A' })),
    );
    assert.deepEqual(
      answers.map(({ ttl }) => ttl),
      [300, 300, 300],
    );
  });

  test('hides what stands below it, wildcards too', () => {
    const { rcode, answers, authority } = ask('below.old.example.net');
    assert.equal(rcode, 3);
    assert.deepEqual(answers.slice(1), ['below.old.example.net CNAME below.new.example.net']);
    assert.deepEqual(authority, ['example.net SOA']);
  });

  test('not for its owner, whose other data and whose DNAME are answered', () => {
    assert.deepEqual(ask('old.example.net').answers, ['old.example.net A 192.0.2.2']);
    assert.deepEqual(ask('old.example.net', 'DNAME').answers, ['old.example.net DNAME new.example.net']);
    assert.deepEqual(ask('old.example.net', 'TXT').authority, ['example.net SOA']);
  });

  test('also at an apex, and from zone to zone', () => {
    assert.deepEqual(ask('www.org.example.net').answers, [
      'org.example.net DNAME example.org',
      'www.org.example.net CNAME www.example.org',
      'example.org DNAME example.net',
      'www.example.org CNAME www.example.net',
      'www.example.net A 192.0.2.1',
    ]);
    assert.deepEqual(ask('example.org').answers, ['example.org A 198.51.100.1']);
  });

  test('steered records behind it are answered', () => {
    assert.equal(ask('go.old.example.net').answers.at(-1), 'go.new.example.net A 192.0.2.7');
  });

  test('a question for the CNAME itself is answered by the one it makes', () => {
    assert.deepEqual(ask('below.old.example.net', 'CNAME'), {
      rcode: 0,
      aa: true,
      tc: false,
      answers: ['old.example.net DNAME new.example.net', 'below.old.example.net CNAME below.new.example.net'],
      authority: [],
    });
  });

  test('a target outside our zones ends the answer', () => {
    const { rcode, answers, authority } = ask('x.y.away.example.net');
    assert.equal(rcode, 0);
    assert.equal(answers.at(-1), 'x.y.away.example.net CNAME x.y.elsewhere.example');
    assert.deepEqual(authority, []);
  });

  test('a CNAME that leads below it is followed', () => {
    assert.equal(ask('to.example.net').answers.length, 4);
  });
});

describe('pitfall 8: chains are bounded, and no record is sent twice', () => {
  for (const name of ['q.round.example.net', 'q.grows.example.net', 'a.up.up.up.example.net']) {
    test(name, () => {
      const { rcode, answers } = ask(name);
      assert.equal(new Set(answers).size, answers.length);
      assert.ok(answers.length <= 16, `${answers.length} records`);
      assert.ok(rcode === 0 || rcode === 3, String(rcode));
    });
  }
});

test('RFC 6672 2.2: a name that grows too long is YXDOMAIN, with the DNAME alone', () => {
  const { rcode, answers } = ask(`${'y'.repeat(63)}.long.example.net`);
  assert.equal(rcode, 6);
  assert.deepEqual(answers, [`long.example.net DNAME ${LONG}.example.net`]);
});

test('a wildcard that owns a DNAME hides nothing below the names it stands for (RFC 4592 4.4)', () => {
  assert.deepEqual(ask('a.wild.example.net').authority, ['example.net SOA']);
  assert.deepEqual(ask('a.wild.example.net', 'DNAME').answers, ['a.wild.example.net DNAME new.example.net']);
});

test('a zone cut wins over a DNAME at the same name', () => {
  const { aa, answers, authority } = ask('host.cut.example.net');
  assert.equal(aa, false);
  assert.deepEqual(answers, []);
  assert.deepEqual(authority, ['cut.example.net NS ns.cut.example.net']);
});

test('the DNAME and the CNAME made from it are sent both or, with TC, neither', () => {
  const name = `${'y'.repeat(58)}.long.example.net`;
  const { tc, answers } = ask(name, 'A', Transport.udp);
  assert.deepEqual([tc, answers], [true, []]);
  assert.equal(ask(name).answers.length, 2);
});
