import assert from 'node:assert/strict';
import { test } from 'node:test';

import { formatAddress, parseAddress } from './address.ts';
import * as fc from 'fast-check';

import { SourceAddress } from './source-address.ts';

const source = new SourceAddress();

test('every address reads as the careful parser reads it', () => {
  const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  const sparse = fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 });
  const any = fc.oneof(
    octets(4),
    octets(16),
    sparse.map((values) => Uint8Array.from(values)),
  );
  fc.assert(
    fc.property(any, (address) => {
      const text = formatAddress(address);
      assert.deepEqual(source.parse(text), parseAddress(text)!.octets, text);
    }),
  );
});

test('a zone index and a dotted tail are understood', () => {
  assert.equal(formatAddress(source.parse('fe80::1%eth0')), 'fe80::1');
  assert.equal(formatAddress(source.parse('::ffff:192.0.2.1')), '::ffff:192.0.2.1');
  assert.equal(formatAddress(source.parse('::')), '::');
  assert.equal(formatAddress(source.parse('2001:DB8::')), '2001:db8::');
});
