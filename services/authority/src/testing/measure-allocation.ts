/**
 * For tests only: a process of its own that measures what an answer allocates. It is run with `--expose-gc` and a young
 * generation so large that no collection falls into a round. It prints, as JSON, the octets by which the heap grew for
 * each answer, by either path, for each kind of query the least of several rounds: compilation may fall into one, not into all.
 */
import { countryKey, encodeLatencies, type StoredLatencies } from '@signpost/contracts/stored-latencies';
import { ServerCookies } from '@signpost/dns/server-cookie';
import { mutatedPackets } from '@signpost/dns/testing/mutated-packets';
import { openGeoDatabase, openSystemDatabase } from '@signpost/geo/mmdb-file';
import { decidingKey } from '@signpost/policy/client-rules';
import { NOT_FLATTENED } from '@signpost/policy/client-table';
import { encodeQuery } from '@signpost/testkit/dns-client';
import { double } from '@signpost/testkit/mmdb-value';
import { writeMmdb } from '@signpost/testkit/write-mmdb';

import { latencyTableOf } from '../latency/latency-table-of.ts';
import { ImageSnapshot } from '../image/read-image.ts';
import { RateLimiter } from '../limit/rate-limiter.ts';
import { MOST_PER_SECOND, rateTableMemory } from '../limit/rate-table.ts';
import { AnswerSampler } from '../count/answer-sampler.ts';
import { answerInFull, answerQuery, MAX_TCP_SIZE } from '../serve/answer-query.ts';
import { Transport } from '../serve/transport.ts';
import { uniformDraws } from '../serve/uniform-draws.ts';
import { builtTable } from './built-table.ts';
import { contextFor, group, imageOf, SOURCE, steeredSet, zoneOf } from './sample-zone.ts';

const ANSWERS = 30_000;
/** At most: odd packets take long until all ways are compiled. */
const MOST_ROUNDS = 12;
/** Octets for an answer that are none: then no more rounds are needed. */
const NOTHING = 0.5;
const SAMPLED = 100;

const collect = (globalThis as { gc?: () => void }).gc!;

function main(): void {
  const measured: Record<string, number> = {};
  for (const [kind, packets] of Object.entries(kinds())) {
    measured[kind] = leastGrowth(packets, answerQuery);
    measured[`${kind}, in full`] = leastGrowth(packets, answerInFull);
  }
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

/** The first round warms up and is not counted. */
function leastGrowth(packets: readonly Uint8Array[], answer: typeof answerQuery): number {
  const { context, output } = node();
  let least = Infinity;
  for (let round = 0; round <= MOST_ROUNDS && least > NOTHING; round += 1) {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < ANSWERS; i += 1) {
      const packet = packets[i % packets.length]!;
      answer(context, packet, packet.length, SOURCE, Transport.udp, output);
      // So often that every steered answer is taken as a sample.
      if (i % SAMPLED === 0) context.sampler!.drained();
    }
    const grown = process.memoryUsage().heapUsed - before;
    // Less than before is no sign of nothing: a collection fell into the round.
    if (round > 0) least = Math.min(least, Math.abs(grown) / ANSWERS);
  }
  return least;
}

const LONDON = { country: { iso_code: 'GB' }, location: { latitude: 51.5, longitude: double(-0.13) } };
const CITY = { prefix: '81.2.69.0/24', record: LONDON };
const SYSTEM = { prefix: '81.2.0.0/16', record: { autonomous_system_number: 64_500 } };

const ROUND_TRIPS: StoredLatencies = {
  atMs: 1,
  targets: ['a', 'b'],
  ipv4: Uint32Array.of(0x510244, 0x510245),
  ipv6: new Float64Array(),
  systems: Uint32Array.of(64_501),
  countries: Uint32Array.of(countryKey('GB')),
  tenths: Uint16Array.of(1, 2, 341, 123, 3, 4, 555, 444),
};
const slotOf = (target: string): number => 'ab'.indexOf(target) + 1;

function node() {
  const nearest = {
    nearest: [
      { branch: 0, at: [[40.7, -74]] as [number, number][], stretch: 1 },
      { branch: 1, at: [[52.5, 13.4]] as [number, number][], stretch: 1.5 },
    ],
  };
  const fastest = {
    fastest: [
      { branch: 0, targets: [{ target: 'a' }] },
      { branch: 1, targets: [{ target: 'b' }] },
    ],
    slackMs: 5,
    slackShare: 0,
  };
  const tabled = steeredSet([group('A', ['192.0.2.1'], { pick: 'ordered' })], {
    rules: [
      { when: [{ geos: ['EU'] }], branch: 1 },
      { when: [{ subnets: ['2001:db8::/32'] }], branch: 1 },
      { branch: 0 },
    ],
    branches: [{ group: 0 }, { group: 0 }],
  });
  const zone = zoneOf(
    'example.net',
    `@ NS ns.example.net.
     ns A 192.0.2.53
     @ MX 10 www.example.net.
     *.wild A 192.0.2.7
     alias CNAME www.example.net.
     lead CNAME wild-host.example.net.
     wild-host AAAA 2001:db8::1
     away CNAME www.example.org.
     two CNAME alias.example.net.
     moved DNAME wild.example.net.
     sub NS ns.sub.example.net.
     ns.sub A 192.0.2.54
     ${Array.from({ length: 60 }, (_, i) => `many A 192.0.2.${i}`).join('\n')}`,
    {
      'turns.example.net|A': steeredSet([group('A', ['192.0.2.1', '192.0.2.2'], { pick: 'round_robin' })]),
      'same.example.net|A': steeredSet([group('A', ['192.0.2.1', '192.0.2.2'], { pick: 'affinity' })]),
      'down.example.net|A': steeredSet([group('A', ['192.0.2.1'], { standing: 'fail_open' })]),
      'www.example.net|A': steeredSet([group('A', ['192.0.2.1', '192.0.2.2', '192.0.2.3'], { select: 2 })], {
        rules: [{ when: [{ geos: ['EU'] }], branch: 0 }, { branch: 0 }],
      }),
      'table.example.net|A': tabled,
      'place.example.net|A': steeredSet([group('A', ['192.0.2.1'], { pick: 'ordered' })], {
        rules: [
          { when: [{ geos: ['NA'] }], branch: 0 },
          { when: [{ asns: [64_500] }], branch: 0 },
          { branch: 0 },
        ],
      }),
      'fast.example.net|A': steeredSet(
        ['192.0.2.1', '192.0.2.2'].map((rdata) => group('A', [rdata], { pick: 'ordered' })),
        { branches: [{ group: 0 }, { group: 1 }, fastest], rules: [{ branch: 2 }] },
      ),
      'near.example.net|A': steeredSet(
        ['192.0.2.1', '192.0.2.2'].map((rdata) => group('A', [rdata], { pick: 'ordered' })),
        { branches: [{ group: 0 }, { group: 1 }, nearest], rules: [{ branch: 2 }] },
      ),
    },
  );
  const geo = openGeoDatabase(writeMmdb([CITY], { ipVersion: 6 }), 'city.mmdb');
  const table = builtTable(tabled, { places: geo.networks(), systems: undefined });
  const tabledKey = decidingKey(tabled);
  const snapshot = new ImageSnapshot(imageOf(zone).memory, slotOf, (part) =>
    decidingKey(part) === tabledKey ? { table } : NOT_FLATTENED,
  );
  const context = contextFor(snapshot, uniformDraws(Int32Array.of(1, 2, 3, 4)));
  context.latencies = latencyTableOf(encodeLatencies(ROUND_TRIPS), slotOf);
  context.client.places = geo;
  context.client.systems = openSystemDatabase(writeMmdb([SYSTEM], { ipVersion: 6 }), 'asn.mmdb');
  context.cookies = new ServerCookies([Buffer.alloc(16, 3)]);
  context.nsid = Buffer.from('node');
  context.sampler = new AnswerSampler(SAMPLED, 1);
  // So high that nothing is withheld.
  const limits = { perSecond: MOST_PER_SECOND, windowMs: 15_000, slip: 2, exempt: [] };
  context.limiter = new RateLimiter(rateTableMemory(2 ** 12), new Uint8Array(8), limits, () => 0);
  return { context, output: new Uint8Array(MAX_TCP_SIZE) };
}

function kinds(): Record<string, Uint8Array[]> {
  const asked = (name: string, type: string, more: object = { edns: true }) => [
    encodeQuery({ id: 1, name, type, ...more }),
  ];
  const cookie = {
    edns: {
      options: [
        { code: 10, data: Buffer.alloc(8, 1) },
        { code: 3, data: Buffer.alloc(0) },
      ],
    },
  };
  return {
    'a record': asked('x.wild.example.net', 'A', {}),
    'a steered record': asked('www.example.net', 'A'),
    'a steered record and a client subnet': asked('www.example.net', 'A', { subnet: '81.2.69.0/24' }),
    'a table of clients': asked('table.example.net', 'A', { subnet: '81.2.69.0/24' }),
    'a table of IPv6 clients': asked('table.example.net', 'A', { subnet: '2001:db8:1::/48' }),
    'a place and an autonomous system': asked('place.example.net', 'A', {
      subnet: '81.2.69.0/24',
    }),
    'the fastest by a prefix': asked('fast.example.net', 'A', { subnet: '81.2.69.0/24' }),
    'the fastest by a country': asked('fast.example.net', 'A', { subnet: '81.2.69.0/20' }),
    'the nearest': asked('near.example.net', 'A', { subnet: '81.2.69.0/24' }),
    'a cookie and NSID': asked('x.wild.example.net', 'A', cookie),
    'by turns': asked('turns.example.net', 'A', { subnet: '81.2.69.0/24' }),
    'by affinity': asked('same.example.net', 'A', { subnet: '81.2.69.0/24' }),
    'a pool that is down': asked('down.example.net', 'A'),
    'an alias of a steered record': asked('alias.example.net', 'A'),
    'an alias of a record': asked('lead.example.net', 'AAAA'),
    'an alias of a name elsewhere': asked('away.example.net', 'A'),
    'two aliases': asked('two.example.net', 'A'),
    'a DNAME': asked('a.moved.example.net', 'A'),
    'no data': asked('alias.example.net', 'MX'),
    'no such name': asked('nothing.example.net', 'A'),
    'a delegation': asked('a.sub.example.net', 'A'),
    'a truncated answer': asked('many.example.net', 'A', {}),
    'another zone': asked('example.com', 'A'),
    'mutated packets': [...mutatedPackets(17, 5_000)],
  };
}

main();
