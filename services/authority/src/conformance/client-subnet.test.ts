/** RFC 7871: what a response says to the client's subnet, well-formed or not. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { nowhere } from '@signpost/contracts/place';
import { parseName } from '@signpost/dns/name-text';
import { buildPacket, optRecord, type PacketOption } from '@signpost/dns/reference/build-packet';
import { type Message, readMessage } from '@signpost/dns/reference/read-message';
import { seededDraw } from '@signpost/testkit/seeded-draw';

import { contextFor, group, respond, snapshotOf, steeredSet, zoneOf } from '../testing/sample-zone.ts';

const byGeo = steeredSet([group('A', ['192.0.2.1']), group('A', ['192.0.2.2'])], {
  rules: [{ when: [{ geos: ['EU'] }], branch: 0 }, { branch: 1 }],
});
const context = contextFor(
  snapshotOf(
    zoneOf(
      'example.net',
      '@ NS ns.example.net.\nfixed A 192.0.2.3\ncut NS ns.cut.example.net.\nto CNAME go.example.net.\nover CNAME go.example.org.\nlost CNAME none.example.org.\naway CNAME www.example.com.',
      {
        'go.example.net|A': byGeo,
      },
    ),
    zoneOf('example.org', '', { 'go.example.org|A': byGeo }),
  ),
);
context.client.places = {
  lookup: (address) => (address[0] === 81 ? { ...nowhere(13), continent: 'EU' } : nowhere(11)),
};

function ask(name: string, options: readonly PacketOption[], type = 1): Message {
  const questions = [{ name: parseName(name), type }];
  return readMessage(respond(context, buildPacket({ id: 1, questions, additional: [optRecord(options)] })));
}

const ecs = (...data: readonly number[]): PacketOption => ({ code: 8, data: Uint8Array.from(data) });
const EUROPE = ecs(0, 1, 24, 0, 81, 2, 69);

/** The options as octets. */
function echoed({ edns }: Message): number[][] {
  return edns!.options.filter(({ code }) => code === 8).map(({ data }) => [...data]);
}

describe('pitfall 11: the subnet comes back octet for octet, whatever is answered', () => {
  test('family, source and address, with the scope that the answer has', () => {
    for (const [name, scope] of [
      ['go.example.net', 13],
      ['to.example.net', 13],
      ['over.example.net', 13],
      ['fixed.example.net', 0],
      ['none.example.net', 0],
      ['lost.example.net', 0],
      ['away.example.net', 0],
      ['a.cut.example.net', 0],
      ['example.com', 0],
    ] as const) {
      assert.deepEqual(echoed(ask(name, [EUROPE])), [[0, 1, 24, scope, 81, 2, 69]], name);
    }
    assert.deepEqual(echoed(ask('go.example.net', [EUROPE], 28)), [[0, 1, 24, 0, 81, 2, 69]], 'NODATA');
  });

  test('of every family and length, random addresses', () => {
    const draw = seededDraw(7_871);
    for (const [family, bits] of [
      [1, 32],
      [2, 128],
    ] as const) {
      for (let source = 0; source <= bits; source += 1) {
        const address = Array.from({ length: (source + 7) >> 3 }, () => Math.floor(draw() * 256));
        if (source % 8 !== 0) address[address.length - 1]! &= 0xff << (8 - (source % 8));
        const message = ask('go.example.net', [ecs(0, family, source, 0, ...address)]);
        const [data] = echoed(message);
        assert.deepEqual([message.rcode, data!.toSpliced(3, 1, 0)], [0, [0, family, source, 0, ...address]]);
        assert.ok(source > 0 || data![3] === 0, 'without an address nothing depends on it');
      }
    }
  });

  test('and a chain into another zone of ours is answered whole, with one scope', () => {
    const message = ask('over.example.net', [EUROPE]);
    assert.equal(message.answers.length, 2);
    assert.deepEqual([...message.answers[1]!.rdata], [192, 0, 2, 1]);
  });
});

describe('RFC 7871 7.1.2: a malformed subnet is FORMERR, with OPT and without the subnet', () => {
  const malformed: Readonly<Record<string, readonly number[]>> = {
    'no octets': [],
    'three octets': [0, 1, 0],
    'too few octets of address': [0, 1, 24, 0, 81, 2],
    'too many octets of address': [0, 1, 24, 0, 81, 2, 69, 0],
    'bits behind the prefix': [0, 1, 23, 0, 81, 2, 69],
    'bits behind a prefix of IPv6': [0, 2, 33, 0, 0x20, 1, 0xd, 0xb8, 0xc0],
    'a prefix longer than IPv4': [0, 1, 33, 0, 81, 2, 69, 1, 0],
    'a prefix longer than IPv6': [0, 2, 129, 0, ...Array.from({ length: 17 }, () => 0)],
    'a scope in a query': [0, 1, 24, 24, 81, 2, 69],
    'an unknown family': [0, 3, 8, 0, 1],
    'an unknown family without prefix': [1, 1, 0, 0],
    'no family with a prefix': [0, 0, 8, 0, 1],
  };
  for (const [what, data] of Object.entries(malformed)) {
    test(what, () => {
      const message = ask('go.example.net', [ecs(...data)]);
      assert.deepEqual([message.rcode, message.answers, echoed(message)], [1, [], []]);
      assert.notEqual(message.edns, undefined);
    });
  }
});

test('RFC 7871 7.2.2: without a subnet in the query none stands in the response, also after one that had it', () => {
  ask('go.example.net', [EUROPE]);
  for (const name of ['go.example.net', 'none.example.net', 'example.com']) {
    assert.deepEqual(echoed(ask(name, [])), []);
    assert.deepEqual(echoed(ask(name, [{ code: 3, data: new Uint8Array() }])), []);
  }
});
