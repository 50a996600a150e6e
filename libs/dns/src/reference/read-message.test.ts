import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as dnsPacket from 'dns-packet';
import * as fc from 'fast-check';

import { RRType } from '../constants.ts';
import { MessageError } from '../errors.ts';
import { formatName, parseName } from '../name-text.ts';
import { encodeRdata, formatRdata } from '../rdata.ts';
import { buildPacket, joined, optRecord, type PacketRecord } from './build-packet.ts';
import { readMessage } from './read-message.ts';

const question = { name: parseName('www.example.com'), type: RRType.MX };

function record(type: number, rdata: Uint8Array, name: Uint8Array = parseName('a')): PacketRecord {
  return { name, type, class: 1, ttl: 0x80000001, rdata };
}

test('all sections and EDNS are read', () => {
  const mx = record(RRType.MX, Uint8Array.of(0, 5, 1, 98, 0xc0, 16), Uint8Array.of(0xc0, 12));
  const opt = { ...optRecord([{ code: 3, data: Uint8Array.of(7) }], { flags: 0x8000 }), ttl: 0x01008000 };
  const octets = buildPacket({
    id: 7,
    flags: 0x8507,
    questions: [question],
    answers: [mx],
    authority: [record(RRType.SOA, encodeRdata(RRType.SOA, 'a. b. 1 2 3 4 5'))],
    additional: [record(RRType.A, Uint8Array.of(1, 2, 3, 4)), opt],
  });
  const message = readMessage(joined([octets, [0, 0]]));
  assert.equal(message.id, 7);
  assert.equal(message.rcode, 0x17);
  assert.equal(message.opcode, 0);
  assert.equal(message.length, octets.length);
  assert.equal(formatName(message.answers[0]!.name), 'www.example.com');
  assert.equal(formatRdata(RRType.MX, message.answers[0]!.rdata), '5 b.example.com.');
  assert.equal(message.answers[0]!.ttl, 0x80000001);
  assert.equal(formatRdata(RRType.SOA, message.authority[0]!.rdata), 'a. b. 1 2 3 4 5');
  assert.equal(message.additional.length, 2);
  assert.deepEqual(message.edns?.options, [{ code: 3, data: Uint8Array.of(7) }]);
  assert.equal(message.edns.dnssecOk, true);
});

test('malformed messages are refused with the place', () => {
  const malformed: Record<string, Uint8Array> = {
    'no octets': new Uint8Array(),
    'half a header': new Uint8Array(11),
    'pointer to itself': buildPacket({ questions: [{ name: Uint8Array.of(0xc0, 12), type: 1 }] }),
    'pointer forward': buildPacket({ questions: [{ name: Uint8Array.of(0xc0, 14), type: 1 }] }),
    'pointer into the header': buildPacket({ questions: [{ name: Uint8Array.of(0xc0, 0), type: 1 }] }),
    'loop of two': buildPacket({ questions: [{ name: Uint8Array.of(1, 97, 0xc0, 12), type: 1 }] }),
    'label of 64': buildPacket({ questions: [{ name: Uint8Array.of(64, 0), type: 1 }] }),
    'RDATA longer than its name': buildPacket({ answers: [record(RRType.NS, Uint8Array.of(0, 0))] }),
    'name leaves its RDATA': joined([
      buildPacket({ answers: [record(RRType.NS, Uint8Array.of(1))] }),
      [97, 0],
    ]),
    'two OPT': buildPacket({ additional: [optRecord(), optRecord()] }),
    'OPT as an answer': buildPacket({ answers: [optRecord()] }),
    'OPT with a name': buildPacket({ additional: [{ ...optRecord(), name: parseName('a') }] }),
    'option cut short': buildPacket({ additional: [{ ...optRecord(), rdata: Uint8Array.of(0, 3, 0, 1) }] }),
  };
  for (const [what, octets] of Object.entries(malformed)) {
    assert.throws(
      () => readMessage(octets),
      (error) => error instanceof MessageError && error.code === 'SIGNPOST_DNS_MESSAGE',
      what,
    );
  }
});

test('a chain of pointers cannot make a name longer than 255 octets', () => {
  // Each record's owner is one label of 63 octets and a pointer to the owner before it.
  const label = [63, ...new Uint8Array(63).fill(97)];
  const first = record(65280, new Uint8Array(), joined([label, [0]]));
  const firstLength = 65 + 10;
  const next = (target: number) => record(65280, new Uint8Array(), joined([label, [0xc0, target]]));
  const chain = [first, next(12), next(12 + firstLength), next(12 + firstLength + 76)];
  assert.equal(readMessage(buildPacket({ answers: chain.slice(0, 3) })).answers.length, 3);
  assert.throws(() => readMessage(buildPacket({ answers: chain })), MessageError);
});

test('any octets are decoded or refused with a MessageError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 80 }), (octets) => {
      try {
        readMessage(octets);
      } catch (error) {
        assert.ok(error instanceof MessageError, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

test('what another encoder writes is read as it was meant', () => {
  const encoded = dnsPacket.encode({
    type: 'response',
    id: 99,
    flags: dnsPacket.AUTHORITATIVE_ANSWER,
    questions: [{ type: 'SRV', name: '_a._tcp.example.com' }],
    answers: [
      {
        type: 'SRV',
        name: '_a._tcp.example.com',
        ttl: 30,
        data: { priority: 1, weight: 2, port: 3, target: 'b.example.com' },
      },
    ],
    additionals: [{ type: 'AAAA', name: 'b.example.com', ttl: 31, data: '2001:db8::1' }],
  });
  const message = readMessage(encoded);
  assert.equal(message.flags, 0x8400);
  assert.equal(formatRdata(RRType.SRV, message.answers[0]!.rdata), '1 2 3 b.example.com.');
  assert.equal(formatRdata(RRType.AAAA, message.additional[0]!.rdata), '2001:db8::1');
  assert.equal(formatName(message.additional[0]!.name), 'b.example.com');
});
