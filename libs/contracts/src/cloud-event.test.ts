import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { decodeEvent, encodeEvent, eventType } from './cloud-event.ts';
import { encodeJson } from './decode.ts';
import { proberBeat, type ProberHeartbeat } from './heartbeats.ts';
import { configChanged } from './publication.ts';

const heartbeat: ProberHeartbeat = {
  vantage: 'eu',
  prober: 'p1',
  incarnation: 5,
  sequence: 2,
  reports: 1,
  digest: '00000000000a',
};
const octets = encodeEvent(proberBeat, { id: '1', source: '/p', subject: 'eu/p1', atMs: 0, data: heartbeat });

test('an event comes back as it was sent', () => {
  const decoded = decodeEvent(proberBeat, octets);
  assert.ok(decoded.ok);
  assert.deepEqual(decoded.value.data, heartbeat);
  assert.equal(decoded.value.time, '1970-01-01T00:00:00.000Z');
  assert.equal(eventType(octets), 'signpost.prober.beat.v1');
});

test('an event of another type is refused with both types named', () => {
  const decoded = decodeEvent(configChanged, octets);
  assert.deepEqual(decoded, {
    ok: false,
    reason: 'type: expected signpost.config.changed.v1, got signpost.prober.beat.v1',
  });
});

test('data of the wrong shape is refused with its path', () => {
  const event = JSON.parse(new TextDecoder().decode(octets)) as { data: object };
  const decoded = decodeEvent(proberBeat, encodeJson({ ...event, data: { ...event.data, sequence: -1 } }));
  assert.ok(!decoded.ok);
  assert.match(decoded.reason, /^data\.sequence: /);
});

test('no octets whatever make the decoder throw', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat(), fc.nat(255), (noise, at, octet) => {
      assert.equal(decodeEvent(proberBeat, noise).ok, false);
      const mutated = Uint8Array.from(octets);
      mutated[at % mutated.length] = octet;
      decodeEvent(proberBeat, mutated);
    }),
  );
});
