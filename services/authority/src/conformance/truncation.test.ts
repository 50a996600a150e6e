/** How large a response over UDP may be, and what is left out when it is too small: RFC 1035, 2181 9, 6891, 9471, 9715. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ServerCookies } from '@signpost/dns/server-cookie';
import { readMessage, type ResourceRecord } from '@signpost/dns/reference/read-message';
import { encodeQuery } from '@signpost/testkit/dns-client';
import { seededDraw } from '@signpost/testkit/seeded-draw';
import { scaled } from '@signpost/testkit/test-scale';

import { Transport } from '../serve/transport.ts';
import { contextFor, respond, snapshotOf, zoneOf } from '../testing/sample-zone.ts';

const TC = 0x02;
const draw = seededDraw(1_232);
const below = (bound: number): number => Math.floor(draw() * bound);
const times = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');
const NAMES = scaled({ slice: 20, full: 60 });

/** Names of all sizes, none of which has anything in the additional section that may be left out. */
const lines = times(NAMES, (i) => {
  const many = 1 + below(70);
  return [
    times(many, (j) => `a${i} A 192.0.${i}.${j}`),
    times(1 + below(6), (j) => `t${i} TXT "${j}${'x'.repeat(below(250))}"`),
    times(1 + below(60), (j) => `cut${i} NS n${j}.cut${i}.size.test.\nn${j}.cut${i} A 192.0.2.${j}`),
    `al${i} CNAME a${i}.size.test.`,
    `x${i} DNAME ${'y'.repeat(1 + below(60))}.size.test.`,
  ].join('\n');
});
const zone = snapshotOf(zoneOf('size.test', lines));
const QUESTIONS = Array.from({ length: NAMES }, (_, i) => [
  [`a${i}`, 'A'],
  [`t${i}`, 'TXT'],
  [`al${i}`, 'A'],
  [`w.cut${i}`, 'A'],
  [`q.x${i}`, 'A'],
  [`${'q'.repeat(59)}.${'r'.repeat(59)}.${'s'.repeat(59)}.x${i}`, 'A'],
  [`none${i}`, 'A'],
]).flat();

const OPTIONS = [
  [],
  [{ code: 10, data: Buffer.alloc(8, 1) }],
  [
    { code: 3, data: Buffer.alloc(0) },
    { code: 10, data: Buffer.alloc(8, 1) },
    { code: 8, data: Buffer.of(0, 1, 24, 0, 192, 0, 2) },
  ],
];

function context() {
  const made = contextFor(zone);
  made.cookies = new ServerCookies([new Uint8Array(16)]);
  made.nsid = Buffer.from('node-1.fra');
  return made;
}

describe('pitfall 9: truncation', () => {
  test('a response is whole, octet for octet that of TCP, or it does not fit and has TC', () => {
    const asked = context();
    let truncated = 0;
    let count = 0;
    for (const [name, type] of QUESTIONS) {
      for (const options of OPTIONS) {
        const query = encodeQuery({ id: 1, name: `${name!}.size.test`, type: type!, edns: { options } });
        const sizeAt = query.indexOf(Buffer.of(0, 41, 4, 208), 12) + 2;
        const whole = respond(asked, query, Transport.tcp);
        for (let size = 0; size <= 1_300; size += size < 500 ? 250 : scaled({ slice: 60, full: 7 })) {
          query.writeUInt16BE(size, sizeAt);
          const limit = Math.min(1_232, Math.max(512, size));
          const response = respond(asked, query);
          const shown = `${name} ${type} at ${size}: ${response.length} of ${whole.length}`;
          assert.ok(response.length <= limit, shown);
          count += 1;
          if (whole.length <= limit) assert.ok(response.equals(whole), shown);
          else {
            assert.equal(response[2]! & TC, TC, shown);
            assertNoPart(response, whole, shown);
            truncated += 1;
          }
        }
      }
    }
    assert.ok(truncated > count / 20 && truncated < count / 2, `${truncated} of ${count} were truncated`);
  });

  test('without EDNS the limit is 512 octets', () => {
    for (const [name, type] of QUESTIONS) {
      const query = encodeQuery({ id: 1, name: `${name!}.size.test`, type: type! });
      const [response, whole] = [respond(context(), query), respond(context(), query, Transport.tcp)];
      assert.ok(response.length <= 512);
      if (whole.length <= 512) assert.ok(response.equals(whole));
      else assert.equal(response[2]! & TC, TC);
    }
  });

  test('no RRset is sent in part, in any section', () => {
    const mail = times(14, (i) => `@ MX ${i} host${i}.big.test.`);
    const hosts = times(14, (i) =>
      times(1 + below(5), (j) => `host${i} A 192.0.${i}.${j}\nhost${i} AAAA 2001:db8::${i}:${j}`),
    );
    const services = times(4, (i) => `_s SVCB ${i + 1} host${i}.big.test.`);
    const wide = times(30, (i) => `_w SVCB ${i + 1} host${i % 14}.big.test.`);
    const asked = contextFor(
      snapshotOf(
        zoneOf(
          'big.test',
          `${mail}\n${hosts}\n${services}\n${wide}\n_a SVCB 0 _s.big.test.\n_b SVCB 0 _w.big.test.`,
        ),
      ),
    );
    for (const [name, type] of [
      ['big.test', 'MX'],
      ['_s.big.test', 'TYPE64'],
      ['_a.big.test', 'TYPE64'],
      ['_b.big.test', 'TYPE64'],
    ] as const) {
      const ask = (udpPayloadSize: number, transport: Transport = Transport.udp) =>
        readMessage(respond(asked, encodeQuery({ name, type, edns: { udpPayloadSize } }), transport));
      const whole = counts(ask(4_096, Transport.tcp));
      for (let size = 512; size <= 1_232; size += 1) {
        const message = ask(size);
        assert.equal((message.flags >> 8) & TC, 0, 'additional records go without TC');
        for (const [rrset, count] of counts(message))
          assert.equal(count, whole.get(rrset), `${rrset} at ${size}`);
      }
    }
  });

  test('RFC 9471: without room for the glue below the cut TC is set, for other addresses it is not', () => {
    const inside = times(30, (i) => `in NS n${i}.in.g.test.\nn${i}.in A 192.0.2.${i}`);
    const beside = times(25, (i) => `by NS n${i}.by2.g.test.\nn${i}.by2 A 192.0.2.${i}`);
    const asked = contextFor(snapshotOf(zoneOf('g.test', `${inside}\n${beside}`)));
    const flags = (name: string): number =>
      respond(asked, encodeQuery({ name, type: 'A', edns: { udpPayloadSize: 900 } }))[2]!;
    assert.equal(flags('x.in.g.test') & TC, TC);
    assert.equal(flags('x.by.g.test') & TC, 0);
  });
});

/** Each RRset of the response is there with all the records that it has over TCP. */
function assertNoPart(response: Buffer, whole: Buffer, shown: string): void {
  const all = counts(readMessage(whole));
  for (const [rrset, count] of counts(readMessage(response))) {
    if (!rrset.endsWith(' 41')) assert.equal(count, all.get(rrset), `${rrset} of ${shown}`);
  }
}

/** Records per owner and type. */
function counts({ answers, authority, additional }: ReturnType<typeof readMessage>): Map<string, number> {
  const all = new Map<string, number>();
  for (const { name, type } of [...answers, ...authority, ...additional] as ResourceRecord[]) {
    const key = `${Buffer.from(name).toString('latin1')} ${type}`;
    all.set(key, (all.get(key) ?? 0) + 1);
  }
  return all;
}
