/**
 * The fast parser against the plain decoder: on any packet they agree on what is
 * well-formed and on every field, and the fast one neither throws nor reads on.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as fc from 'fast-check';

import { maskedTo } from './address.ts';
import { EdnsOption, RRType } from './constants.ts';
import { ParseOutcome, parseQuery } from './parse-query.ts';
import { Query } from './query.ts';
import { buildPacket, joined, optRecord, type PacketOption } from './reference/build-packet.ts';
import { assertSameFields, expectedOutcome } from './testing/expected-query.ts';

const octet = fc.integer({ min: 0, max: 255 });
const rarely = <T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

const plainName = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 12 }), { maxLength: 5 })
  .map((labels) => joined([...labels.map((label) => [label.length, ...label]), [0]]));
const pointedName = fc
  .tuple(fc.uint8Array({ minLength: 1, maxLength: 5 }), fc.integer({ min: 0, max: 60 }))
  .map(([label, target]) => joined([[label.length], label, [0xc0, target]]));

const clientSubnet = fc
  .tuple(
    rarely(1, fc.constantFrom(0, 2, 3, 257)),
    fc.integer({ min: 0, max: 34 }),
    rarely(0, octet),
    fc.uint8Array({ minLength: 5, maxLength: 5 }),
    rarely(0, fc.integer({ min: -1, max: 1 })),
    rarely(true, fc.boolean()),
  )
  .map(([family, source, scope, address, extra, isMasked]) => {
    const octets = (isMasked ? maskedTo(address, source) : address).subarray(0, ((source + 7) >> 3) + extra);
    return {
      code: EdnsOption.CLIENT_SUBNET,
      data: joined([[family >> 8, family & 255, source, scope], octets]),
    };
  });
const cookie = rarely(8, fc.integer({ min: 0, max: 44 })).map((length) => ({
  code: EdnsOption.COOKIE,
  data: new Uint8Array(length),
}));
const otherOption = fc.record({
  code: fc.constantFrom(3, 11, 12, 65001),
  data: fc.uint8Array({ maxLength: 6 }),
});
const option: fc.Arbitrary<PacketOption> = fc.oneof(clientSubnet, cookie, otherOption);

const opt = fc
  .record({
    options: fc.array(option, { maxLength: 3 }),
    udpSize: fc.integer({ min: 0, max: 0xffff }),
    version: rarely(0, octet),
    flags: fc.constantFrom(0, 0x8000, 0x1234),
  })
  .map(({ options, ...edns }) => optRecord(options, edns));
const otherRecord = fc.record({
  name: fc.oneof(plainName, pointedName),
  type: fc.constantFrom<number>(RRType.A, RRType.SOA, RRType.TSIG, 65280),
  class: fc.constant(1),
  ttl: fc.nat(),
  rdata: fc.uint8Array({ maxLength: 8 }),
});

const packet = fc
  .record({
    id: fc.integer({ min: 0, max: 0xffff }),
    flags: rarely(0x0100, fc.integer({ min: 0, max: 0xffff })),
    questions: fc.oneof(
      {
        weight: 9,
        arbitrary: fc.tuple(
          fc.record({
            name: plainName,
            type: fc.constantFrom<number>(1, 28, 255, RRType.IXFR),
            class: rarely(1, octet),
          }),
        ),
      },
      {
        weight: 1,
        arbitrary: fc.array(fc.record({ name: fc.oneof(plainName, pointedName), type: octet }), {
          maxLength: 2,
        }),
      },
    ),
    answers: rarely([], fc.array(otherRecord, { maxLength: 1 })),
    authority: rarely([], fc.array(otherRecord, { maxLength: 1 })),
    additional: fc.array(fc.oneof({ weight: 3, arbitrary: opt }, { weight: 1, arbitrary: otherRecord }), {
      maxLength: 2,
    }),
  })
  .map(buildPacket);

/** One change to a packet: an octet replaced, octets cut off the end, or octets put in or taken out. */
const change = fc.tuple(fc.constantFrom('replace', 'cut', 'insert', 'remove'), fc.nat({ max: 120 }), octet);
const mutated = fc.tuple(packet, fc.array(change, { maxLength: 2 })).map(([octets, changes]) => {
  const result = Array.from(octets);
  for (const [kind, at, value] of changes) {
    if (kind === 'replace' && at < result.length) result[at] = value;
    if (kind === 'cut') result.splice(at);
    if (kind === 'insert') result.splice(at, 0, value);
    if (kind === 'remove') result.splice(at, 1);
  }
  return Uint8Array.from(result);
});

test('the parser and the plain decoder agree on generated and damaged packets', () => {
  const seen = [0, 0, 0, 0, 0];
  const query = new Query();
  fc.assert(
    fc.property(mutated, (octets) => {
      const { outcome, message } = expectedOutcome(octets);
      // Octets of an earlier packet stand behind this one, as they do in a reused buffer.
      const buffer = joined([octets, new Uint8Array(64).fill(0x01)]);
      assert.equal(parseQuery(buffer, octets.length, query), outcome);
      if (outcome === ParseOutcome.accept) assertSameFields(query, message!, octets);
      seen[outcome]! += 1;
    }),
    { numRuns: 4000 },
  );
  assert.ok(
    seen.every((count) => count > 20),
    `outcomes were met ${seen.join(', ')} times`,
  );
});

test('the parser never throws on octets without any order', () => {
  const query = new Query();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (octets, isQuery) => {
      if (isQuery && octets.length > 12) octets.set([0x01, 0x00, 0, 1, 0, 0, 0, 0, 0], 2);
      assert.equal(parseQuery(octets, octets.length, query), expectedOutcome(octets).outcome);
    }),
    { numRuns: 2000 },
  );
});
