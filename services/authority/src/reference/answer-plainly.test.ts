/** The query path against its plain twin: generated zones and queries, every section octet for octet. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nowhere, type Place, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import { RRType } from '@signpost/dns/constants';
import { formatName, parseName } from '@signpost/dns/name-text';
import { buildPacket, optRecord } from '@signpost/dns/reference/build-packet';
import { readMessage, type ResourceRecord } from '@signpost/dns/reference/read-message';
import type { ClientView } from '@signpost/policy/select-answer';
import { scaled } from '@signpost/testkit/test-scale';
import * as fc from 'fast-check';

import { Transport } from '../serve/transport.ts';
import { PICKS } from '../testing/generated-policies.ts';
import { questionName, world } from '../testing/generated-zones.ts';
import { contextFor, respond, snapshotOf, SOURCE } from '../testing/sample-zone.ts';
import { answerPlainly, type PlainRecord } from './answer-plainly.ts';

/** The twin has one turn for all links of a chain. */
const PICKS_WITHOUT_TURNS = PICKS.filter((pick) => pick !== 'round_robin');

const question = fc.record({
  name: questionName,
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
    fc.property(
      world(PICKS_WITHOUT_TURNS),
      fc.array(question, { minLength: 1, maxLength: 20 }),
      (zones, questions) => {
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
      },
    ),
    { numRuns: scaled({ slice: 200, full: 20_000 }) },
  );
});
