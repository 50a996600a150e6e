import assert from 'node:assert/strict';
import { test } from 'node:test';

import { mergeFlags, serviceOptions } from './service-options.ts';

test('a flag wins over its variable, and other variables stay', () => {
  const env = { SIGNPOST_DNS_LISTEN: '127.0.0.1:1', SIGNPOST_WORKERS: '2' };
  assert.deepEqual(mergeFlags(env, 'authority', { dnsListen: '127.0.0.1:5300' }), {
    SIGNPOST_DNS_LISTEN: '127.0.0.1:5300',
    SIGNPOST_WORKERS: '2',
  });
});

test('no service has a flag for a secret', () => {
  for (const service of ['start', 'authority', 'controller', 'prober'] as const) {
    for (const option of serviceOptions(service)) assert.doesNotMatch(option.flag, /password|token|secret/);
  }
});
