/** What the fast path must take, or an authority is slow and nobody sees why; and what it leaves to the general path. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ParseOutcome, parseQuery } from '@signpost/dns/parse-query';
import { ServerCookies } from '@signpost/dns/server-cookie';
import { encodeQuery } from '@signpost/testkit/dns-client';

import { ImageSnapshot } from '../image/read-image.ts';
import { latencyTableOf } from '../latency/latency-table-of.ts';
import type { QueryContext } from '../serve/query-context.ts';
import { verifyCookie } from '../serve/verify-cookie.ts';
import { Transport } from '../serve/transport.ts';
import { flattened, PLACES, ROUND_TRIPS } from '../testing/sample-clients.ts';
import {
  contextFor,
  group,
  imageOf,
  type Question,
  SOURCE,
  steeredSet,
  zoneOf,
} from '../testing/sample-zone.ts';
import { answerFast, NOT_FAST } from './answer-fast.ts';

const ADDRESSES = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
const tabled = steeredSet([group('A', ADDRESSES)], {
  rules: [{ when: [{ subnets: ['81.0.0.0/8'] }], branch: 0 }, { branch: 0 }],
});
const single = (address: string) => group('A', [address], { pick: 'ordered' });
const choosing = (choice: Parameters<typeof steeredSet>[1] & object) =>
  steeredSet([single('192.0.2.1'), single('192.0.2.2')], choice);

const zone = zoneOf(
  'example.net',
  `@ NS ns.example.net.
   ns A 192.0.2.53
   www A 192.0.2.1
   www AAAA 2001:db8::1
   www TXT "text"
   www MX 10 mail.example.net.
   *.wild A 192.0.2.7
   *.wild TXT "text"
   alias CNAME www.example.net.
   away CNAME www.example.com.
   near CNAME host.example.org.
   steered-alias CNAME weighted.example.net.
   wild-alias CNAME x.wild.example.net.
   two CNAME alias.example.net.
   loop CNAME loop.example.net.
   none CNAME nothing.example.net.
   empty.below A 192.0.2.9
   ptr PTR www.example.net.
   srv SRV 1 2 3 www.example.net.
   ${Array.from({ length: 60 }, (_, i) => `many A 192.0.2.${i}`).join('\n')}`,
  {
    'weighted.example.net|A': steeredSet([group('A', ADDRESSES, { select: 2 })]),
    'turns.example.net|A': steeredSet([group('A', ADDRESSES, { pick: 'round_robin' })]),
    'ordered.example.net|A': steeredSet([group('A', ADDRESSES, { pick: 'ordered' })]),
    'affinity.example.net|A': steeredSet([group('A', ADDRESSES, { pick: 'affinity' })]),
    'six.example.net|AAAA': steeredSet([group('AAAA', ['2001:db8::1', '2001:db8::2'])]),
    '*.steered.example.net|A': steeredSet([group('A', ADDRESSES)]),
    'table.example.net|A': tabled,
    'geo.example.net|A': choosing({ rules: [{ when: [{ geos: ['EU'] }], branch: 1 }, { branch: 0 }] }),
    'nobody.example.net|A': steeredSet([group('A', [])]),
    'shares.example.net|A': choosing({
      branches: [
        { group: 0 },
        { group: 1 },
        {
          weighted: [
            { branch: 0, weight: 1, key: 'a' },
            { branch: 1, weight: 1, key: 'b' },
          ],
        },
      ],
      rules: [{ branch: 2 }],
    }),
    'nearest.example.net|A': choosing({
      branches: [
        { group: 0 },
        { group: 1 },
        {
          nearest: [
            { branch: 0, at: [[40.7, -74]], stretch: 1 },
            { branch: 1, at: [[52.5, 13.4]], stretch: 1 },
          ],
        },
      ],
      rules: [{ branch: 2 }],
    }),
    'fastest.example.net|A': choosing({
      branches: [
        { group: 0 },
        { group: 1 },
        {
          fastest: [
            { branch: 0, targets: [{ target: 'target-0' }] },
            { branch: 1, targets: [{ target: 'target-1' }] },
          ],
          slackMs: 0,
          slackShare: 0,
        },
      ],
      rules: [{ branch: 2 }],
    }),
    'down.example.net|A': steeredSet([group('A', ADDRESSES, { standing: 'fail_open' })]),
    'hosts.example.net|A': steeredSet([group('CNAME', ['www.example.net.'])]),
  },
);
/** Cuts and DNAMEs make a zone one where the fast path looks for them first. */
const cutting = zoneOf(
  'example.org',
  `host A 192.0.2.5
   into CNAME host.example.org.
   sub NS ns.sub.example.org.
   sub NS ns.example.com.
   ns.sub A 192.0.2.54
   ns.sub AAAA 2001:db8::54
   moved DNAME host.example.org.`,
);

function newContext(hasTables = false): QueryContext {
  const { memory } = imageOf(zone, cutting);
  const context = contextFor(new ImageSnapshot(memory, undefined, hasTables ? flattened : undefined));
  context.client.places = PLACES;
  context.latencies = latencyTableOf(ROUND_TRIPS, (target) => Number(target.at(-1)) + 1);
  context.cookies = new ServerCookies([Buffer.alloc(16, 3)]);
  return context;
}

const option = (code: number, length: number) => ({ code, data: Buffer.alloc(length, 1) });
const withOptions = (...options: ReturnType<typeof option>[]) => ({ edns: { options } });
const SUBNET = { subnet: '81.2.69.0/24' };

type Row = readonly [what: string, name: string, type: string, more?: Partial<Question>];

const TAKEN: readonly Row[] = [
  ['an RRset', 'www.example.net', 'A'],
  ['an RRset of another type', 'www.example.net', 'AAAA'],
  ['a text', 'www.example.net', 'TXT'],
  ['a pointer', 'ptr.example.net', 'PTR'],
  ['letters of any case', 'wWw.eXaMpLe.NeT', 'A'],
  ['EDNS', 'www.example.net', 'A', { edns: true }],
  ['DO', 'www.example.net', 'A', { edns: { dnssecOk: true } }],
  ['a client subnet', 'www.example.net', 'A', SUBNET],
  ['a client subnet that says nothing', 'www.example.net', 'A', { subnet: '0.0.0.0/0' }],
  ['a client subnet of IPv6', 'www.example.net', 'A', { subnet: '2001:db8::/56' }],
  ['a client cookie', 'www.example.net', 'A', withOptions(option(10, 8))],
  ["another's cookie", 'www.example.net', 'A', withOptions(option(10, 24))],
  ['NSID where there is none', 'www.example.net', 'A', withOptions(option(3, 0))],
  ['padding and keepalive', 'www.example.net', 'A', withOptions(option(12, 9), option(11, 0))],
  ['an unknown option', 'www.example.net', 'A', withOptions(option(65_001, 4))],
  ['NXDOMAIN', 'nothing.example.net', 'A', { edns: true }],
  ['NODATA', 'www.example.net', 'SRV', { edns: true }],
  ['NODATA of an empty non-terminal', 'below.example.net', 'A'],
  ['an unknown type', 'www.example.net', 'TYPE100'],
  ['a wildcard', 'x.wild.example.net', 'A'],
  ['a wildcard, deeper', 'a.b.wild.example.net', 'TXT', { edns: true }],
  ['an alias itself', 'alias.example.net', 'CNAME'],
  ['a chain of one', 'alias.example.net', 'A', { edns: true }],
  ['a chain out of our zones', 'away.example.net', 'A'],
  ['a chain within a zone that has cuts below', 'near.example.net', 'A', { edns: true }],
  ['a chain to a wildcard', 'wild-alias.example.net', 'A'],
  ['a chain to a steered set', 'steered-alias.example.net', 'A', SUBNET],
  ['a referral', 'a.sub.example.org', 'A'],
  ['a referral at the cut', 'sub.example.org', 'AAAA', { edns: true }],
  ['a name beside a cut', 'host.example.org', 'A'],
  ['by weight', 'weighted.example.net', 'A', SUBNET],
  ['in turns', 'turns.example.net', 'A'],
  ['in order', 'ordered.example.net', 'A', SUBNET],
  ['by affinity', 'affinity.example.net', 'A', SUBNET],
  ['IPv6 by weight', 'six.example.net', 'AAAA', { subnet: '2001:db8::/56' }],
  ['a steered wildcard', 'x.steered.example.net', 'A', SUBNET],
  ['by place', 'geo.example.net', 'A', SUBNET],
  ['by shares', 'shares.example.net', 'A', SUBNET],
  ['the nearest', 'nearest.example.net', 'A', SUBNET],
  ['the fastest', 'fastest.example.net', 'A', SUBNET],
  ['by subnet', 'table.example.net', 'A', SUBNET],
  ['a policy that has nothing', 'nobody.example.net', 'A'],
];

const LEFT: readonly Row[] = [
  ['a name of nobody', 'www.example.com', 'A'],
  ['ANY', 'www.example.net', 'ANY'],
  ['DS', 'www.example.net', 'DS'],
  ['a transfer', 'example.net', 'AXFR'],
  ['SOA at the apex', 'example.net', 'SOA'],
  ['hosts in NS', 'example.net', 'NS'],
  ['hosts in MX', 'www.example.net', 'MX'],
  ['hosts in SRV', 'srv.example.net', 'SRV'],
  ['a chain of two', 'two.example.net', 'A'],
  ['a loop', 'loop.example.net', 'A'],
  ['a chain to nowhere', 'none.example.net', 'A'],
  ['a DNAME', 'a.moved.example.org', 'A'],
  ['what is too long', 'many.example.net', 'A'],
  ['a pool that is down', 'down.example.net', 'A'],
  ['targets that are hosts', 'hosts.example.net', 'A'],
];

for (const [what, name, type, more] of TAKEN) {
  test(`takes ${what}`, () => {
    for (const hasTables of [false, true]) {
      assert.notEqual(fastAnswer(newContext(hasTables), { name, type, ...more }), NOT_FAST);
    }
  });
}

for (const [what, name, type, more] of LEFT) {
  test(`leaves ${what} to the general path`, () => {
    assert.equal(fastAnswer(newContext(), { name, type, ...more }), NOT_FAST);
  });
}

test('leaves to the general path what is out of date, and who asks for an NSID that there is', () => {
  const stale = newContext();
  stale.isStale = true;
  assert.equal(fastAnswer(stale, { name: 'www.example.net', type: 'A' }), NOT_FAST);
  const named = newContext();
  named.nsid = Uint8Array.of(1);
  const asked = { name: 'www.example.net', type: 'A' };
  assert.equal(fastAnswer(named, { ...asked, ...withOptions(option(3, 0)) }), NOT_FAST);
  assert.notEqual(fastAnswer(named, asked), NOT_FAST);
});

/** As `answerQuery` asks for it. */
function fastAnswer(context: QueryContext, question: Question): number {
  const packet = encodeQuery(question);
  assert.equal(parseQuery(packet, packet.length, context.query), ParseOutcome.accept);
  context.startQuery(Transport.udp);
  context.isVerified = verifyCookie(context, packet, SOURCE);
  return answerFast(context, packet, SOURCE, new Uint8Array(1_232));
}
