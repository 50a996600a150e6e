/** Tables of clients against walking the rules, over real databases and any rules: same answers, widest correct scope. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { maskedTo } from '@signpost/dns/address';
import { openGeoDatabase, openSystemDatabase } from '@signpost/geo/mmdb-file';
import { createChance, seedOf } from '@signpost/policy/chance';
import { prepareBranches, followNearest } from '@signpost/policy/choose-branch';
import { subnetsOf, usesPlaces, usesSystems } from '@signpost/policy/client-rules';
import { findBranch, UNDECIDED } from '@signpost/policy/client-table';
import { matchRules, prepareRules } from '@signpost/policy/match-rules';
import { arbitrarySet } from '@signpost/policy/reference/arbitrary-record-set';
import {
  createSelection,
  prepareSteering,
  selectAnswer,
  type Steering,
} from '@signpost/policy/select-answer';
import { double, type MmdbValue } from '@signpost/testkit/mmdb-value';
import { scaled } from '@signpost/testkit/test-scale';
import { writeMmdb, type MmdbNetwork } from '@signpost/testkit/write-mmdb';
import * as fc from 'fast-check';

import { builtTable } from '../testing/built-table.ts';
import { QueryClient } from './view-client.ts';

const OWNER = 'www.example.org';
const RUNS = scaled({ slice: 300, full: 10_000 });

interface Range {
  /** 4 or 16. */
  readonly octets: Uint8Array;
  readonly length: number;
}

/** Few numbers, so that networks, subnets and clients often meet. */
const range: fc.Arbitrary<Range> = fc
  .tuple(
    fc.oneof(
      fc.tuple(
        fc.constantFrom(10, 192, 0, 255),
        fc.constantFrom(0, 1, 128),
        fc.constantFrom(0, 2, 129),
        fc.nat(255),
      ),
      fc
        .tuple(
          fc.constantFrom(0x20, 0, 0x2a),
          fc.constantFrom(0, 1),
          fc.constantFrom(0, 0x0d),
          fc.constantFrom(0xb8, 0),
        )
        .chain((head) =>
          fc
            .uint8Array({ minLength: 5, maxLength: 5, max: 2 })
            .map((tail) => [...head, ...tail, 0, 0, 0, 0, 0, 0, 1]),
        ),
    ),
    fc.nat({ max: 128 }),
  )
  .map(([octets, length]) => prefixOf(Uint8Array.from(octets), length));

function prefixOf(octets: Uint8Array, length: number): Range {
  const bits = Math.min(length, octets.length * 8);
  return { octets: maskedTo(octets, bits), length: bits };
}

function textOf({ octets, length }: Range): string {
  if (octets.length === 4) return `${octets.join('.')}/${length}`;
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((octets[2 * i]! << 8) | octets[2 * i + 1]!).toString(16),
  );
  return `${groups.join(':')}/${length}`;
}

const record: fc.Arbitrary<{ readonly [key: string]: MmdbValue }> = fc.constantFrom(
  { country: { iso_code: 'GB' }, location: { latitude: 51.5, longitude: double(-0.1) } },
  { country: { iso_code: 'US' }, subdivisions: [{ iso_code: 'CA' }] },
  { country: { iso_code: 'US' }, location: { latitude: 40.5, longitude: double(-74.5) } },
  { country: { iso_code: 'TR' } },
  { continent: { code: 'NA' } },
);
const system = fc
  .constantFrom(64_496, 64_497, 64_511, 64_500)
  .map((asn) => ({ autonomous_system_number: asn }));

const networksWith = (records: fc.Arbitrary<MmdbNetwork['record']>) =>
  fc.array(fc.record({ range, record: records }), { minLength: 1, maxLength: 12 });

const world = fc.record({
  set: arbitrarySet,
  places: networksWith(record),
  systems: networksWith(system),
  others: fc.array(range, { maxLength: 4 }),
});
type World = typeof world extends fc.Arbitrary<infer Drawn> ? Drawn : never;

function opened({ places, systems, set }: World) {
  const written = (networks: World['places']) =>
    writeMmdb(
      networks.map((network) => ({ prefix: textOf(network.range), record: network.record })),
      { ipVersion: 6 },
    );
  const geo = openGeoDatabase(written(places), 'geo.mmdb');
  const asn = openSystemDatabase(written(systems), 'asn.mmdb');
  const client = new QueryClient();
  client.places = geo;
  client.systems = asn;
  return { client, table: builtTable(set, { places: geo.networks(), systems: asn.networks() }) };
}

/** All prefixes at which what a client gets may change. */
function dividing({ set, places, systems }: World): readonly Range[] {
  return [
    ...(usesPlaces(set) ? places : []).map((network) => network.range),
    ...(usesSystems(set) ? systems : []).map((network) => network.range),
    ...subnetsOf(set, 4),
    ...subnetsOf(set, 6),
  ];
}

/** The first address of each, and the one behind its last. */
function edgesOf({ octets, length }: Range): readonly Uint8Array[] {
  const behind = Uint8Array.from(octets);
  for (let bit = length - 1; bit >= 0; bit -= 1) {
    behind[bit >>> 3]! ^= 0x80 >>> (bit & 7);
    if ((behind[bit >>> 3]! & (0x80 >>> (bit & 7))) !== 0) return [octets, behind];
  }
  return [octets];
}

function look(client: QueryClient, octets: Uint8Array, sourceLength: number): void {
  client.look({ hasClientSubnet: false } as never, new Uint8Array(octets.length));
  client.address.fill(0);
  client.address.set(maskedTo(octets, sourceLength));
  client.sourceLength = sourceLength;
}

function selected(steering: Steering, seed: number, client: QueryClient) {
  const selection = createSelection();
  selectAnswer(steering, client, createChance(seed, 0.3, 1), selection);
  return {
    group: selection.group,
    answers: [...selection.answers.subarray(0, selection.count)],
    scope: selection.scope,
  };
}

test('every client gets what walking the rules gives it, however little is known of it, and no narrower scope', () => {
  fc.assert(
    fc.property(world, fc.array(fc.nat({ max: 128 }), { minLength: 8, maxLength: 8 }), (drawn, lengths) => {
      const { client, table } = opened(drawn);
      const walking = prepareSteering(drawn.set);
      const finding = prepareSteering(drawn.set, undefined, { table });
      const seed = seedOf(drawn.set, OWNER);
      const ranges = [...dividing(drawn), ...drawn.others];
      const points = ranges.flatMap((own) => edgesOf(own).map((octets) => ({ octets, length: own.length })));
      for (const [index, { octets, length }] of points.entries()) {
        const all = octets.length * 8;
        // Of a client of whom one bit less is known than a subnet has, it is not known that he is in it.
        for (const sourceLength of [all, Math.min(all, lengths[index % 8]!), Math.max(0, length - 1)]) {
          look(client, octets, sourceLength);
          const walked = selected(walking, seed, client);
          look(client, octets, sourceLength);
          const found = selected(finding, seed, client);
          assert.deepEqual([found.group, found.answers], [walked.group, walked.answers]);
          // To a resolver a scope that is longer than its source is as long as that (RFC 7871 7.3.1).
          const counts = Math.min(found.scope, sourceLength);
          assert.ok(counts <= walked.scope, `${counts} bits where walking takes ${walked.scope}`);
        }
      }
    }),
    { numRuns: RUNS },
  );
});

test('the scope is the widest correct one: all clients in it get the same branch, and one bit less would not do', () => {
  let seen = 0;
  fc.assert(
    fc.property(world, (drawn) => {
      const { client, table } = opened(drawn);
      const { set } = drawn;
      const rules = prepareRules(set);
      const branches = prepareBranches(set.branches, set.groups.length, () => -1);
      const walker = { scope: 0, vector: new Float64Array(3), least: new Float64Array(1) };
      const walked = (octets: Uint8Array): number => {
        look(client, octets, octets.length * 8);
        return followNearest(branches, matchRules(rules, client, walker), client, walker);
      };
      const edges = [...dividing(drawn), ...ofIpv4(drawn)].flatMap(edgesOf);
      for (const octets of [...edges, ...drawn.others.flatMap(edgesOf)]) {
        look(client, octets, octets.length * 8);
        const found = { scope: 0 };
        const branch = findBranch(table, client, found);
        // Branches change at edges alone, so those and the first of the block stand for all clients in it.
        const within = (bits: number) => {
          const first = maskedTo(octets, bits);
          const others = edges.filter(
            (edge) => edge.length === first.length && isSame(maskedTo(edge, bits), first),
          );
          return [first, ...others].map(walked);
        };
        if (branch === UNDECIDED) {
          assert.ok(isOfIpv4(octets) || new Set(within(64)).size > 1, 'no need to walk the rules');
          continue;
        }
        assert.equal(branch, walked(octets));
        assert.deepEqual(
          within(found.scope).filter((other) => other !== branch),
          [],
        );
        if (found.scope === 0) continue;
        seen += 1;
        assert.ok(
          within(found.scope - 1).some((other) => other !== branch),
          `${octets.join('.')}/${found.scope}`,
        );
      }
    }),
    { numRuns: RUNS },
  );
  assert.ok(seen > RUNS);
});

/** IPv4 networks of a database lie in its tree of IPv6 too. */
function ofIpv4(drawn: World): readonly Range[] {
  return dividing(drawn)
    .filter(({ octets }) => octets.length === 4)
    .map(({ octets, length }) => ({
      octets: Uint8Array.of(...new Uint8Array(12), ...octets),
      length: 96 + length,
    }));
}

/** The first 64 bits are zero, as where addresses stand for IPv4. */
function isOfIpv4(octets: Uint8Array): boolean {
  return octets.length === 16 && octets.subarray(0, 8).every((octet) => octet === 0);
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.every((octet, index) => octet === other[index]);
}
