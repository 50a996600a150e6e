import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodeEvent } from './cloud-event.ts';
import { decodeTargetLoad, encodeTargetLoad, MAX_TARGET_LOAD, targetLoaded } from './target-load.ts';

const octets = (text: string) => new TextEncoder().encode(text);
const decoded = (given: Uint8Array) => {
  const result = decodeTargetLoad(given);
  return result.ok ? result.value : result.reason;
};

const refused = (given: Uint8Array): string => {
  const result = decodeTargetLoad(given);
  return result.ok ? 'accepted' : result.reason;
};

test('a load is its data alone, or a CloudEvent', () => {
  assert.deepEqual(decoded(octets('{"load":0}')), { load: 0 });
  assert.deepEqual(decoded(encodeTargetLoad({ load: 1_234.5 })), { load: 1_234.5 });
  const data = { load: 7 };
  const event = encodeEvent(targetLoaded, { id: '1', source: '/app', subject: 'eu-a', atMs: 0, data });
  assert.deepEqual(decoded(event), data);
});

test('what is no number from 0 on is refused', () => {
  assert.match(refused(octets('')), /^not JSON/);
  assert.match(refused(octets('{}')), /^load: /);
  assert.match(refused(octets('{"load":-1}')), /^load: /);
  assert.match(refused(octets('{"load":"12"}')), /^load: /);
  assert.match(refused(octets('{"load":1e400}')), /^load: /);
  assert.match(refused(octets('12')), /expected object/);
  assert.match(refused(new Uint8Array(MAX_TARGET_LOAD + 1)), /too many/);
});
