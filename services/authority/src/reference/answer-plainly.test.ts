/** The fast path against its plain twin: generated zones and queries, every section octet for octet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nowhere, type Place, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import type { RecordSet, SteeredRecordSet } from '@signpost/contracts/record-set';
import { RRType } from '@signpost/dns/constants';
import { formatName, parseName } from '@signpost/dns/name-text';
import { buildPacket, optRecord } from '@signpost/dns/reference/build-packet';
import { readMessage, type ResourceRecord } from '@signpost/dns/reference/read-message';
import type { ClientView } from '@signpost/policy/select-answer';
import { scaled } from '@signpost/testkit/test-scale';
import * as fc from 'fast-check';

import { Transport } from '../serve/transport.ts';
import { contextFor, facts, group, respond, snapshotOf, SOURCE, steeredSet } from '../testing/sample-zone.ts';
import { answerPlainly, type PlainRecord, type PlainZone } from './answer-plainly.ts';

// Small worlds on purpose, so that chains, cuts, wildcards and empty non-terminals meet often.
const label = fc.constantFrom('a', 'b', '*');
const APEXES = ['test', 'a.test', 'b.a.test'];
const relative = fc.array(label, { maxLength: 3 });
const host = fc
  .tuple(relative, fc.constantFrom(...APEXES, 'elsewhere'))
  .map(([labels, apex]) => [...labels, apex].join('.'));

const rdata = fc.oneof(
  fc.nat(9).map((n) => ['A', `192.0.2.${n}`]),
  fc.nat(9).map((n) => ['AAAA', `2001:db8::${n}`]),
  fc.nat(9).map((n) => ['TXT', `"text ${n}"`]),
  host.map((name) => ['CNAME', `${name}.`]),
  host.map((name) => ['CNAME', `${name}.`]),
  host.map((name) => ['DNAME', `${name}.`]),
  host.map((name) => ['NS', `${name}.`]),
  fc.tuple(fc.nat(1), host).map(([n, name]) => ['MX', `${n} ${name}.`]),
  host.map((name) => ['SRV', `1 2 3 ${name}.`]),
  fc
    .tuple(
      fc.nat(2),
      fc.oneof(
        fc.constant('.'),
        host.map((name) => `${name}.`),
      ),
    )
    .map(([n, name]) => ['HTTPS', `${n} ${name}`]),
);

const answers = (type: 'A' | 'AAAA' | 'CNAME') =>
  type === 'CNAME'
    ? fc.array(
        host.map((name) => `${name}.`),
        { maxLength: 2 },
      )
    : fc.subarray(type === 'A' ? ['192.0.2.1', '192.0.2.2', '192.0.2.1'] : ['2001:db8::1', '2001:db8::1']);

const steered: fc.Arbitrary<readonly [string, SteeredRecordSet]> = fc
  .constantFrom<'A' | 'AAAA' | 'CNAME'>('A', 'AAAA', 'CNAME')
  .chain((type) => {
    const groupType = fc.constantFrom(type, 'CNAME' as const);
    const groups = fc.array(
      fc
        .tuple(groupType, fc.constantFrom('healthy' as const, 'fail_open' as const, 'servfail' as const))
        .chain(([each, standing]) =>
          answers(each).map((rdatas) =>
            group(each, standing === 'servfail' ? [] : rdatas, { select: 2, standing }),
          ),
        ),
      { minLength: 2, maxLength: 2 },
    );
    return groups.map((made) => {
      const rules = [
        { when: [{ subnets: ['10.0.0.0/8'] }], branch: 1 },
        { when: [{ geos: ['EU'] }], branch: 0 },
        { branch: 1 },
      ];
      return [type, steeredSet(made, { rules })] as const;
    });
  });

const zone = (apex: string): fc.Arbitrary<PlainZone> => {
  const owner = relative.map((labels) => [...labels, apex].join('.'));
  const fixed = fc.tuple(owner, rdata).map(([name, [type, text]]) => [`${name}|${type}`, text!] as const);
  const policies = fc.tuple(owner, steered).map(([name, [type, set]]) => [`${name}|${type}`, set] as const);
  return fc
    .tuple(fc.array(fixed, { maxLength: 12 }), fc.array(policies, { maxLength: 3 }), fc.boolean())
    .map(([records, policies, isShortLived]) => {
      const sets = new Map<string, RecordSet>();
      for (const [field, text] of records) {
        const old = sets.get(field);
        const texts = old?.kind === 'static' ? old.rdata : [];
        sets.set(field, { kind: 'static', ttl: 300, rdata: [...texts, text] });
      }
      for (const [field, set] of policies) sets.set(field, set);
      return { apex, facts: facts(apex, isShortLived ? { negativeTtl: 5 } : {}), recordSets: [...sets] };
    });
};

const world = fc.subarray(APEXES, { minLength: 1 }).chain((apexes) => fc.tuple(...apexes.map(zone)));

const question = fc.record({
  name: fc
    .tuple(fc.array(label, { maxLength: 5 }), fc.constantFrom(...APEXES))
    .map(([labels, apex]) => [...labels, apex].join('.')),
  type: fc.constantFrom(
    ...([RRType.A, RRType.A, RRType.AAAA, RRType.CNAME, RRType.MX, RRType.NS, RRType.SOA] as number[]),
    ...([
      RRType.SRV,
      RRType.TXT,
      RRType.DS,
      RRType.DNAME,
      RRType.ANY,
      65280,
      RRType.HTTPS,
      RRType.DS,
    ] as number[]),
  ),
  subnet: fc.option(fc.constantFrom([10, 1, 2], [81, 2, 69], [9, 9, 9])),
});

/** 81.0.0.0/8 is in Europe, which took 12 bits to find out. */
function placeOf(address: Uint8Array): Place {
  return address[0] === 81 ? { continent: 'EU', country: '', subdivision: '', prefixLength: 12 } : nowhere(9);
}

function packetFor({
  name,
  type,
  subnet,
}: {
  name: string;
  type: number;
  subnet: readonly number[] | null;
}): Uint8Array {
  const data = subnet === null ? undefined : Uint8Array.of(0, 1, 24, 0, ...subnet);
  return buildPacket({
    id: 1,
    questions: [{ name: parseName(name), type }],
    additional: data === undefined ? [] : [optRecord([{ code: 8, data }])],
  });
}

function clientFor(subnet: readonly number[] | null): ClientView {
  const address = new Uint8Array(16);
  address.set(subnet ?? SOURCE);
  return {
    family: 4,
    address,
    sourceLength: subnet === null ? 32 : 24,
    place: () => placeOf(address),
    system: () => UNKNOWN_SYSTEM,
  };
}

/** `www.a.test 1 300 c0000201` */
function fromPlain({ owner, type, ttl, rdata }: PlainRecord): string {
  return `${owner} ${type} ${ttl} ${Buffer.from(rdata).toString('hex')}`;
}

function fromWire({ name, type, ttl, rdata }: ResourceRecord): string {
  return `${formatName(name)} ${type} ${ttl} ${Buffer.from(rdata).toString('hex')}`;
}

test('over any zones, any query is answered as the plain twin says', () => {
  fc.assert(
    fc.property(world, fc.array(question, { minLength: 1, maxLength: 20 }), (zones, questions) => {
      const context = contextFor(snapshotOf(...zones));
      context.client.places = { lookup: placeOf };
      for (const asked of questions) {
        const packet = packetFor(asked);
        const plain = answerPlainly(zones, readMessage(packet), clientFor(asked.subnet));
        const fast = readMessage(respond(context, packet, Transport.tcp));
        const additional = fast.additional.filter(({ type }) => type !== RRType.OPT);
        assert.deepEqual(
          {
            rcode: fast.rcode,
            aa: (fast.flags & 0x400) !== 0,
            answers: fast.answers.map(fromWire),
            authority: fast.authority.map(fromWire),
            additional: additional.map(fromWire),
            scope: fast.edns?.options.find(({ code }) => code === 8)?.data[3],
          },
          {
            rcode: plain.rcode,
            aa: plain.aa,
            answers: plain.answers.map(fromPlain),
            authority: plain.authority.map(fromPlain),
            additional: plain.additional.map(fromPlain),
            scope: asked.subnet === null ? undefined : plain.scope,
          },
          `${asked.name} ${asked.type} in ${JSON.stringify(zones.map(({ recordSets }) => recordSets))}`,
        );
      }
    }),
    { numRuns: scaled({ slice: 400, full: 20_000 }) },
  );
});
