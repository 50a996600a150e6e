/** RFC 6891, 3225, 8914: what a response's OPT holds, and what becomes of OPTs that are odd. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { parseName } from '@signpost/dns/name-text';
import { buildPacket, optRecord, type PacketRecord } from '@signpost/dns/reference/build-packet';
import { type Message, readMessage } from '@signpost/dns/reference/read-message';

import { Transport } from '../serve/transport.ts';
import { contextFor, respond, snapshotOf, zoneOf } from '../testing/sample-zone.ts';

const texts = `big TXT "${'a'.repeat(250)}"\nbig TXT "${'b'.repeat(250)}"\nbig TXT "${'c'.repeat(250)}"`;
const context = contextFor(
  snapshotOf(
    zoneOf(
      'example.net',
      `@    NS    ns.example.net.
       www  A     192.0.2.1
       cut  NS    ns.cut.example.net.
       long DNAME ${`${'x'.repeat(63)}.`.repeat(3)}
       ${texts}`,
    ),
  ),
);

interface Asked {
  readonly name?: string;
  readonly type?: number;
  readonly flags?: number;
  readonly additional?: readonly PacketRecord[];
  readonly transport?: Transport;
}

function ask({
  name = 'www.example.net',
  type = 1,
  flags = 0,
  additional = [],
  transport = Transport.udp,
}: Asked): Message {
  const questions = [{ name: parseName(name), type }];
  return readMessage(respond(context, buildPacket({ id: 3, flags, questions, additional }), transport));
}

function opts({
  additional,
}: Message): Array<{ size: number; version: number; flags: number; rdata: number }> {
  return additional
    .filter(({ type }) => type === 41)
    .map((record) => ({
      size: record.class,
      version: (record.ttl >>> 16) & 0xff,
      flags: record.ttl & 0xffff,
      rdata: record.rdata.length,
    }));
}

/** One for each rcode and kind of answer. */
const QUESTIONS: readonly Asked[] = [
  {},
  { name: 'none.example.net' },
  { type: 15 },
  { name: 'a.cut.example.net' },
  { name: 'example.org' },
  { type: 252 },
  { type: 128 },
  { type: 253 },
  { name: `${'y'.repeat(63)}.long.example.net` },
];

describe('RFC 6891: OPT', () => {
  test('stands in a response once if and only if one stood in the query, whatever the rcode', () => {
    const rcodes = new Set<number>();
    for (const question of QUESTIONS) {
      for (const transport of Object.values(Transport)) {
        const message = ask({ ...question, transport, additional: [optRecord()] });
        rcodes.add(message.rcode);
        assert.equal(opts(message).length, 1);
        assert.equal(opts(ask({ ...question, transport })).length, 0);
      }
    }
    assert.deepEqual(
      [...rcodes].toSorted((a, b) => a - b),
      [0, 1, 3, 4, 5, 6],
    );
  });

  test('comes back to other opcodes too, as far as they have the usual layout', () => {
    for (const opcode of [1, 2, 4, 5, 15]) {
      const message = ask({ flags: opcode << 11, additional: [optRecord()] });
      assert.deepEqual([message.rcode, opts(message).length, message.questions.length], [4, 1, 0]);
      assert.equal(opts(ask({ flags: opcode << 11 })).length, 0);
    }
  });

  test('has our size 1232 (RFC 9715), version 0, and of the flags DO alone, as it was sent (RFC 3225)', () => {
    for (const flags of [0, 0x8000, 0x7fff, 0xffff, 0x4000]) {
      for (const question of QUESTIONS) {
        const [opt] = opts(ask({ ...question, additional: [optRecord([], { udpSize: 4_096, flags })] }));
        assert.deepEqual({ ...opt, rdata: 0 }, { size: 1_232, version: 0, flags: flags & 0x8000, rdata: 0 });
      }
    }
  });

  test('of a version above 0 is answered BADVERS with version 0, DO copied, no records and no options', () => {
    const options = [
      { code: 3, data: new Uint8Array() },
      { code: 8, data: Uint8Array.of(9) },
    ];
    for (const version of [1, 2, 100, 255]) {
      const message = ask({ additional: [optRecord(options, { version, flags: 0x8000 })] });
      assert.deepEqual([message.rcode, message.answers.length, message.questions.length], [16, 0, 1]);
      assert.deepEqual(opts(message), [{ size: 1_232, version: 0, flags: 0x8000, rdata: 0 }]);
    }
  });

  test('that stands there twice is FORMERR, the same one too', () => {
    const message = ask({ additional: [optRecord(), optRecord()] });
    assert.deepEqual([message.rcode, message.answers.length, opts(message).length], [1, 0, 1]);
  });

  test('that belongs to another name than the root is FORMERR', () => {
    assert.equal(ask({ additional: [{ ...optRecord(), name: parseName('a') }] }).rcode, 1);
    assert.equal(ask({ additional: [{ ...optRecord(), name: Uint8Array.of(0xc0, 12) }] }).rcode, 1);
  });

  test('whose options overrun it is FORMERR', () => {
    for (const rdata of [
      [0],
      [0, 3, 0],
      [0, 3, 0, 1],
      [0, 3, 255, 255, 1],
      [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7],
    ]) {
      const message = ask({ additional: [{ ...optRecord(), rdata: Uint8Array.from(rdata) }] });
      assert.deepEqual([message.rcode, message.answers.length], [1, 0], String(rdata));
    }
  });

  test('may hold options that nobody knows: they are passed over and not echoed', () => {
    const unknown = [0, 1, 2, 4, 5, 6, 7, 9, 13, 14, 15, 16, 17, 18, 19, 20, 100, 26_946, 65_001, 65_535];
    const options = unknown.map((code) => ({ code, data: Uint8Array.of(1, 2, 3) }));
    const message = ask({ additional: [optRecord(options)] });
    assert.deepEqual([message.rcode, message.answers.length, opts(message)[0]!.rdata], [0, 1, 0]);
  });

  test('may stand before or behind other additional records, which are ignored', () => {
    const other = {
      name: parseName('x.example.org'),
      type: 1,
      class: 1,
      ttl: 9,
      rdata: Uint8Array.of(1, 2, 3, 4),
    };
    for (const additional of [
      [other, optRecord()],
      [optRecord(), other],
      [other, optRecord(), other],
    ]) {
      const message = ask({ additional });
      assert.deepEqual([message.rcode, message.additional.length, opts(message).length], [0, 1, 1]);
    }
  });
});

describe('RFC 8906 8.2: the tests of EDNS that every server should pass', () => {
  const unknown = [{ code: 100, data: new Uint8Array() }];
  const defined = [
    { code: 3, data: new Uint8Array() },
    { code: 10, data: new Uint8Array(8) },
    { code: 9, data: new Uint8Array() },
    { code: 8, data: Uint8Array.of(0, 1, 0, 0) },
  ];
  const cases: Readonly<Record<string, readonly [opt: PacketRecord, rcode: number, flags: number]>> = {
    '8.2.1: plain': [optRecord(), 0, 0],
    '8.2.2: version 1': [optRecord([], { version: 1 }), 16, 0],
    '8.2.3: an unknown option': [optRecord(unknown), 0, 0],
    '8.2.4: an unknown flag': [optRecord([], { flags: 0x40 }), 0, 0],
    '8.2.5: version 1 and an unknown flag': [optRecord([], { version: 1, flags: 0x40 }), 16, 0],
    '8.2.6: version 1 and an unknown option': [optRecord(unknown, { version: 1 }), 16, 0],
    '8.2.8: DO': [optRecord([], { flags: 0x8000 }), 0, 0x8000],
    '8.2.9: version 1 and DO': [optRecord([], { version: 1, flags: 0x8000 }), 16, 0x8000],
    '8.2.10: several options': [optRecord(defined), 0, 0],
  };
  for (const [what, [opt, rcode, flags]] of Object.entries(cases)) {
    test(what, () => {
      const message = ask({ name: 'example.net', type: 6, additional: [opt] });
      assert.deepEqual([message.rcode, message.answers.length], [rcode, rcode === 0 ? 1 : 0]);
      assert.deepEqual(
        opts(message).map((found) => [found.version, found.flags]),
        [[0, flags]],
      );
    });
  }

  test('8.2.7: a truncated response has its OPT', () => {
    const message = ask({ name: 'big.example.net', type: 16, additional: [optRecord([], { udpSize: 512 })] });
    assert.deepEqual([message.flags & 0x200, message.answers.length, opts(message).length], [0x200, 0, 1]);
  });
});

describe('pitfall 14: DO is copied if it was asked, and never else', () => {
  test('whatever the query before had', () => {
    for (const flags of [0x8000, 0, 0x8000, 0x7fff]) {
      assert.equal(opts(ask({ additional: [optRecord([], { flags })] }))[0]!.flags, flags & 0x8000);
    }
  });
});

test('RFC 8914: who is refused is told that the name is not ours; other answers say nothing', () => {
  const codes = (question: Asked): number[] =>
    ask({ ...question, additional: [optRecord()] }).edns!.options.map(
      ({ data }) => data[0]! * 256 + data[1]!,
    );
  assert.deepEqual(codes({ name: 'example.org' }), [20]);
  for (const question of QUESTIONS.filter(({ name }) => name !== 'example.org'))
    assert.deepEqual(codes(question), []);
  const packet = buildPacket({
    questions: [{ name: parseName('www.example.net'), type: 1, class: 4 }],
    additional: [optRecord()],
  });
  assert.deepEqual([...readMessage(respond(context, packet)).edns!.options[0]!.data], [0, 20]);
});
