import assert from 'node:assert/strict';
import { test } from 'node:test';

import { systemResolver } from './resolve-address.ts';

const failing = (code: string) =>
  systemResolver(() => Promise.reject(Object.assign(new Error(code), { code })));

test('a name that has no address counts against the target, a prober without a file descriptor left does not', async () => {
  const asked = (code: string) => failing(code)('a.example.net', ['ipv4']);
  assert.deepEqual(await asked('ENOTFOUND'), {
    kind: 'fail',
    reason: 'name a.example.net has no IPv4 address',
  });
  assert.deepEqual(await asked('EAI_AGAIN'), {
    kind: 'fail',
    reason: 'name a.example.net could not be resolved (EAI_AGAIN)',
  });
  for (const code of ['EMFILE', 'ENFILE', 'EAI_MEMORY']) {
    const reason = `prober is short of resources (${code})`;
    assert.deepEqual(await asked(code), { kind: 'inconclusive', reason });
  }
});
