import assert from 'node:assert/strict';
import { test } from 'node:test';

import { probeTools } from './probe-tools.ts';
import { systemResolver } from './resolve-address.ts';
import { runProbe } from './run-probe.ts';

const failing = (code: string) =>
  systemResolver(() => Promise.reject(Object.assign(new Error(code), { code })));

test('a name that has no address counts against the target, a prober without a file descriptor left does not', async () => {
  const asked = (code: string) => failing(code)('a.example.net', ['ipv4']).answer;
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

test('names whose servers are silent are at fault, and those that wait for a thread behind them are not', async () => {
  const tools = { ...probeTools('0'), resolve: systemResolver(() => new Promise(() => {})) };
  const probe = async (address: string) => {
    const check = { families: ['ipv4' as const], address, port: 80 };
    const request = { probe: { type: 'tcp' as const }, check, timeoutMs: 50 };
    return (await runProbe(request, tools, new AbortController().signal)).kind;
  };
  const names = ['a.dead.example', 'b.dead.example', 'well.example', 'a.dead.example'];
  const kinds = await Promise.all(names.map(probe));
  assert.deepEqual(kinds, ['fail', 'fail', 'inconclusive', 'fail']);
});
