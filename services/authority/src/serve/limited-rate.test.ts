/** Response rate limiting on the way of a query: what is limited, what is not, and what is sent instead. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { EdnsOption } from '@signpost/dns/constants';
import { ServerCookies } from '@signpost/dns/server-cookie';
import { mutatedPackets } from '@signpost/dns/testing/mutated-packets';
import { encodeQuery, type DnsAnswer, decodeAnswer } from '@signpost/testkit/dns-client';
import { seededDraw } from '@signpost/testkit/seeded-draw';

import { RateLimiter } from '../limit/rate-limiter.ts';
import { rateTableMemory } from '../limit/rate-table.ts';
import { contextFor, type Question, respond, snapshotOf, zoneOf } from '../testing/sample-zone.ts';
import type { QueryContext } from './query-context.ts';
import { Transport } from './transport.ts';

const ZONE = snapshotOf(
  zoneOf(
    'example.net',
    `www A 192.0.2.1
     *.wild A 192.0.2.7
     old DNAME new.example.net.
     host.new A 192.0.2.9
     sub NS ns.sub.example.net.
     ns.sub A 192.0.2.54`,
  ),
);
const PER_SECOND = 5;
const COUNT = 50;

function limited(slip = 0): QueryContext {
  const context = contextFor(ZONE);
  context.nowMs = 1_700_000_000_000;
  context.cookies = new ServerCookies([new Uint8Array(16)]);
  context.limiter = new RateLimiter(
    rateTableMemory(2 ** 12),
    new Uint8Array(8),
    { perSecond: PER_SECOND, windowMs: 15_000, slip, exempt: [] },
    () => 0,
  );
  return context;
}

/** Responses that came to so many questions, all in one moment. */
function flood(
  context: QueryContext,
  question: (index: number) => Question,
  transport: Transport = Transport.udp,
): DnsAnswer[] {
  const responses = Array.from({ length: COUNT }, (_, i) =>
    respond(context, encodeQuery(question(i)), transport),
  );
  return responses.filter(({ length }) => length > 0).map(decodeAnswer);
}

const www = (): Question => ({ name: 'www.example.net', type: 'A' });

describe('what is limited', () => {
  const floods: Readonly<Record<string, (index: number) => Question>> = {
    'one answer': www,
    'names that a wildcard answers': (i) => ({ name: `x${i}.wild.example.net`, type: 'A' }),
    'names that a DNAME answers': (i) => ({ name: `x${i}.old.example.net`, type: 'A' }),
    'names that do not exist': (i) => ({ name: `x${i}.example.net`, type: 'A' }),
    'types that a name lacks': (i) => ({ name: 'www.example.net', type: `TYPE${1_000 + i}` }),
    'names below a cut': (i) => ({ name: `x${i}.sub.example.net`, type: 'A' }),
    'names of others': (i) => ({ name: `example${i}.org`, type: 'A' }),
    'versions of EDNS': (i) => ({ ...www(), edns: { version: 1 + i } }),
  };
  for (const [what, question] of Object.entries(floods)) {
    test(`a flood of ${what}`, () => {
      assert.equal(flood(limited(), question).length, PER_SECOND);
    });
  }

  test('each for itself', () => {
    const context = limited();
    for (const [what, question] of Object.entries(floods)) {
      if (what === 'versions of EDNS') continue; // an error like those of others' names
      assert.equal(flood(context, question).length, PER_SECOND, what);
    }
  });
});

describe('what is not', () => {
  test('TCP and TLS', () => {
    const context = limited();
    assert.equal(flood(context, www, Transport.tcp).length, COUNT);
    assert.equal(flood(context, www, Transport.tls).length, COUNT);
    assert.equal(flood(context, www).length, PER_SECOND);
  });

  test('RFC 7873 1: a client that shows a cookie of ours', () => {
    const context = limited();
    const withCookie = (data: Buffer) => (): Question => ({
      ...www(),
      edns: { options: [{ code: EdnsOption.COOKIE, data }] },
    });
    const [first] = flood(context, withCookie(Buffer.alloc(8, 1)));
    const cookie = first!.edns!.options[0]!.data;
    assert.equal(flood(context, withCookie(cookie)).length, COUNT);
    assert.equal(flood(context, withCookie(Buffer.alloc(24, 1))).length, 0);
  });

  test('anything, without a limiter', () => {
    assert.equal(flood(contextFor(ZONE), www).length, COUNT);
  });
});

describe('what slips', () => {
  test('an empty response with TC, its question echoed, no larger than the query', () => {
    const answers = flood(limited(1), www);
    assert.equal(answers.length, COUNT);
    const slipped = answers.slice(PER_SECOND);
    for (const answer of slipped) {
      assert.deepEqual([answer.flags.tc, answer.flags.aa, answer.rcode], [true, false, 'NOERROR']);
      assert.deepEqual([answer.questions.length, answer.answers, answer.authorities], [1, [], []]);
      assert.equal(answer.bytes.length, encodeQuery(www()).length);
    }
  });

  test('a denial keeps its response code', () => {
    const answers = flood(limited(1), (i) => ({ name: `x${i}.example.net`, type: 'A', edns: true }));
    const { rcode, flags, authorities, edns } = answers.at(-1)!;
    assert.deepEqual([rcode, flags.tc, authorities, edns?.options], ['NXDOMAIN', true, [], []]);
  });

  test('RFC 7873 5.2.3: BADCOOKIE with a cookie, to a client that sent one which is not ours', () => {
    const cookies = [Buffer.alloc(8, 1), Buffer.alloc(24, 1)];
    const context = limited(1);
    const answers = flood(context, (i) => ({
      ...www(),
      edns: { options: [{ code: EdnsOption.COOKIE, data: cookies[i % 2]! }] },
    }));
    const { rcode, flags, answers: records, edns } = answers.at(-1)!;
    assert.deepEqual([rcode, flags.tc, records], ['BADCOOKIE', false, []]);
    const again = {
      ...www(),
      edns: { options: [{ code: EdnsOption.COOKIE, data: edns!.options[0]!.data }] },
    };
    assert.equal(flood(context, () => again).length, COUNT, 'and with it the client is served');
  });

  test('never BADCOOKIE over TCP', () => {
    const data = Buffer.alloc(24, 1);
    const question = () => ({ ...www(), edns: { options: [{ code: EdnsOption.COOKIE, data }] } });
    for (const { rcode } of flood(limited(1), question, Transport.tcp)) assert.equal(rcode, 'NOERROR');
  });
});

test('limited or not, mutated packets harm nothing and never get more than the classical bound', () => {
  const context = limited(2);
  const draw = seededDraw(5);
  for (const packet of mutatedPackets(31, 20_000)) {
    context.nowMs += draw() < 0.001 ? 16_000 : 0;
    const response = respond(context, packet);
    assert.ok(response.length <= 1_232);
    const isRefusal = response.length > 0 && ![0, 3].includes(response[3]! & 0xf);
    assert.ok(!isRefusal || response.length <= packet.length + 64, Buffer.from(packet).toString('hex'));
  }
});
