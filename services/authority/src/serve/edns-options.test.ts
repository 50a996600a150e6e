/** The options of OPT: which a response carries, when, and that nothing of one client's shows in another's. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { EdnsOption } from '@signpost/dns/constants';
import { ServerCookies } from '@signpost/dns/server-cookie';
import { mutatedPackets } from '@signpost/dns/testing/mutated-packets';
import { encodeQuery, type DnsAnswer, decodeAnswer } from '@signpost/testkit/dns-client';

import { contextFor, respond, snapshotOf, zoneOf } from '../testing/sample-zone.ts';
import type { QueryContext } from './query-context.ts';
import { Transport } from './transport.ts';

const ZONE = snapshotOf(
  zoneOf('example.net', 'www A 192.0.2.1\nalias CNAME www.example.net.\nsub NS ns.sub.example.net.'),
);
const SECRET = Buffer.alloc(16, 7);
const NSID = Buffer.from('node-1');
const CLIENT_COOKIE = Buffer.from('0123456789abcdef', 'hex');

interface Option {
  readonly code: number;
  readonly data: Buffer;
}

function configured(): QueryContext {
  const context = contextFor(ZONE);
  context.cookies = new ServerCookies([SECRET]);
  context.nsid = NSID;
  context.keepalive = Uint8Array.of(0, 100);
  context.nowMs = 1_700_000_000_000;
  return context;
}

const option = (code: number, data: Buffer | string = ''): Option => ({ code, data: Buffer.from(data) });
const ALL = [
  option(EdnsOption.NSID),
  option(EdnsOption.CLIENT_SUBNET, Buffer.of(0, 1, 24, 0, 192, 0, 2)),
  option(EdnsOption.COOKIE, CLIENT_COOKIE),
  option(EdnsOption.TCP_KEEPALIVE),
  option(EdnsOption.PADDING, Buffer.alloc(9)),
];

function ask(
  context: QueryContext,
  options: readonly Option[],
  { transport = Transport.udp, name = 'www.example.net' }: { transport?: Transport; name?: string } = {},
): DnsAnswer {
  return decodeAnswer(respond(context, encodeQuery({ name, type: 'A', edns: { options } }), transport));
}

function codesOf(answer: DnsAnswer): number[] {
  return answer.edns!.options.map(({ code }) => code);
}

function dataOf(answer: DnsAnswer, code: number): Buffer {
  const found = answer.edns!.options.filter((each) => each.code === code);
  assert.equal(found.length, 1, `option ${code} stands once`);
  return found[0]!.data;
}

/** As `packet`, with COOKIE data in place of the question. */
function probe(cookie: Buffer): Buffer {
  const query = encodeQuery({
    id: 9,
    name: '.',
    type: 'A',
    edns: { options: [option(EdnsOption.COOKIE, cookie)] },
  });
  query.writeUInt16BE(0, 4);
  return Buffer.concat([query.subarray(0, 12), query.subarray(17)]);
}

describe('RFC 7873: cookies', () => {
  test('every response to a query with a COOKIE carries the client cookie and a server cookie', () => {
    const context = configured();
    for (const name of ['www.example.net', 'nothing.example.net', 'a.sub.example.net', 'example.com']) {
      for (const transport of Object.values(Transport)) {
        const answer = ask(context, [option(EdnsOption.COOKIE, CLIENT_COOKIE)], { name, transport });
        const cookie = dataOf(answer, EdnsOption.COOKIE);
        assert.equal(cookie.length, 24);
        assert.deepEqual(cookie.subarray(0, 8), CLIENT_COOKIE);
      }
    }
  });

  test('no COOKIE is answered where none was asked, however the query before looked', () => {
    const context = configured();
    ask(context, ALL);
    assert.deepEqual(codesOf(ask(context, [])), []);
    assert.equal(
      decodeAnswer(respond(context, encodeQuery({ name: 'www.example.net', type: 'A' }))).edns,
      undefined,
    );
  });

  test('a cookie of ours makes the client known, and is given back while it is fresh', () => {
    const context = configured();
    const first = dataOf(ask(context, [option(EdnsOption.COOKIE, CLIENT_COOKIE)]), EdnsOption.COOKIE);
    assert.equal(context.isVerified, false);
    context.nowMs += 1_000;
    assert.deepEqual(dataOf(ask(context, [option(EdnsOption.COOKIE, first)]), EdnsOption.COOKIE), first);
    assert.equal(context.isVerified, true);
    ask(context, []);
    assert.equal(context.isVerified, false, 'the next query is known by its own cookie only');
  });

  test('a bad server cookie is answered ordinarily, with a new cookie', () => {
    const context = configured();
    const bad = Buffer.concat([CLIENT_COOKIE, Buffer.alloc(16, 1)]);
    const answer = ask(context, [option(EdnsOption.COOKIE, bad)]);
    assert.deepEqual([answer.rcode, answer.answers.length, context.isVerified], ['NOERROR', 1, false]);
    assert.notDeepEqual(dataOf(answer, EdnsOption.COOKIE), bad);
  });

  test('a malformed length is FORMERR', () => {
    for (const length of [0, 1, 7, 9, 15, 41]) {
      assert.equal(ask(configured(), [option(EdnsOption.COOKIE, Buffer.alloc(length))]).rcode, 'FORMERR');
    }
  });

  test('a query without a question gets a cookie and nothing else (5.4)', () => {
    const answer = decodeAnswer(respond(configured(), probe(CLIENT_COOKIE)));
    assert.deepEqual([answer.rcode, answer.questions, answer.answers], ['NOERROR', [], []]);
    assert.equal(dataOf(answer, EdnsOption.COOKIE).length, 24);
    const known = decodeAnswer(respond(configured(), probe(dataOf(answer, EdnsOption.COOKIE))));
    assert.deepEqual([known.rcode, known.edns!.options.length], ['NOERROR', 1]);
    assert.equal(decodeAnswer(respond(configured(), probe(Buffer.alloc(3)))).rcode, 'FORMERR');
  });

  test('who speaks no cookies ignores them', () => {
    const context = contextFor(ZONE);
    assert.deepEqual(codesOf(ask(context, [option(EdnsOption.COOKIE, CLIENT_COOKIE)])), []);
    assert.equal(decodeAnswer(respond(context, probe(CLIENT_COOKIE))).rcode, 'FORMERR');
  });
});

describe('RFC 5001: NSID', () => {
  test('is told when asked and configured, and only then', () => {
    const context = configured();
    assert.deepEqual(dataOf(ask(context, [option(EdnsOption.NSID)]), EdnsOption.NSID), NSID);
    assert.deepEqual(codesOf(ask(context, [])), []);
    assert.deepEqual(codesOf(ask(contextFor(ZONE), [option(EdnsOption.NSID)])), []);
  });
});

describe('RFC 7828: TCP keepalive', () => {
  test('the idle limit is told over TCP and TLS when asked, and the option is ignored over UDP', () => {
    const context = configured();
    const asked = [option(EdnsOption.TCP_KEEPALIVE)];
    for (const transport of [Transport.tcp, Transport.tls]) {
      const answer = ask(context, asked, { transport });
      assert.equal(dataOf(answer, EdnsOption.TCP_KEEPALIVE).readUInt16BE(0), 100);
      assert.deepEqual(codesOf(ask(context, [], { transport })), []);
    }
    assert.deepEqual(codesOf(ask(context, asked)), []);
  });
});

describe('RFC 7830: padding', () => {
  test('fills responses over TLS to blocks of 468 octets (RFC 8467) when the query was padded', () => {
    const context = configured();
    const padded = option(EdnsOption.PADDING, Buffer.alloc(40));
    for (const options of [[padded], ALL, [padded, padded]]) {
      const answer = ask(context, options, { transport: Transport.tls });
      assert.equal(answer.bytes.length % 468, 0);
      assert.equal(codesOf(answer).at(-1), EdnsOption.PADDING);
      assert.ok(dataOf(answer, EdnsOption.PADDING).every((octet) => octet === 0));
    }
  });

  test('is never there over UDP or TCP, nor unasked', () => {
    const context = configured();
    for (const transport of [Transport.udp, Transport.tcp]) {
      assert.ok(!codesOf(ask(context, ALL, { transport })).includes(EdnsOption.PADDING));
    }
    assert.deepEqual(codesOf(ask(context, [], { transport: Transport.tls })), []);
  });

  test('a response that nearly fills a message is padded with what is left', () => {
    const texts = Array.from({ length: 259 }, (_, i) => `t TXT "${String(i).padEnd(239, 'x')}"`);
    texts.push(`t TXT "${'y'.repeat(199)}"`); // with OPT and the option's header 65,523 octets, 3 more than 140 blocks
    const context = contextFor(snapshotOf(zoneOf('big.test', texts.join('\n'))));
    const options = [option(EdnsOption.PADDING)];
    const query = encodeQuery({ name: 't.big.test', type: 'TXT', edns: { options } });
    const bytes = respond(context, query, Transport.tls);
    assert.equal(bytes.length, 65_535);
    assert.equal(decodeAnswer(bytes).answers.length, 260);
  });
});

describe('pitfall 16: options that are repeated', () => {
  test('are answered once each, and of several cookies the first counts (RFC 7873 5.2)', () => {
    const context = configured();
    const other = option(EdnsOption.COOKIE, Buffer.alloc(8, 9));
    for (const transport of Object.values(Transport)) {
      const answer = ask(context, [...ALL, other, ...ALL], { transport });
      const codes = codesOf(answer);
      assert.equal(new Set(codes).size, codes.length, String(codes));
      assert.deepEqual(dataOf(answer, EdnsOption.COOKIE).subarray(0, 8), CLIENT_COOKIE);
    }
  });
});

describe('pitfall 10: nothing of another client is replayed', () => {
  test('what a used context answers is what a fresh one does, whatever came before', () => {
    const used = configured();
    for (const packet of mutatedPackets(11, 2_000)) {
      for (const transport of Object.values(Transport)) {
        const shown = Buffer.from(packet).toString('hex');
        assert.deepEqual(respond(used, packet, transport), respond(configured(), packet, transport), shown);
      }
    }
  });
});

describe('pitfall 9: room for OPT', () => {
  test('the longest question and all options fit into 512 octets, whatever else is left out', () => {
    const apex = Array.from({ length: 3 }, () => 'a'.repeat(63)).join('.');
    const name = `${'b'.repeat(61)}.${apex}`;
    const many = Array.from({ length: 40 }, (_, i) => `${'b'.repeat(61)} A 192.0.2.${i}`).join('\n');
    const context = contextFor(snapshotOf(zoneOf(apex, many)));
    context.cookies = new ServerCookies([SECRET]);
    context.nsid = Buffer.alloc(128, 1);
    context.isStale = true;
    const subnet = option(
      EdnsOption.CLIENT_SUBNET,
      Buffer.concat([Buffer.of(0, 2, 128, 0), Buffer.alloc(16)]),
    );
    const options = [subnet, option(EdnsOption.NSID), option(EdnsOption.COOKIE, CLIENT_COOKIE)];
    const query = encodeQuery({ name, type: 'A', edns: { udpPayloadSize: 512, options } });
    const answer = decodeAnswer(respond(context, query));
    assert.ok(answer.bytes.length <= 512);
    assert.equal(answer.flags.tc, true);
    assert.deepEqual(codesOf(answer), [8, 10, 3, 15]);
  });

  test('what a response has besides OPT does not change with the options, where all fits', () => {
    const context = configured();
    const plain = ask(context, []);
    assert.deepEqual(ask(context, ALL).answers, plain.answers);
  });
});
