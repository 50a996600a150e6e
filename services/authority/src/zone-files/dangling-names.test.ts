/** Warnings of names that lead nowhere against what the authority answers: none too many, and none missing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { storedZone } from '@signpost/config/stored-zone';
import { nowhere, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import { RRType } from '@signpost/dns/constants';
import { formatName, parseName } from '@signpost/dns/name-text';
import { buildPacket } from '@signpost/dns/reference/build-packet';
import { readMessage } from '@signpost/dns/reference/read-message';
import { targetOf } from '@signpost/dns/zone-file/dangling-names';
import { loadZone } from '@signpost/dns/zone-file/load-zone';
import type { ClientView } from '@signpost/policy/select-answer';
import { scaled } from '@signpost/testkit/test-scale';
import * as fc from 'fast-check';

import { answerPlainly, type PlainZone } from '../reference/answer-plainly.ts';

const label = fc.constantFrom('a', 'b', 'c', '*');
const owner = fc.array(label, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
const target = fc
  .array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 3 })
  .map((labels) => labels.join('.'));
const data = fc.oneof(
  fc.constantFrom('A 192.0.2.1', 'AAAA 2001:db8::1', 'TXT x', 'NS ns.example.org.', 'DNAME example.org.'),
  target.map((name) => `CNAME ${name}`),
  target.map((name) => `MX 1 ${name}`),
  target.map((name) => `SRV 1 2 3 ${name}`),
);
const lines = fc.array(fc.tuple(owner, data), { minLength: 1, maxLength: 6 });

const HEAD = '$TTL 60\n@ SOA ns.example.org. x 1 2 3 4 5\n@ NS ns.example.org.\n';

test('a name is warned of when, and only when, the authority has no answer for it', () => {
  let warned = 0;
  fc.assert(
    fc.property(lines, (records) => {
      const text = HEAD + records.map((fields) => `${fields.join(' ')}\n`).join('');
      const zone = loadZone('example.com', 'zone', () => text);
      fc.pre(zone.mistakes.length === 0);
      const expected = zone.records.flatMap(({ type, rdata, line }) => {
        const name = targetOf(type, rdata);
        if (name === undefined || formatName(name).endsWith('example.org')) return [];
        return isAnswered(served(zone.records), formatName(name), type) ? [] : [line];
      });
      const told = zone.warnings.filter(({ message }) => /leads to/.test(message)).map(({ line }) => line);
      warned += told.length;
      assert.deepEqual(told, expected, text);
    }),
    { numRuns: scaled({ slice: 1_000, full: 20_000 }) },
  );
  assert.ok(warned > 100, `${warned} warnings`);
});

function served(records: Parameters<typeof storedZone>[0]): PlainZone {
  const { facts, recordSets } = storedZone(records);
  return { apex: 'example.com', facts: facts!, recordSets: [...recordSets] };
}

const CLIENT: ClientView = {
  family: 4,
  address: new Uint8Array(16),
  sourceLength: 32,
  place: () => nowhere(0),
  system: () => UNKNOWN_SYSTEM,
};

/** Hosts of mail and services need an address, names that an alias leads to need to be there. */
function isAnswered(zone: PlainZone, name: string, by: number): boolean {
  const answers = [RRType.A, RRType.AAAA].map((type) => {
    const message = readMessage(buildPacket({ questions: [{ name: parseName(name), type }] }));
    return answerPlainly([zone], message, CLIENT);
  });
  const isReferral = answers.some(({ aa, authority }) => !aa && authority.length > 0);
  if (isReferral || answers.some((answer) => answer.answers.length > 0)) return true;
  return by === RRType.CNAME && answers[0]!.rcode !== 3;
}
