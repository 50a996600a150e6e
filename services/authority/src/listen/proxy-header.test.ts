import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatAddress, parseAddress } from '@signpost/dns/address';
import * as fc from 'fast-check';

import { proxyHeader } from '../testing/proxy-header.ts';
import { INCOMPLETE, MALFORMED, ProxyHeader } from './proxy-header.ts';

const header = new ProxyHeader();

function clientOf(octets: Uint8Array): string | undefined {
  assert.ok(header.parse(octets) > 0);
  return header.client && formatAddress(header.client);
}

/** Version and command, family, length, then the rest. */
const raw = (command: number, family: number, block: Uint8Array, length = block.length) => {
  const octets = proxyHeader(undefined);
  octets[12] = command;
  octets[13] = family;
  octets[14] = length >> 8;
  octets[15] = length;
  return Buffer.concat([octets, block]);
};

test('the client is who the header names, whatever carries it and whatever follows', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  const rest = fc.uint8Array({ maxLength: 80 });
  fc.assert(
    fc.property(address, fc.boolean(), rest, rest, (text, isStream, tlvs, query) => {
      const { octets } = parseAddress(text)!;
      const sent = proxyHeader(octets, { isStream, tlvs });
      assert.equal(header.parse(Buffer.concat([sent, query])), sent.length);
      const shown = formatAddress(octets);
      assert.equal(formatAddress(header.client!), shown.replace(/^::ffff:(?=\d+\.)/, ''));
    }),
  );
});

test('every part of a header is incomplete, and never a client', () => {
  const whole = proxyHeader(parseAddress('2001:db8::1')!.octets, { tlvs: Uint8Array.of(4, 0, 1, 7) });
  for (let length = 0; length < whole.length; length += 1) {
    assert.equal(header.parse(whole.subarray(0, length)), INCOMPLETE, `${length}`);
    assert.equal(header.client, undefined);
  }
});

test('LOCAL and UNSPEC are the peer itself, with and without a block', () => {
  for (const block of [new Uint8Array(0), new Uint8Array(12).fill(9), new Uint8Array(7)]) {
    for (const [command, family] of [
      [0x20, 0x00],
      [0x20, 0x11],
      [0x20, 0x31],
      [0x20, 0xff],
      [0x21, 0x00],
    ] as const) {
      assert.equal(clientOf(raw(command, family, block)), undefined);
    }
  }
  assert.equal(clientOf(raw(0x21, 0x12, Uint8Array.of(192, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0))), '192.0.2.7');
  assert.equal(clientOf(raw(0x20, 0x12, Uint8Array.of(192, 0, 2, 7, 0, 0, 0, 0, 0, 0, 0, 0))), undefined);
});

test('other versions, commands, families, short blocks and endless ones are malformed', () => {
  const block = new Uint8Array(36);
  for (const command of [0x10, 0x11, 0x22, 0x2f, 0x31, 0x00]) {
    assert.equal(header.parse(raw(command, 0x11, block)), MALFORMED);
  }
  for (const family of [0x01, 0x10, 0x13, 0x20, 0x23, 0x31, 0x32, 0x41]) {
    assert.equal(header.parse(raw(0x21, family, block)), MALFORMED);
  }
  assert.equal(header.parse(raw(0x21, 0x11, block.subarray(0, 11))), MALFORMED);
  assert.equal(header.parse(raw(0x21, 0x22, block.subarray(0, 35))), MALFORMED);
  assert.equal(header.parse(raw(0x21, 0x22, block, 0xffff)), MALFORMED);
  assert.equal(header.parse(Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1 53\r\n')), MALFORMED);
});

test('any octets are judged without an exception, and a header is never longer than they are', () => {
  const signature = proxyHeader(undefined).subarray(0, 12);
  const tail = fc.uint8Array({ maxLength: 120 });
  const any = fc.oneof(
    tail,
    tail.map((octets) => Buffer.concat([signature, octets])),
    tail.map((octets) => Buffer.concat([signature, Buffer.of(0x21), octets])),
  );
  fc.assert(
    fc.property(any, (octets) => {
      const length = header.parse(octets);
      assert.ok(length === MALFORMED || length === INCOMPLETE || (length >= 16 && length <= octets.length));
      if (length <= 0) assert.equal(header.client, undefined);
    }),
  );
});
