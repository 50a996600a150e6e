import assert from 'node:assert/strict';
import { test } from 'node:test';

import * as dnsPacket from 'dns-packet';
import * as fc from 'fast-check';

import { EdnsOption, HeaderFlag, Rcode, RRClass, RRType, typeName } from './constants.ts';
import { formatName, parseName, parseNameKeepingCase } from './name-text.ts';
import { parseQuery } from './parse-query.ts';
import { Query } from './query.ts';
import { encodeRdata, formatRdata } from './rdata.ts';
import { buildPacket, joined, optRecord } from './reference/build-packet.ts';
import { type Message, readMessage } from './reference/read-message.ts';
import { Mark, type RRset, Section, Writer } from './write-message.ts';

const RESPONSE = HeaderFlag.QR | HeaderFlag.AA;

function asked(
  name: string,
  options: Parameters<typeof optRecord>[0] = [],
): { packet: Uint8Array; query: Query } {
  const packet = buildPacket({
    id: 0x1234,
    questions: [{ name: parseNameKeepingCase(name), type: RRType.A }],
    additional: [optRecord(options)],
  });
  const query = new Query();
  parseQuery(packet, packet.length, query);
  return { packet, query };
}

/** A writer whose message already holds header and question. */
function begun(name: string, size = 1232): { writer: Writer; buffer: Uint8Array } {
  const buffer = new Uint8Array(size);
  const writer = new Writer();
  const { packet, query } = asked(name);
  writer.reset(buffer, 0, size);
  writer.writeHeader(query.id, RESPONSE);
  writer.writeQuestion(packet, query);
  return { writer, buffer };
}

function set(owner: string, type: number, ...texts: string[]): RRset {
  return {
    ownerName: parseName(owner),
    type,
    ttl: 30,
    rdatas: texts.map((text) => encodeRdata(type, text)),
  };
}

function finished(writer: Writer, buffer: Uint8Array): Message {
  const length = writer.finish();
  const message = readMessage(buffer.subarray(0, length));
  assert.equal(message.length, length);
  return message;
}

function asText(records: Message['answers']): string[] {
  return records.map(
    ({ name, type, rdata }) => `${formatName(name)} ${typeName(type)} ${formatRdata(type, rdata)}`,
  );
}

test('the question is echoed with its letters as asked, and owners point at it', () => {
  const { writer, buffer } = begun('wWw.ExaMple.com');
  assert.equal(writer.writeRRset(Section.answer, set('www.example.com', RRType.A, '192.0.2.1')), true);
  const before = writer.length;
  assert.equal(
    writer.writeRRsetAtQuestion(Section.answer, set('*.example.com', RRType.A, '192.0.2.2')),
    true,
  );
  assert.equal(writer.length - before, 16);
  const message = finished(writer, buffer);
  assert.deepEqual([...message.questions[0]!.name], [...parseNameKeepingCase('wWw.ExaMple.com')]);
  assert.deepEqual(asText(message.answers), ['www.example.com A 192.0.2.1', 'www.example.com A 192.0.2.2']);
});

test('names in NS, CNAME, SOA, MX and PTR are compressed, in SRV and DNAME not', () => {
  const { writer, buffer } = begun('www.example.com');
  const sizes = [
    set('example.com', RRType.NS, 'ns.example.com.'),
    set('example.com', RRType.CNAME, 'www.example.com.'),
    set('example.com', RRType.PTR, 'ns.example.com.'),
    set('example.com', RRType.MX, '1 ns.EXAMPLE.com.'),
    set('example.com', RRType.SOA, 'ns.example.com. h.example.com. 1 2 3 4 5'),
    set('example.com', RRType.SRV, '1 2 3 ns.example.com.'),
    set('example.com', RRType.DNAME, 'ns.example.com.'),
    set('other', RRType.A, '192.0.2.1'),
  ].map((rrset) => {
    const before = writer.length;
    assert.ok(writer.writeRRset(Section.answer, rrset));
    return writer.length - before;
  });
  assert.deepEqual(sizes, [12 + 5, 12 + 2, 12 + 2, 12 + 4, 12 + 2 + 4 + 20, 12 + 6 + 16, 12 + 16, 17 + 4]);
  const texts = asText(finished(writer, buffer).answers);
  assert.ok(texts.includes('example.com SOA ns.example.com. h.example.com. 1 2 3 4 5'));
  assert.ok(texts.includes('example.com SRV 1 2 3 ns.example.com.'));
});

test('RDATA that is not what its type says is copied as it is', () => {
  const { writer, buffer } = begun('a');
  for (const rdata of [[], [5], [0, 1], [63, 1, 2], [0xc0, 12], [0, 0, 0]]) {
    for (const type of [RRType.NS, RRType.MX, RRType.SOA]) {
      const owner = parseName('b');
      assert.ok(writer.writeRecord(Section.answer, owner, type, RRClass.IN, 1, Uint8Array.from(rdata)));
    }
  }
  const length = writer.finish();
  assert.equal(readMessage(buffer.subarray(0, length), { expandRdata: false }).answers.length, 18);
});

test('an owner name is read up to its zero, and octets that are no name are refused', () => {
  const { writer, buffer } = begun('a.example');
  const reused = new Uint8Array(255).fill(7);
  reused.set(parseName('b.example'));
  assert.ok(writer.writeRecord(Section.answer, reused, RRType.TXT, RRClass.CH, 0, Uint8Array.of(1, 65)));
  assert.ok(
    !writer.writeRecord(Section.answer, Uint8Array.of(5), RRType.TXT, RRClass.CH, 0, Uint8Array.of(0)),
  );
  const [record, ...more] = finished(writer, buffer).answers;
  assert.equal(more.length, 0);
  assert.equal(record!.class, RRClass.CH);
  assert.equal(formatName(record!.name), 'b.example');
});

test('without a question nothing is echoed and nothing can point at it', () => {
  const buffer = new Uint8Array(100);
  const writer = new Writer();
  writer.reset(buffer, 0, 100);
  writer.writeHeader(1, RESPONSE);
  assert.ok(writer.writeQuestion(new Uint8Array(12), new Query()));
  assert.ok(!writer.writeRRsetAtQuestion(Section.answer, set('a', RRType.A, '192.0.2.1')));
  assert.equal(finished(writer, buffer).length, 12);
});

test('OPT carries all twelve bits of the response code, DO as asked, and options', () => {
  const subnet = { code: EdnsOption.CLIENT_SUBNET, data: Uint8Array.of(0, 1, 20, 0, 192, 0, 32) };
  const { packet, query } = asked('a', [subnet]);
  const { writer, buffer } = begun('a');
  assert.ok(!writer.addOption(EdnsOption.NSID, Uint8Array.of(1)), 'no OPT yet');
  assert.ok(writer.startOpt(Rcode.BADCOOKIE, true));
  assert.ok(writer.addClientSubnet(query, 16));
  assert.ok(writer.addExtendedError(22, new TextEncoder().encode('gone')));
  assert.ok(writer.addOption(EdnsOption.COOKIE, packet, 2, 10));
  const message = finished(writer, buffer);
  assert.equal(message.rcode, Rcode.BADCOOKIE);
  assert.equal(message.flags & 0xf, 7);
  assert.equal(message.edns?.udpSize, 1232);
  assert.equal(message.edns.flags, 0x8000);
  assert.deepEqual(message.edns.options, [
    { code: EdnsOption.CLIENT_SUBNET, data: Uint8Array.of(0, 1, 20, 16, 192, 0, 32) },
    { code: EdnsOption.EXTENDED_ERROR, data: joined([[0, 22], new TextEncoder().encode('gone')]) },
    { code: EdnsOption.COOKIE, data: packet.slice(2, 10) },
  ]);
});

test('RFC 8467: padding fills the message up to whole blocks, or to its limit', () => {
  for (let before = 0; before < 24; before += 1) {
    const { writer, buffer } = begun('a', 64);
    writer.startOpt(Rcode.NOERROR, false);
    writer.addOption(65_001, new Uint8Array(before));
    const hasRoom = writer.length <= 60;
    assert.equal(writer.addPadding(48), hasRoom);
    const message = finished(writer, buffer);
    if (!hasRoom) continue;
    assert.ok([48, 64].includes(message.length), `${message.length} octets`);
    const padding = message.edns!.options.at(-1)!;
    assert.deepEqual(padding, { code: EdnsOption.PADDING, data: new Uint8Array(padding.data.length) });
  }
});

test('a response code replaces the one before it', () => {
  const { writer, buffer } = begun('a');
  writer.setRcode(Rcode.REFUSED);
  writer.setRcode(Rcode.SERVFAIL);
  const message = finished(writer, buffer);
  assert.equal(message.rcode, Rcode.SERVFAIL);
  assert.equal(message.flags, RESPONSE | Rcode.SERVFAIL);
});

test('a response to "do not use my subnet" repeats that', () => {
  for (const family of [0, 1, 2]) {
    const { query } = asked('a', [{ code: EdnsOption.CLIENT_SUBNET, data: Uint8Array.of(0, family, 0, 0) }]);
    const { writer, buffer } = begun('a');
    writer.startOpt(Rcode.NOERROR, false);
    assert.ok(writer.addClientSubnet(query, 0));
    assert.deepEqual(finished(writer, buffer).edns?.options[0]?.data, Uint8Array.of(0, family, 0, 0));
  }
});

test('rolling back forgets records, names and OPT', () => {
  const { writer, buffer } = begun('a');
  writer.writeRRset(Section.answer, set('a', RRType.A, '192.0.2.1'));
  const mark = new Mark();
  writer.mark(mark);
  const before = writer.length;
  writer.writeRRset(Section.additional, set('x.y', RRType.A, '192.0.2.2'));
  writer.startOpt(Rcode.NOERROR, false);
  writer.rollback(mark);
  assert.equal(writer.length, before);
  assert.ok(!writer.addOption(3, new Uint8Array()));
  writer.addFlags(HeaderFlag.TC);
  writer.writeRRset(Section.authority, set('y', RRType.A, '192.0.2.3'));
  const message = finished(writer, buffer);
  assert.equal(message.flags, RESPONSE | HeaderFlag.TC);
  assert.deepEqual(asText([...message.answers, ...message.authority]), ['a A 192.0.2.1', 'y A 192.0.2.3']);
  assert.equal(message.additional.length, 0);
});

test('reserved room is kept for the end', () => {
  const { writer, buffer } = begun('a', 12 + 7 + 16 + 11);
  assert.ok(writer.reserve(11));
  assert.ok(!writer.reserve(17));
  assert.ok(writer.writeRRset(Section.answer, set('a', RRType.A, '192.0.2.1')));
  assert.ok(!writer.startOpt(Rcode.NOERROR, false));
  writer.releaseReserved();
  assert.ok(writer.startOpt(Rcode.NOERROR, false));
  assert.equal(finished(writer, buffer).length, buffer.length);
});

test('a set that does not fit whole leaves no trace', () => {
  const { writer, buffer } = begun('a', 12 + 7 + 16 + 16 + 15);
  const three = set('a', RRType.A, '192.0.2.1', '192.0.2.2', '192.0.2.3');
  const before = writer.length;
  assert.equal(writer.writeRRset(Section.answer, three), false);
  assert.equal(writer.length, before);
  assert.equal(writer.writeRRset(Section.answer, { ...three, rdatas: three.rdatas.slice(1) }), true);
  assert.equal(finished(writer, buffer).answers.length, 2);
});

test('a record that does not fit leaves no name behind for later ones to point at', () => {
  const { writer, buffer } = begun('a', 12 + 7 + 5 + 10 + 4);
  const owner = parseName('x.y');
  assert.ok(!writer.writeRecord(Section.answer, owner, RRType.AAAA, RRClass.IN, 1, new Uint8Array(16)));
  assert.ok(writer.writeRecord(Section.answer, owner, RRType.A, RRClass.IN, 1, new Uint8Array(4)));
  assert.deepEqual(asText(finished(writer, buffer).answers), ['x.y A 0.0.0.0']);
});

test('a response may overwrite the very query it answers', () => {
  const { packet, query } = asked('Example.com');
  const buffer = joined([packet, new Uint8Array(100)]);
  const writer = new Writer();
  writer.reset(buffer, 0, buffer.length);
  writer.writeHeader(query.id, RESPONSE);
  writer.writeQuestion(buffer, query);
  writer.writeRRsetAtQuestion(Section.answer, set('example.com', RRType.A, '192.0.2.1'));
  assert.deepEqual(asText(finished(writer, buffer).answers), ['example.com A 192.0.2.1']);
});

test('pointers reach no further than 14 bits, and names beyond are written out', () => {
  const { writer, buffer } = begun('a', 0xffff);
  const filler = encodeRdata(RRType.TXT, Array.from({ length: 65 }, () => `"${'x'.repeat(255)}"`).join(' '));
  assert.ok(writer.writeRecord(Section.answer, null, RRType.TXT, RRClass.IN, 1, filler));
  const far = set('far.example', RRType.NS, 'ns.far.example.');
  assert.ok(writer.writeRRset(Section.answer, far));
  const before = writer.length;
  assert.ok(writer.writeRRset(Section.answer, far));
  assert.equal(writer.length - before, 13 + 10 + 16);
  assert.equal(asText(finished(writer, buffer).answers)[2], 'far.example NS ns.far.example.');
});

const label = fc.constantFrom('a', 'B', 'ns1', 'www', 'x-9', 'eXample');
const hostName = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
const rdataText: Readonly<Record<number, (name: string) => string>> = {
  [RRType.A]: () => '192.0.2.1',
  [RRType.AAAA]: () => '2001:db8::1',
  [RRType.NS]: (name) => `${name}.`,
  [RRType.CNAME]: (name) => `${name}.`,
  [RRType.PTR]: (name) => `${name}.`,
  [RRType.MX]: (name) => `10 ${name}.`,
  [RRType.SOA]: (name) => `${name}. admin.${name}. 1 2 3 4 5`,
  [RRType.SRV]: (name) => `1 2 3 ${name}.`,
  [RRType.TXT]: (name) => `"${name}" "more"`,
  [RRType.CAA]: (name) => `0 issue "${name}"`,
};
const rrsets = fc.array(
  fc
    .tuple(
      hostName,
      fc.constantFrom(...Object.keys(rdataText).map(Number)),
      fc.array(hostName, { minLength: 1, maxLength: 4 }),
    )
    .map(([owner, type, names]) => set(owner, type, ...names.map((name) => rdataText[type]!(name)))),
  { maxLength: 8 },
);
const sections = [Section.answer, Section.authority, Section.additional];

/** Writes what fits, in order of section, and says which sets those were. */
function written(writer: Writer, sets: readonly RRset[]): RRset[] {
  return sets.filter((rrset, i) => writer.writeRRset(sections[Math.trunc((3 * i) / sets.length)]!, rrset));
}

function lowerCased(text: string): string {
  return text.toLowerCase();
}

test('written messages are read as they were meant, never past the limit, by the plain decoder and by dns-packet', () => {
  const writer = new Writer();
  fc.assert(
    fc.property(hostName, rrsets, fc.nat({ max: 700 }), fc.nat({ max: 9 }), (name, sets, room, start) => {
      const { packet, query } = asked(name);
      const limit = start + query.questionEnd + room;
      const buffer = new Uint8Array(limit + 40).fill(0xaa);
      writer.reset(buffer, start, limit);
      assert.ok(writer.writeHeader(query.id, RESPONSE) && writer.writeQuestion(packet, query));
      const kept = written(writer, sets);
      const hasOpt = writer.startOpt(Rcode.NXDOMAIN, true);
      const length = writer.finish();
      assert.ok(length <= limit - start);
      assert.ok(buffer.subarray(0, start).every((octet) => octet === 0xaa));
      assert.ok(buffer.subarray(limit).every((octet) => octet === 0xaa));

      const octets = buffer.slice(start, start + length);
      const message = readMessage(octets);
      assert.equal(message.length, length);
      assert.equal(message.rcode, hasOpt ? Rcode.NXDOMAIN : Rcode.NOERROR);
      const records = [...message.answers, ...message.authority, ...message.additional].filter(
        (record) => record.type !== RRType.OPT,
      );
      const meant = kept.flatMap(({ ownerName, type, rdatas }) =>
        rdatas.map((rdata) => `${formatName(ownerName)} ${typeName(type)} ${formatRdata(type, rdata)}`),
      );
      assert.deepEqual(asText(records).map(lowerCased), meant.map(lowerCased));
      assertReadByOthers(octets, kept);
    }),
    { numRuns: 500 },
  );
});

function assertReadByOthers(octets: Uint8Array, kept: readonly RRset[]): void {
  const decoded = dnsPacket.decode(Buffer.from(octets));
  assert.equal(decoded.id, 0x1234);
  const records = [decoded.answers, decoded.authorities, decoded.additionals].flatMap(
    (section) => section ?? [],
  );
  const theirs = records
    .filter(({ type }) => type !== 'OPT')
    .map((record) => {
      const again = dnsPacket.encode({ type: 'response', answers: [record] });
      const [plain] = readMessage(again).answers;
      return asText([plain!])[0]!.toLowerCase();
    });
  const meant = kept.flatMap(({ ownerName, type, rdatas }) =>
    rdatas.map((rdata) =>
      `${formatName(ownerName)} ${typeName(type)} ${formatRdata(type, rdata)}`.toLowerCase(),
    ),
  );
  assert.deepEqual(theirs, meant);
}

test('a writer that is cut off at any octet never writes past its limit nor throws', () => {
  const { packet, query } = asked('www.example.com', [
    { code: EdnsOption.CLIENT_SUBNET, data: Uint8Array.of(0, 1, 8, 0, 10) },
  ]);
  const sets = [
    set('www.example.com', RRType.MX, '1 a.b.', '2 c.example.com.'),
    set('b', RRType.SOA, 'a.b. c.d. 1 2 3 4 5'),
  ];
  const writer = new Writer();
  for (let limit = 0; limit < 200; limit += 1) {
    const buffer = new Uint8Array(300).fill(0xaa);
    writer.reset(buffer, 0, limit);
    const hasHeader = writer.writeHeader(1, RESPONSE) && writer.writeQuestion(packet, query);
    for (const rrset of hasHeader ? sets : []) writer.writeRRset(Section.answer, rrset);
    if (hasHeader && writer.startOpt(0, false)) {
      writer.addClientSubnet(query, 8);
      writer.addExtendedError(3, Uint8Array.of(65));
      writer.addPadding(128);
    }
    assert.ok(
      buffer.subarray(limit).every((octet) => octet === 0xaa),
      `limit ${limit}`,
    );
    if (hasHeader) assert.equal(finished(writer, buffer).length, writer.length);
  }
});
