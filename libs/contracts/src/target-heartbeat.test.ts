import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodeEvent } from './cloud-event.ts';
import { decodeTargetHeartbeat, MAX_TARGET_HEARTBEAT, targetBeat } from './target-heartbeat.ts';

const octets = (text: string) => new TextEncoder().encode(text);
const decoded = (given: Uint8Array) => {
  const result = decodeTargetHeartbeat(given);
  return result.ok ? result.value : result.reason;
};

const refused = (given: Uint8Array): string => {
  const result = decodeTargetHeartbeat(given);
  return result.ok ? 'accepted' : result.reason;
};

test('a heartbeat is nothing at all, its data alone, or a CloudEvent', () => {
  assert.deepEqual(decoded(octets('')), { status: 'up' });
  assert.deepEqual(decoded(octets('{}')), { status: 'up' });
  assert.deepEqual(decoded(octets('{"status":"draining"}')), { status: 'draining' });
  const data = { status: 'down' as const, reason: 'disk full' };
  const event = encodeEvent(targetBeat, { id: '1', source: '/app', subject: 'eu-a', atMs: 0, data });
  assert.deepEqual(decoded(event), data);
});

test('what says something else is refused, not taken for a sign of life', () => {
  assert.match(refused(octets('{"status":"fine"}')), /^status: /);
  assert.match(refused(octets('ok')), /^not JSON/);
  assert.match(refused(octets('"up"')), /expected object/);
  assert.match(refused(new Uint8Array(MAX_TARGET_HEARTBEAT + 1)), /too many/);
});
