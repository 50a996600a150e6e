import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EdnsOption, HeaderFlag, RRType } from './constants.ts';
import { formatName, parseName, parseNameKeepingCase } from './name-text.ts';
import { ParseOutcome, parseQuery } from './parse-query.ts';
import { Query } from './query.ts';
import {
  buildPacket,
  joined,
  optRecord,
  type Packet,
  type PacketOption,
  type PacketRecord,
} from './reference/build-packet.ts';

const question = { name: parseNameKeepingCase('wWw.Example.com'), type: RRType.A };
const tsig: PacketRecord = {
  name: parseName('key'),
  type: RRType.TSIG,
  class: 255,
  ttl: 0,
  rdata: Uint8Array.of(1, 2, 3),
};

function parse(octets: Uint8Array): { outcome: ParseOutcome; query: Query } {
  const query = new Query();
  return { outcome: parseQuery(octets, octets.length, query), query };
}

function outcomeOf(packet: Packet): ParseOutcome {
  return parse(buildPacket({ questions: [question], ...packet })).outcome;
}

function withOptions(...options: PacketOption[]): { outcome: ParseOutcome; query: Query } {
  return parse(buildPacket({ questions: [question], additional: [optRecord(options)] }));
}

function withoutQuestion(options: PacketOption[]): { outcome: ParseOutcome; query: Query } {
  return parse(buildPacket({ additional: [optRecord(options)] }));
}

/** A record whose owner is the label "a" and then a pointer. */
function pointTo(target: number): PacketRecord {
  return { ...tsig, type: 65280, name: Uint8Array.of(1, 97, 0xc0, target) };
}

function ecs(...octets: number[]): PacketOption {
  return { code: EdnsOption.CLIENT_SUBNET, data: Uint8Array.from(octets) };
}

test('a plain query is accepted with its question in lower case', () => {
  const { outcome, query } = parse(buildPacket({ id: 0xbeef, flags: HeaderFlag.RD, questions: [question] }));
  assert.equal(outcome, ParseOutcome.accept);
  assert.equal(query.id, 0xbeef);
  assert.equal(query.flags, HeaderFlag.RD);
  assert.equal(formatName(query.name.octets.subarray(0, query.name.length)), 'www.example.com');
  assert.deepEqual([...query.name.labelOffsets.subarray(0, query.name.labelCount)], [0, 4, 12]);
  assert.equal(query.qtype, RRType.A);
  assert.equal(query.qclass, 1);
  assert.equal(query.questionEnd, 12 + 17 + 4);
  assert.equal(query.hasEdns, false);
  assert.equal(query.udpSize, 512);
});

test('responses and packets shorter than a header are ignored', () => {
  assert.equal(outcomeOf({ flags: HeaderFlag.QR }), ParseOutcome.ignore);
  assert.equal(outcomeOf({ flags: HeaderFlag.QR | 0x2800 }), ParseOutcome.ignore);
  for (let length = 0; length < 12; length += 1) {
    assert.equal(parse(new Uint8Array(length)).outcome, ParseOutcome.ignore);
  }
});

test('every opcode but QUERY is not implemented', () => {
  for (let opcode = 1; opcode < 16; opcode += 1) {
    assert.equal(outcomeOf({ flags: opcode << 11 }), ParseOutcome.notimp);
  }
});

test('flags without a meaning in a query are ignored', () => {
  assert.equal(outcomeOf({ flags: 0x07ff }), ParseOutcome.accept);
});

test('there is exactly one question and nothing in answer and authority', () => {
  const record: PacketRecord = { ...tsig, type: RRType.SOA };
  assert.equal(outcomeOf({ questions: [] }), ParseOutcome.formerr);
  assert.equal(outcomeOf({ questions: [question, question] }), ParseOutcome.formerr);
  assert.equal(outcomeOf({ answers: [record] }), ParseOutcome.formerr);
  assert.equal(outcomeOf({ authority: [record] }), ParseOutcome.formerr);
});

test('a malformed question name is refused and nothing of it is kept', () => {
  const names = [
    [0xc0, 12],
    [1, 97, 0xc0, 12],
    [64, 0],
    [0x80, 0],
    [5, 97, 0],
    Array.from({ length: 128 }, () => [1, 97]).flat(),
  ];
  for (const octets of names) {
    const { outcome, query } = parse(
      buildPacket({ questions: [{ name: Uint8Array.from(octets), type: RRType.A }] }),
    );
    assert.equal(outcome, ParseOutcome.formerr, octets.join());
    assert.equal(query.questionEnd, 0);
  }
});

test('a name of 255 octets is accepted, and so is the root', () => {
  const longest = parseName(`${'a.'.repeat(126)}a`);
  assert.equal(longest.length, 255);
  for (const [name, labels] of [
    [longest, 127],
    [parseName('.'), 0],
  ] as const) {
    const { outcome, query } = parse(buildPacket({ questions: [{ name, type: 1 }] }));
    assert.equal(outcome, ParseOutcome.accept);
    assert.deepEqual(query.name.octets.subarray(0, query.name.length), new Uint8Array(name));
    assert.equal(query.name.labelCount, labels);
  }
});

test('a name of 256 octets is refused', () => {
  const name = joined([...[63, 63, 63, 62].map((size) => [size, ...new Uint8Array(size).fill(97)]), [0]]);
  assert.equal(name.length, 256);
  assert.equal(outcomeOf({ questions: [{ name, type: 1 }] }), ParseOutcome.formerr);
});

test('a query cut short anywhere is refused', () => {
  const whole = buildPacket({ questions: [question], additional: [optRecord([ecs(0, 1, 8, 0, 10)]), tsig] });
  assert.equal(parse(whole).outcome, ParseOutcome.accept);
  for (let length = 12; length < whole.length; length += 1) {
    assert.equal(parse(whole.slice(0, length)).outcome, ParseOutcome.formerr, `${length} octets`);
    assert.equal(
      parseQuery(whole, length, new Query()),
      ParseOutcome.formerr,
      `${length} octets of a longer buffer`,
    );
  }
});

test('octets after the last counted record are accepted', () => {
  assert.equal(
    parse(joined([buildPacket({ questions: [question] }), [1, 2, 3]])).outcome,
    ParseOutcome.accept,
  );
});

test('OPT gives size, flags and the options asked for', () => {
  const options = [
    { code: EdnsOption.NSID, data: new Uint8Array() },
    { code: EdnsOption.TCP_KEEPALIVE, data: new Uint8Array() },
    { code: EdnsOption.PADDING, data: new Uint8Array(3) },
    { code: 65001, data: new Uint8Array(7) },
  ];
  const opt = optRecord(options, { udpSize: 4096, flags: 0xffff });
  const { outcome, query } = parse(buildPacket({ questions: [question], additional: [opt, tsig] }));
  assert.equal(outcome, ParseOutcome.accept);
  assert.equal(query.hasEdns, true);
  assert.equal(query.udpSize, 4096);
  assert.equal(query.dnssecOk, true);
  assert.equal(query.ednsFlags, 0xffff);
  assert.equal(query.nsidAsked, true);
  assert.equal(query.tcpKeepaliveAsked, true);
  assert.equal(query.isPadded, true);
  assert.ok(query.tsigOffset > query.questionEnd);
});

test('UDP sizes below 512 are read as 512', () => {
  for (const udpSize of [0, 1, 511, 512]) {
    const { query } = parse(buildPacket({ questions: [question], additional: [optRecord([], { udpSize })] }));
    assert.equal(query.udpSize, 512);
  }
});

test('a second OPT, an OPT below the root name and a record after TSIG are refused', () => {
  assert.equal(outcomeOf({ additional: [optRecord(), optRecord()] }), ParseOutcome.formerr);
  assert.equal(outcomeOf({ additional: [{ ...optRecord(), name: parseName('a') }] }), ParseOutcome.formerr);
  assert.equal(outcomeOf({ additional: [tsig, optRecord()] }), ParseOutcome.formerr);
  assert.equal(outcomeOf({ additional: [optRecord(), tsig] }), ParseOutcome.accept);
});

test('an EDNS version above 0 is answered with BADVERS whatever its options look like', () => {
  const future = { ...optRecord([], { version: 1, udpSize: 1400 }), rdata: Uint8Array.of(1) };
  const { outcome, query } = parse(buildPacket({ questions: [question], additional: [future] }));
  assert.equal(outcome, ParseOutcome.badvers);
  assert.equal(query.hasEdns, true);
  assert.equal(query.udpSize, 1400);
});

test('malformed options are refused, and the response still gets an OPT', () => {
  for (const rdata of [[0], [0, 3, 0], [0, 3, 0, 1], [0, 3, 0, 0, 9]]) {
    const opt = { ...optRecord(), rdata: Uint8Array.from(rdata) };
    const { outcome, query } = parse(buildPacket({ questions: [question], additional: [opt] }));
    assert.equal(outcome, ParseOutcome.formerr);
    assert.equal(query.hasEdns, true);
  }
});

test('cookies of 8 and 16 to 40 octets are found in place, others refused', () => {
  for (let length = 0; length <= 44; length += 1) {
    const data = new Uint8Array(length).fill(0xcc);
    const packet = buildPacket({
      questions: [question],
      additional: [optRecord([{ code: EdnsOption.COOKIE, data }])],
    });
    const { outcome, query } = parse(packet);
    const legal = length === 8 || (length >= 16 && length <= 40);
    assert.equal(outcome, legal ? ParseOutcome.accept : ParseOutcome.formerr, `${length} octets`);
    assert.equal(query.cookieLength, legal ? length : 0);
    if (legal) assert.deepEqual(packet.slice(query.cookieOffset, query.cookieOffset + length), data);
  }
});

test('of two cookies or two subnets the first counts', () => {
  const cookie = { code: EdnsOption.COOKIE, data: new Uint8Array(8) };
  const longer = { code: EdnsOption.COOKIE, data: new Uint8Array(24) };
  const { outcome, query } = withOptions(cookie, longer, ecs(0, 1, 8, 0, 10), ecs(0, 2, 8, 0, 0x20));
  assert.equal(outcome, ParseOutcome.accept);
  assert.equal(query.cookieLength, 8);
  assert.equal(query.clientSubnetFamily, 1);
});

test('a query without a question but with a cookie is marked as a cookie probe', () => {
  const asked = withoutQuestion([{ code: EdnsOption.COOKIE, data: new Uint8Array(8) }]);
  assert.equal(asked.outcome, ParseOutcome.formerr);
  assert.equal(asked.query.isCookieProbe, true);
  assert.equal(withoutQuestion([]).query.isCookieProbe, false);
});

test('client subnets are read with zero padding', () => {
  const v4 = withOptions(ecs(0, 1, 20, 0, 192, 0, 0x20)).query;
  assert.equal(v4.hasClientSubnet, true);
  assert.equal(v4.clientSubnetFamily, 1);
  assert.equal(v4.clientSubnetSourcePrefixLength, 20);
  assert.deepEqual([...v4.clientSubnetAddress], [192, 0, 32, ...Array.from({ length: 13 }, () => 0)]);
  const v6 = withOptions(ecs(0, 2, 32, 0, 0x20, 1, 0xd, 0xb8)).query;
  assert.equal(v6.clientSubnetFamily, 2);
  assert.deepEqual([...v6.clientSubnetAddress.subarray(0, 6)], [0x20, 1, 0xd, 0xb8, 0, 0]);
});

test('source prefix length 0 is legal in every family that has it', () => {
  for (const family of [0, 1, 2]) {
    const { outcome, query } = withOptions(ecs(0, family, 0, 0));
    assert.equal(outcome, ParseOutcome.accept);
    assert.equal(query.hasClientSubnet, true);
    assert.equal(query.clientSubnetFamily, family);
  }
});

test('malformed client subnets are refused', () => {
  const malformed = {
    'no octets': [],
    'too short': [0, 1, 0],
    'scope in a query': [0, 1, 8, 8, 10],
    'too few address octets': [0, 1, 24, 0, 10, 0],
    'too many address octets': [0, 1, 24, 0, 10, 0, 0, 0],
    'an address with prefix length 0': [0, 1, 0, 0, 10],
    'bits beyond the prefix': [0, 1, 20, 0, 192, 0, 0x21],
    'IPv4 prefix over 32': [0, 1, 33, 0, 1, 2, 3, 4, 0],
    'IPv6 prefix over 128': [0, 2, 129, 0, ...new Uint8Array(17)],
    'unknown family': [0, 3, 8, 0, 1],
    'unknown family without a prefix': [0, 3, 0, 0],
    'family 257': [1, 1, 8, 0, 1],
    'family 0 with a prefix': [0, 0, 8, 0, 10],
  };
  for (const [what, octets] of Object.entries(malformed)) {
    const { outcome, query } = withOptions(ecs(...octets));
    assert.equal(outcome, ParseOutcome.formerr, what);
    assert.equal(query.hasClientSubnet, false, what);
  }
});

test('names in the additional section may be compressed, but only backward', () => {
  const here = 12 + question.name.length + 4;
  assert.equal(outcomeOf({ additional: [pointTo(12)] }), ParseOutcome.accept);
  assert.equal(outcomeOf({ additional: [pointTo(here)] }), ParseOutcome.formerr);
  assert.equal(outcomeOf({ additional: [pointTo(here + 2)] }), ParseOutcome.formerr);
  assert.equal(outcomeOf({ additional: [pointTo(here + 8)] }), ParseOutcome.formerr);
});

test('nothing of one query is left in the next', () => {
  const query = new Query();
  const rich = buildPacket({
    questions: [question],
    additional: [
      optRecord([ecs(0, 1, 8, 0, 10), { code: EdnsOption.COOKIE, data: new Uint8Array(8) }], {
        flags: 0x8000,
      }),
      tsig,
    ],
  });
  parseQuery(rich, rich.length, query);
  const plain = buildPacket({ questions: [{ name: parseName('.'), type: RRType.NS }] });
  parseQuery(plain, plain.length, query);
  // Buffers keep what lies beyond the lengths.
  const plainFields = (of: object) => Object.entries(of).filter(([, value]) => typeof value !== 'object');
  const fresh = parse(plain).query;
  assert.deepEqual(plainFields(query), plainFields(fresh));
  assert.deepEqual(plainFields(query.name), plainFields(fresh.name));
});
