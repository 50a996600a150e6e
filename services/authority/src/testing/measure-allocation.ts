/**
 * For tests only: a process of its own that measures what an answer allocates. It is run with `--expose-gc` and a young
 * generation so large that no collection falls into a round. It prints, as JSON, the octets by which the heap grew for
 * each answer, for each kind of query the least of several rounds: compilation may fall into one, not into all.
 */
import type { Generation } from '@signpost/contracts/brands';
import { countryKey, encodeLatencies, type StoredLatencies } from '@signpost/contracts/stored-latencies';
import { ServerCookies } from '@signpost/dns/server-cookie';
import { mutatedPackets } from '@signpost/dns/testing/mutated-packets';
import { openGeoDatabase, openSystemDatabase } from '@signpost/geo/mmdb-file';
import { NOT_FLATTENED } from '@signpost/policy/client-table';
import { encodeQuery } from '@signpost/testkit/dns-client';
import { double } from '@signpost/testkit/mmdb-value';
import { writeMmdb } from '@signpost/testkit/write-mmdb';

import { latencyTableOf } from '../latency/latency-table-of.ts';
import { SnapshotBuilder } from '../replica/build-snapshot.ts';
import { EMPTY_SNAPSHOT } from '../replica/zone.ts';
import { AnswerSampler } from '../count/answer-sampler.ts';
import { answerQuery, MAX_TCP_SIZE } from '../serve/answer-query.ts';
import { Transport } from '../serve/transport.ts';
import { uniformDraws } from '../serve/uniform-draws.ts';
import { builtTable } from './built-table.ts';
import { contextFor, group, SOURCE, steeredSet, zoneOf } from './sample-zone.ts';

const ANSWERS = 50_000;
const ROUNDS = 4;
const SAMPLED = 100;

const collect = (globalThis as { gc?: () => void }).gc!;

function main(): void {
  const measured: Record<string, number> = {};
  for (const [kind, packets] of Object.entries(kinds())) {
    measured[kind] = leastGrowth(packets);
  }
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

/** The first round warms up and is not counted. */
function leastGrowth(packets: readonly Uint8Array[]): number {
  const { context, output } = node();
  let least = Infinity;
  for (let round = 0; round <= ROUNDS; round += 1) {
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < ANSWERS; i += 1) {
      const packet = packets[i % packets.length]!;
      answerQuery(context, packet, packet.length, SOURCE, Transport.udp, output);
      // So often that every steered answer is taken as a sample.
      if (i % SAMPLED === 0) context.sampler!.drained();
    }
    const grown = process.memoryUsage().heapUsed - before;
    if (round > 0) least = Math.min(least, grown / ANSWERS);
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
     moved DNAME wild.example.net.
     sub NS ns.sub.example.net.
     ns.sub A 192.0.2.54
     ${Array.from({ length: 60 }, (_, i) => `many A 192.0.2.${i}`).join('\n')}`,
    {
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
  const builder = new SnapshotBuilder(EMPTY_SNAPSHOT, slotOf, (set) =>
    set === tabled ? { table } : NOT_FLATTENED,
  );
  builder.addPortion(zone);
  const snapshot = builder.finish(1 as Generation);
  const context = contextFor(snapshot, uniformDraws(Int32Array.of(1, 2, 3, 4)));
  context.latencies = latencyTableOf(encodeLatencies(ROUND_TRIPS), slotOf);
  context.client.places = geo;
  context.client.systems = openSystemDatabase(writeMmdb([SYSTEM], { ipVersion: 6 }), 'asn.mmdb');
  context.cookies = new ServerCookies([Buffer.alloc(16, 3)]);
  context.nsid = Buffer.from('node');
  context.sampler = new AnswerSampler(SAMPLED, 1);
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
    'an alias': asked('alias.example.net', 'A'),
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
