import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodeEvent } from './cloud-event.ts';
import { encodeJson } from './decode.ts';
import {
  decodeLatencySignal,
  latencyMeasured,
  MAX_LATENCY_SIGNAL,
  MAX_MEASUREMENTS,
} from './latency-signal.ts';

const reasonOf = (value: unknown): string => {
  const decoded = decodeLatencySignal(encodeJson(value));
  return decoded.ok ? 'accepted' : decoded.reason;
};
const one = { client: '203.0.113.0/24', ms: 34.1 };

test('measurements come bare or in a CloudEvent', () => {
  const data = { measurements: [one, { client: '2001:db8::1', ms: 120, samples: 4 }] };
  assert.deepEqual(decodeLatencySignal(encodeJson(data)), { ok: true, value: data });
  const event = encodeEvent(latencyMeasured, { id: '1', source: '/app', subject: 'eu-a', atMs: 0, data });
  assert.deepEqual(decodeLatencySignal(event), { ok: true, value: data });
});

test('a signal of too many, of none, or of what is no round trip is refused whole', () => {
  const list = (measurement: object, count = 1) => ({
    measurements: Array.from({ length: count }, () => measurement),
  });
  assert.equal(reasonOf(list(one, MAX_MEASUREMENTS)), 'accepted');
  assert.match(reasonOf(list(one, MAX_MEASUREMENTS + 1)), /^measurements: /);
  assert.match(reasonOf(list(one, 0)), /^measurements: /);
  for (const ms of [0, -1, 60_000, '34', null]) {
    assert.match(reasonOf(list({ ...one, ms })), /^measurements.0.ms: /, String(ms));
  }
  assert.match(reasonOf(list({ ...one, samples: 0 })), /samples/);
  assert.match(reasonOf([one]), /expected object/);
  const tooLong = decodeLatencySignal(new Uint8Array(MAX_LATENCY_SIGNAL + 1));
  assert.match(tooLong.ok ? '' : tooLong.reason, /too many/);
});
