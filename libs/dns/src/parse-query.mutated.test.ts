/**
 * The fast parser against two decoders over hostile packets by the ten thousand: our plain one, which must agree on all
 * of them, and dns-packet, which is laxer and must agree on those that the fast parser accepts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { scaled, showProgress } from '@signpost/testkit/test-scale';
import dnsPacket from 'dns-packet';

import { RRType, typeCode } from './constants.ts';
import { formatName } from './name-text.ts';
import { ParseOutcome, parseQuery } from './parse-query.ts';
import { Query } from './query.ts';
import type { Message } from './reference/read-message.ts';
import { assertSameFields, expectedOutcome } from './testing/expected-query.ts';
import { mutatedPackets } from './testing/mutated-packets.ts';

const BATCH = 5_000;

test('the parser agrees with the plain decoder and with dns-packet on mutated packets', (t) => {
  const count = scaled({ slice: 30_000, full: 1_000_000 });
  const show = showProgress('parser, mutated packets', count);
  const names = Object.keys(ParseOutcome);
  const seen = names.map(() => 0);
  const query = new Query();
  let comparable = 0;
  for (let done = 0; done < count; done += BATCH) {
    for (const octets of mutatedPackets(40_000 + done, BATCH)) {
      const { outcome, message } = expectedOutcome(octets);
      const shown = Buffer.from(octets).toString('hex');
      assert.equal(parseQuery(octets, octets.length, query), outcome, shown);
      seen[outcome]! += 1;
      if (outcome !== ParseOutcome.accept) continue;
      assertSameFields(query, message!, octets);
      if (isExpressible(octets, message!) && isSameToDnsPacket(query, Buffer.from(octets), shown))
        comparable += 1;
    }
    show(done + BATCH);
  }
  const shares = seen.map((times, i) => `${names[i]} ${((100 * times) / count).toFixed(1)} %`);
  t.diagnostic(
    `${count} packets: ${shares.join(', ')}; dns-packet could express ${comparable} of those accepted`,
  );
  assert.ok(seen[ParseOutcome.accept]! > 0.4 * count, 'the packets get far in');
  assert.ok(seen.every((times) => times > 0.01 * count));
  assert.ok(comparable > 0.3 * count);
});

/** dns-packet has names as text without escapes, and does not always step over a record by its RDLENGTH. */
function isExpressible(octets: Uint8Array, { additional }: Message): boolean {
  if (additional.some(({ type }) => type !== RRType.OPT)) return false;
  for (let at = 12; octets[at] !== 0; at += octets[at]! + 1) {
    const label = octets.subarray(at + 1, at + 1 + octets[at]!);
    if (!label.every((octet) => /[\da-z-]/i.test(String.fromCharCode(octet)))) return false;
  }
  return true;
}

/** False: dns-packet cannot express it. Throws where both can and differ. */
function isSameToDnsPacket(query: Query, octets: Buffer, shown: string): boolean {
  let packet: ReturnType<typeof dnsPacket.decode>;
  try {
    packet = dnsPacket.decode(octets);
  } catch {
    return false; // records and options of known types with data that they cannot have
  }
  const [question, ...more] = packet.questions ?? [];
  assert.deepEqual(more, [], shown);
  assert.equal(packet.id, query.id, shown);
  assert.equal(packet.type, 'query', shown);
  assert.equal(question!.name.toLowerCase(), nameOf(query), shown);
  assert.equal(codeOf(question!.type), query.qtype, shown);
  const opt = packet.additionals?.find((record) => record.type === 'OPT');
  assert.equal(opt !== undefined, query.hasEdns, shown);
  if (opt === undefined) return true;
  assert.equal(Math.max(512, opt.udpPayloadSize), query.udpSize, shown);
  assert.equal(opt.flag_do, query.dnssecOk, shown);
  assert.equal(opt.ednsVersion, 0, shown);
  const codes = opt.options.map(({ code }) => code as number);
  assert.deepEqual(
    [8, 10, 3, 11, 12].map((code) => codes.includes(code)),
    [query.hasClientSubnet, query.cookieLength > 0, query.nsidAsked, query.tcpKeepaliveAsked, query.isPadded],
    shown,
  );
  return true;
}

/** dns-packet writes the root as a dot, and no other name with one at its end. */
function nameOf({ name }: Query): string {
  const text = formatName(name.octets.subarray(0, name.length));
  return text.length === 1 ? text : text.replace(/\.$/, '');
}

/** It writes a type that it does not know as UNKNOWN_123. */
function codeOf(type: string): number | undefined {
  return typeCode(type.replace('UNKNOWN_', 'TYPE'));
}
