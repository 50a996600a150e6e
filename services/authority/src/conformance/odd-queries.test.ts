/** Queries that are odd but well-formed enough to deserve an answer: RFC 1035, 3597, 4343, 6895, 8482, 8906, 9619, 9824. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { formatName, parseName } from '@signpost/dns/name-text';
import { buildPacket, optRecord, type Packet } from '@signpost/dns/reference/build-packet';
import { type Message, readMessage } from '@signpost/dns/reference/read-message';

import { Transport } from '../serve/transport.ts';
import { contextFor, respond, snapshotOf, zoneOf } from '../testing/sample-zone.ts';

const context = contextFor(
  snapshotOf(
    zoneOf(
      'example.net',
      `@        NS         ns.example.net.
       ns       A          192.0.2.53
       www      A          192.0.2.1
       www      AAAA       2001:db8::1
       www      TYPE65280  \\# 5 03777777c0
       www      TXT        "${'x'.repeat(255)}" "${'y'.repeat(255)}" "" "z"
       a\\000\\255\\.\\032b  A  192.0.2.2
       \\193   A          192.0.2.3`,
    ),
  ),
);
const WWW = parseName('www.example.net');

function ask(packet: Packet, transport: Transport = Transport.udp): Message {
  return readMessage(respond(context, buildPacket({ id: 6, ...packet }), transport));
}

const question = (type: number, name: Uint8Array = WWW): Packet => ({ questions: [{ name, type }] });

describe('pitfall 20: what is unknown is answered and not dropped', () => {
  test('opcodes: NOTIMP with the opcode and RD echoed, neither AA nor records', () => {
    for (let opcode = 1; opcode < 16; opcode += 1) {
      const { flags, rcode, answers, authority } = ask({ ...question(1), flags: (opcode << 11) | 0x0100 });
      assert.equal(rcode, 4);
      assert.equal(flags & 0xfff0, 0x8100 | (opcode << 11));
      assert.deepEqual([answers, authority], [[], []]);
    }
  });

  test('classes: REFUSED without AA', () => {
    for (const rrclass of [0, 2, 3, 4, 5, 253, 254, 255, 256, 65_280, 65_535]) {
      const { flags, rcode, answers } = ask({ questions: [{ name: WWW, type: 1, class: rrclass }] });
      assert.deepEqual([rcode, flags & 0x0400, answers], [5, 0, []], `class ${rrclass}`);
    }
  });

  test('types: NODATA where the name exists, NXDOMAIN where it does not (RFC 3597, RFC 8906 3.1.1)', () => {
    for (const type of [0, 54, 66, 100, 127, 129, 200, 248, 1_000, 65_279, 65_281, 65_535]) {
      for (const [name, rcode] of [
        ['www', 0],
        ['none', 3],
      ] as const) {
        const message = ask(question(type, parseName(`${name}.example.net`)));
        assert.deepEqual(
          [message.rcode, message.answers.length, message.authority[0]?.type],
          [rcode, 0, 6],
          `${type}`,
        );
        assert.equal(message.flags & 0x0400, 0x0400);
      }
    }
  });
});

describe('RFC 6895 3.1: types that are no data', () => {
  const rcodes: ReadonlyArray<readonly [name: string, type: number, rcode: number]> = [
    ['OPT is FORMERR', 41, 1],
    ['NXNAME is FORMERR (RFC 9824 3.5)', 128, 1],
    ['TKEY is NOTIMP', 249, 4],
    ['TSIG is FORMERR', 250, 1],
    ['IXFR is REFUSED', 251, 5],
    ['AXFR is REFUSED', 252, 5],
    ['MAILB is NOTIMP', 253, 4],
    ['MAILA is NOTIMP', 254, 4],
  ];
  for (const [name, type, rcode] of rcodes) {
    test(name, () => {
      for (const transport of [Transport.udp, Transport.tcp]) {
        const message = ask(question(type), transport);
        assert.deepEqual([message.rcode, message.flags & 0x0400, message.answers], [rcode, 0, []]);
      }
    });
  }
});

test('RFC 1995 3: an IXFR with the SOA of its client is REFUSED as it is without; other authority is FORMERR', () => {
  const soa = { name: Uint8Array.of(0), type: 6, class: 1, ttl: 0, rdata: new Uint8Array(22) };
  const asked = question(251);
  assert.equal(ask({ ...asked, authority: [soa], additional: [optRecord([])] }).rcode, 5);
  assert.equal(ask({ ...asked, authority: [soa, soa] }).rcode, 1);
  assert.equal(ask({ ...asked, authority: [{ ...soa, type: 1 }] }).rcode, 1);
  assert.equal(ask({ ...question(252), authority: [soa] }).rcode, 1);
});

describe('RFC 8906 8: the tests that every server should pass', () => {
  const soa = question(6, parseName('example.net'));
  test('8.1.1: a plain query is answered with data and AA', () => {
    const { rcode, flags, answers } = ask(soa);
    assert.deepEqual([rcode, flags & 0x8400, answers.length], [0, 0x8400, 1]);
  });
  test('8.1.2: an unknown type is NOERROR without data', () => {
    assert.deepEqual([ask(question(1_000)).rcode, ask(question(1_000)).answers.length], [0, 0]);
  });
  test('8.1.3: CD, AD, RA, AA, TC, RD and the reserved bit change nothing; CD, AD, RA, Z are clear in the response', () => {
    for (const bit of [0x10, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x7f0, 0xf]) {
      const { rcode, flags, answers } = ask({ ...soa, flags: bit });
      assert.deepEqual([rcode, answers.length, flags], [0, 1, 0x8400 | (bit & 0x100)], bit.toString(16));
    }
  });
  test('8.1.4: an unknown opcode is NOTIMP, without a question too', () => {
    const { rcode, flags } = ask({ flags: 15 << 11 });
    assert.deepEqual([rcode, flags & 0x0400], [4, 0]);
  });
  test('8.1.5: TCP is answered as UDP is', () => {
    assert.deepEqual(ask(soa, Transport.tcp), ask(soa));
  });
});

describe('pitfall 12: a response is met with silence, whatever else it is', () => {
  test('at every opcode and rcode, with and without records', () => {
    const record = { name: WWW, type: 1, class: 1, ttl: 1, rdata: Uint8Array.of(1, 2, 3, 4) };
    for (let flags = 0x8000; flags <= 0xffff; flags += 0x0101) {
      for (const packet of [question(1), { ...question(1), answers: [record] }, {}]) {
        assert.equal(respond(context, buildPacket({ ...packet, flags })).length, 0);
      }
    }
  });

  test('and so is our own', () => {
    for (const type of [1, 128, 252, 65_535]) {
      assert.equal(respond(context, respond(context, buildPacket(question(type)))).length, 0);
    }
  });
});

describe('RFC 9619: QDCOUNT', () => {
  const one = { name: WWW, type: 1 };
  test('of 0 or more than 1 is FORMERR without records', () => {
    for (const questions of [[], [one, one], [one, { name: WWW, type: 28 }], [one, one, one]]) {
      const { rcode, answers } = ask({ questions });
      assert.deepEqual([rcode, answers], [1, []]);
    }
    const counted = buildPacket({ questions: [one] });
    counted[4] = 0xff;
    counted[5] = 0xff;
    assert.equal(readMessage(respond(context, counted)).rcode, 1);
  });
});

describe('RFC 4343: the case of letters', () => {
  test('of the question is kept in the response and changes nothing in the answer', () => {
    for (const text of ['wWw.ExAmPlE.nEt', 'WWW.EXAMPLE.NET', 'www.example.neT']) {
      const name = Uint8Array.from(parseName('www.example.net'), (octet, i) => {
        const letter = ` ${text}`.charCodeAt(i);
        return octet > 63 ? letter : octet;
      });
      const message = ask(question(1, name));
      assert.deepEqual(message.questions[0]!.name, name);
      assert.deepEqual(
        [message.answers.length, formatName(message.answers[0]!.name)],
        [1, 'www.example.net'],
      );
    }
  });
});

describe('RFC 2181 11: any octet may stand in a label', () => {
  test('and only the letters of ASCII have two cases', () => {
    const rcode = (...label: number[]): number =>
      ask(question(1, Uint8Array.from([label.length, ...label, ...parseName('example.net')]))).rcode;
    assert.equal(rcode(0x61, 0, 0xff, 0x2e, 0x20, 0x62), 0);
    assert.equal(rcode(0x41, 0, 0xff, 0x2e, 0x20, 0x42), 0);
    assert.equal(rcode(0x61, 0, 0xff, 0x2e, 0, 0x62), 3);
    assert.equal(rcode(0xc1), 0);
    assert.equal(rcode(0xe1), 3);
  });

  test('each of the 256, alone, is denied with its own octets', () => {
    for (let octet = 0; octet < 256; octet += 1) {
      const name = Uint8Array.of(2, 0x71, octet, ...parseName('example.net'));
      const message = ask(question(1, name));
      assert.deepEqual([message.rcode, [...message.questions[0]!.name]], [3, [...name]]);
    }
  });
});

test('RFC 3597: data of an unknown type goes out as it came, uncompressed', () => {
  const { answers } = ask(question(65_280));
  assert.deepEqual([...answers[0]!.rdata], [3, 0x77, 0x77, 0x77, 0xc0]);
});

test('pitfall 19: a text of more than 255 octets is several strings, an empty one among them', () => {
  const { answers } = ask(question(16), Transport.tcp);
  const { rdata } = answers[0]!;
  assert.deepEqual([rdata.length, rdata[0], rdata[256], rdata[512], rdata[513]], [515, 255, 255, 0, 1]);
});

test('RFC 8482: ANY is answered with one RRset, over TCP too', () => {
  for (const transport of [Transport.udp, Transport.tcp]) {
    const { rcode, answers } = ask(question(255), transport);
    assert.deepEqual([rcode, answers.map(({ type }) => type)], [0, [1]]);
  }
  assert.equal(ask(question(255, parseName('none.example.net'))).rcode, 3);
});

test('RFC 4035 3.1.6, 3.2.2: of an unsigned answer neither AD nor CD is set, whatever was asked', () => {
  for (const flags of [0x30, 0x20, 0x10]) assert.equal(ask({ ...question(1), flags }).flags & 0x30, 0);
});
