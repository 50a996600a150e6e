import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';

import * as fc from 'fast-check';

import {
  formatAddress,
  formatIpv4,
  formatIpv6,
  maskedTo,
  parseAddress,
  parseIpv4,
  parseIpv6,
  parsePrefix,
  prefixHolds,
} from './address.ts';

test('IPv4 is four plain decimal numbers and nothing else', () => {
  assert.deepEqual([...parseIpv4('192.0.2.255')!], [192, 0, 2, 255]);
  for (const text of [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '0x1.2.3.4',
    ' 1.2.3.4',
    '1.2.3.4 ',
    '1..3.4',
  ]) {
    assert.equal(parseIpv4(text), undefined, text);
  }
});

test('IPv6 is written as RFC 5952 wants it', () => {
  const cases = {
    '2001:0DB8:0:0:0:0:0:1': '2001:db8::1',
    '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
    '2001:0:0:1:0:0:0:1': '2001:0:0:1::1',
    '2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
    '0:0:0:0:0:0:0:0': '::',
    '1:0:0:0:0:0:0:0': '1::',
    '::ffff:192.0.2.1': '::ffff:192.0.2.1',
    '::ffff:c000:201': '::ffff:192.0.2.1',
    '64:ff9b::192.0.2.33': '64:ff9b::c000:221',
    '1:2:3:4:5:6:7::': '1:2:3:4:5:6:7:0',
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(formatIpv6(parseIpv6(text)!), expected);
});

test('malformed IPv6 is refused', () => {
  const bad = [
    '',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '12345::',
    'g::',
  ];
  const worse = [
    '::1%eth0',
    '[::1]',
    '1.2.3.4::',
    '::1.2.3',
    '::1.2.3.4:5',
    ':1::',
    '1::2:',
    '::1:2:3:4:5:6:7:8',
  ];
  for (const text of [...bad, ...worse]) assert.equal(parseIpv6(text), undefined, text);
});

test('any address survives being written and read, in agreement with node:net', () => {
  const part = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(part, { minLength: 16, maxLength: 16 }), (octets) => {
      const text = formatIpv6(Uint8Array.from(octets));
      assert.ok(isIPv6(text));
      assert.deepEqual([...parseIpv6(text)!], octets);
      assert.deepEqual([...parseIpv4(formatIpv4(Uint8Array.from(octets), 4))!], octets.slice(4, 8));
    }),
  );
});

test('what is refused and what is accepted is what node:net refuses and accepts', () => {
  const nearly = fc.stringMatching(/^[0-9a-f:.]{0,12}$/);
  const grouped = fc.array(fc.constantFrom('', '0', '1', 'ffff', '1.2.3.4', '255', '.', ':'), {
    maxLength: 9,
  });
  fc.assert(
    fc.property(
      fc.oneof(
        nearly,
        grouped.map((parts) => parts.join(':')),
        fc.ipV6(),
        fc.ipV4(),
      ),
      (text) => {
        assert.equal(parseIpv6(text) !== undefined, isIPv6(text), text);
        assert.equal(parseIpv4(text) !== undefined, isIPv4(text), text);
        assert.equal(parseAddress(text) !== undefined, isIPv4(text) || isIPv6(text), text);
      },
    ),
    { numRuns: 1000 },
  );
});

test('what is read is what plain expressions read', () => {
  const digits = fc.constantFrom(
    '',
    '0',
    '1',
    '9',
    '00',
    '01',
    '10',
    '99',
    '255',
    '256',
    '1000',
    'a',
    'F',
    '/',
  );
  const dotted = fc.array(digits, { minLength: 3, maxLength: 5 }).map((parts) => parts.join('.'));
  const group = fc.oneof(
    fc.constantFrom('', '', '0', '1', 'ffff', 'Ab', '12345', 'g', '@', '`', ' '),
    fc.ipV4(),
  );
  const grouped = fc.array(group, { minLength: 1, maxLength: 10 }).map((parts) => parts.join(':'));
  const cut = fc.tuple(
    fc.ipV6(),
    fc.nat({ max: 45 }),
    fc.constantFrom('', ':', '.', 'x', '\u0131', '1.2.3.4'),
  );
  const spoilt = cut.map(([text, at, put]) => text.slice(0, at) + put + text.slice(at + 1));
  fc.assert(
    fc.property(fc.oneof(dotted, grouped, spoilt, fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
      assert.deepEqual(parseIpv4(text), plainIpv4(text), text);
      assert.deepEqual(parseIpv6(text), plainIpv6(text), text);
    }),
    { numRuns: 5_000 },
  );
});

/** The slow, obvious twins. */
function plainIpv4(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  const isGood = (part: string) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255;
  return parts.length === 4 && parts.every(isGood) ? Uint8Array.from(parts, Number) : undefined;
}

function plainIpv6(text: string): Uint8Array | undefined {
  const [head, tail, ...more] = text.split('::').map((half) => (half === '' ? [] : half.split(':')));
  const parts = [...head!, ...(tail ?? [])];
  const octets = parts.map((part, i) => (i === parts.length - 1 && plainIpv4(part)) || plainGroup(part));
  // A dotted tail is the end of the address, not of what stands before "::".
  if (tail?.length === 0 && head!.at(-1)?.includes('.') === true) return undefined;
  if (more.length > 0 || !octets.every((each) => each !== undefined)) return undefined;
  const missing = 16 - octets.reduce((sum, { length }) => sum + length, 0);
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  const zeros = new Uint8Array(missing);
  return Uint8Array.from(
    [...octets.slice(0, head!.length), zeros, ...octets.slice(head!.length)].flatMap((each) => [...each]),
  );
}

function plainGroup(text: string): Uint8Array | undefined {
  if (!/^[\da-f]{1,4}$/i.test(text)) return undefined;
  const group = Number.parseInt(text, 16);
  return Uint8Array.of(group >> 8, group & 0xff);
}

test('prefixes have no host bits', () => {
  assert.deepEqual(parsePrefix('10.0.0.0/8'), {
    kind: 'prefix',
    family: 4,
    octets: Uint8Array.of(10, 0, 0, 0),
    length: 8,
  });
  const whole = parsePrefix('2001:db8::1');
  assert.ok(whole.kind === 'prefix' && whole.family === 6 && whole.length === 128);
  assert.equal(parsePrefix('0.0.0.0/0').kind, 'prefix');
  assert.equal(parsePrefix('::/0').kind, 'prefix');
  const stray = parsePrefix('192.0.2.77/26');
  assert.ok(stray.kind === 'stray host bits');
  assert.equal(stray.network, '192.0.2.64/26');
  for (const text of [
    '',
    '/8',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10/8',
    '::/129',
    '::/-1',
  ]) {
    assert.equal(parsePrefix(text).kind, 'malformed', text);
  }
});

test('masking keeps exactly the first bits', () => {
  assert.deepEqual([...maskedTo(Uint8Array.of(255, 255, 255, 255), 0)], [0, 0, 0, 0]);
  assert.deepEqual([...maskedTo(Uint8Array.of(255, 255, 255, 255), 11)], [255, 0xe0, 0, 0]);
  assert.deepEqual([...maskedTo(Uint8Array.of(255, 255, 255, 255), 32)], [255, 255, 255, 255]);
});

test('a prefix holds the addresses that begin with it, and none of the other family', () => {
  const octets = fc.oneof(
    fc.uint8Array({ minLength: 4, maxLength: 4 }),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
  );
  fc.assert(
    fc.property(octets, octets, fc.double({ min: 0, max: 1, noNaN: true }), (network, address, part) => {
      const length = Math.round(part * network.length * 8);
      const family = network.length === 4 ? 4 : 6;
      const prefix = { kind: 'prefix', family, octets: maskedTo(network, length), length } as const;
      assert.equal(prefixHolds(prefix, network), true);
      const begins = (bits: Uint8Array): string => formatAddress(maskedTo(bits, length));
      const isHeld = address.length === network.length && begins(address) === begins(network);
      assert.equal(prefixHolds(prefix, address), isHeld);
    }),
  );
});
