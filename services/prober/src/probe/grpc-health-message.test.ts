import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { decodeResponse, encodeRequest } from './grpc-health-message.ts';

const framed = (...message: number[]) => Buffer.from([0, 0, 0, 0, message.length, ...message]);

test('asks for the server with an empty message, for a service by its name', () => {
  assert.deepEqual([...encodeRequest('')], [0, 0, 0, 0, 0]);
  assert.deepEqual([...encodeRequest('ab')], [0, 0, 0, 0, 4, 0x0a, 2, 0x61, 0x62]);
  // 300 octets: the length takes two octets, and stands in the frame too.
  assert.deepEqual(
    [...encodeRequest('x'.repeat(300)).subarray(0, 9)],
    [0, 0, 0, 1, 0x2f, 0x0a, 0xac, 0x02, 0x78],
  );
});

test('reads the status, its absence as UNKNOWN, and passes over what it does not know', () => {
  assert.equal(decodeResponse(framed(0x08, 1)), 'SERVING');
  assert.equal(decodeResponse(framed(0x08, 2)), 'NOT_SERVING');
  assert.equal(decodeResponse(framed()), 'UNKNOWN');
  assert.equal(decodeResponse(framed(0x08, 9)), '9');
  assert.equal(decodeResponse(framed(0x12, 2, 0x61, 0x62, 0x08, 1, 0x1d, 1, 2, 3, 4)), 'SERVING');
});

test('takes any octets without harm, and none that are cut off', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (octets) => void decodeResponse(Buffer.from(octets))),
  );
  const whole = framed(0x12, 2, 0x61, 0x62, 0x08, 1);
  for (let end = 0; end < whole.length; end += 1)
    assert.equal(decodeResponse(whole.subarray(0, end)), undefined);
  assert.equal(decodeResponse(framed(0x12, 9, 0x61)), undefined);
  assert.equal(decodeResponse(framed(0x08, 0x80)), undefined);
});
