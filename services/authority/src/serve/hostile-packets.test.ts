/** Whatever comes in: no exception, no oversized answer, no answer to a response, and the next query is served. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readMessage } from '@signpost/dns/reference/read-message';
import { ServerCookies } from '@signpost/dns/server-cookie';
import { mutatedPackets } from '@signpost/dns/testing/mutated-packets';
import { encodeQuery } from '@signpost/testkit/dns-client';
import { scaled, showProgress } from '@signpost/testkit/test-scale';

import { answerQuery } from './answer-query.ts';
import { Transport } from './transport.ts';
import {
  contextFor,
  group,
  respond,
  snapshotOf,
  SOURCE,
  steeredSet,
  zoneOf,
} from '../testing/sample-zone.ts';

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
      rules: [{ when: [{ geos: ['EU'] }], branch: 0 }, { branch: 0 }],
    }),
  },
);
const QR = 0x80;

test('random and mutated packets harm nothing', (t) => {
  const packets = scaled({ slice: 50_000, full: 1_000_000 });
  const show = showProgress('query path, mutated packets', packets);
  const context = contextFor(snapshotOf(zone));
  context.cookies = new ServerCookies([Buffer.alloc(16, 3)]);
  context.nsid = Buffer.from('node');
  const control = encodeQuery({ id: 9, name: 'www.example.net', type: 'A', edns: true });
  const expected = respond(context, control).length;
  let responses = 0;
  let answers = 0;
  let count = 0;
  for (const packet of mutatedPackets(20_261, packets)) {
    const response = respond(context, packet);
    count += 1;
    if (response.length > 0) {
      responses += 1;
      if (context.rcode === 0 || context.rcode === 3) answers += 1;
      assertSound(packet, response, context.query.hasEdns);
    }
    if (count % 1_000 !== 0) continue;
    assert.equal(respond(context, control).length, expected);
    show(count);
  }
  t.diagnostic(`${count} packets, ${responses} responses, ${answers} of them NOERROR or NXDOMAIN`);
  assert.ok(responses > 0.8 * count, `${responses} responses`);
  assert.ok(answers > 0.25 * count, `${answers} packets got far enough to be answered`);
});

function assertSound(packet: Uint8Array, response: Buffer, hasEdns: boolean): void {
  const shown = () => `${Buffer.from(packet).toString('hex')} -> ${response.toString('hex')}`;
  assert.ok(packet.length >= 12 && (packet[2]! & QR) === 0, `a response was answered: ${shown()}`);
  assert.ok((response[2]! & QR) !== 0 && response[0] === packet[0] && response[1] === packet[1], shown());
  assert.ok(response.length <= 1_232, shown());
  const { length, rcode, edns } = readMessage(response);
  assert.equal(length, response.length, shown());
  assert.equal(edns !== undefined, hasEdns, shown());
  const isRefusal = rcode !== 0 && rcode !== 3;
  assert.ok(!isRefusal || response.length <= packet.length + 64, `amplified: ${shown()}`);
}

test('what lies behind a packet in its buffer is never read', () => {
  const context = contextFor(snapshotOf(zone));
  const output = new Uint8Array(1_232);
  for (const packet of mutatedPackets(11, 3_000)) {
    const turn = context.chance.turn;
    const alone = respond(context, packet);
    for (const filler of [0x00, 0x01, 0xff]) {
      const buffer = new Uint8Array(packet.length + 600).fill(filler);
      buffer.set(packet);
      context.chance.turn = turn;
      const length = answerQuery(context, buffer, packet.length, SOURCE, Transport.udp, output);
      assert.deepEqual(Buffer.from(output.subarray(0, length)), alone, Buffer.from(packet).toString('hex'));
    }
  }
});

test('what was read of one query never shows in the next', () => {
  const used = contextFor(snapshotOf(zone));
  for (const packet of mutatedPackets(7, 3_000)) {
    const fresh = contextFor(used.snapshot);
    fresh.chance.turn = used.chance.turn;
    assert.deepEqual(respond(used, packet), respond(fresh, packet), Buffer.from(packet).toString('hex'));
  }
});
