import assert from 'node:assert/strict';
import { test } from 'node:test';

import { embeddedVantage, vantageLeft } from './embedded-vantage.ts';

test('the embedded prober is in the only vantage, whatever its name, else in local', () => {
  assert.deepEqual(embeddedVantage(['frankfurt']), { ok: true, vantage: 'frankfurt' });
  assert.deepEqual(embeddedVantage(['frankfurt', 'local']), { ok: true, vantage: 'local' });
  assert.deepEqual(embeddedVantage([]), { ok: true, vantage: 'local' });
});

test('of several vantages without local none is guessed, and what to write is said', () => {
  const refused = embeddedVantage(['frankfurt', 'tokyo']);
  assert.equal(refused.ok, false);
  assert.match(refused.mistake, /frankfurt, tokyo.*write "local: \{\}"/);
});

test('a later configuration without that vantage is told, with the remedy', () => {
  assert.equal(vantageLeft('local', ['local', 'tokyo']), undefined);
  assert.match(vantageLeft('local', ['tokyo'])!, /vantage local, .* only tokyo; start it again/);
});
