/** Whatever comes in: no exception, no oversized answer, no answer to a response, and the next query is served. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodeQuery } from '@signpost/testkit/dns-client';

import { mutatedPackets } from '../testing/mutated-packets.ts';
import { contextFor, group, respond, snapshotOf, steeredSet, zoneOf } from '../testing/sample-zone.ts';

const zone = zoneOf(
  'example.net',
  `@ NS ns.example.net.
   ns A 192.0.2.53
   @ MX 10 www.example.net.
   *.wild A 192.0.2.7
   alias CNAME www.example.net.
   @ TXT "${'x'.repeat(250)}" "${'y'.repeat(250)}" "${'z'.repeat(250)}"
   sub NS ns.sub.example.net.
   ns.sub A 192.0.2.54`,
  {
    'www.example.net|A': steeredSet([group('A', ['192.0.2.1', '192.0.2.2'], { select: 2 })], {
      rules: [{ geos: ['EU'], branch: 0 }, { branch: 0 }],
    }),
  },
);
const QR = 0x80;

test('50,000 random and mutated packets harm nothing', () => {
  const context = contextFor(snapshotOf(zone));
  const control = encodeQuery({ id: 9, name: 'www.example.net', type: 'A', edns: true });
  const expected = respond(context, control).length;
  let answered = 0;
  let count = 0;
  for (const packet of mutatedPackets(20_261, 50_000)) {
    const response = respond(context, packet);
    count += 1;
    if (response.length > 0) {
      answered += 1;
      assertSound(packet, response);
    }
    if (count % 1_000 === 0) assert.equal(respond(context, control).length, expected);
  }
  assert.ok(answered > count / 2, `${answered} of ${count} were answered`);
});

function assertSound(packet: Uint8Array, response: Buffer): void {
  const shown = () => `${Buffer.from(packet).toString('hex')} -> ${response.toString('hex')}`;
  assert.ok(packet.length >= 12 && (packet[2]! & QR) === 0, `a response was answered: ${shown()}`);
  assert.ok((response[2]! & QR) !== 0 && response[0] === packet[0] && response[1] === packet[1], shown());
  assert.ok(response.length <= 1_232, shown());
  const rcode = response[3]! & 0xf;
  const isRefusal = rcode !== 0 && rcode !== 3;
  assert.ok(!isRefusal || response.length <= packet.length + 64, `amplified: ${shown()}`);
}

test('what was read of one query never shows in the next', () => {
  const used = contextFor(snapshotOf(zone));
  for (const packet of mutatedPackets(7, 3_000)) {
    const fresh = contextFor(used.snapshot);
    fresh.turn = used.turn;
    assert.deepEqual(respond(used, packet), respond(fresh, packet), Buffer.from(packet).toString('hex'));
  }
});
