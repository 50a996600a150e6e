import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError } from '@signpost/config/config-error';

import { readAuthorityConfig, readAuthorityProcessConfig } from './config.ts';

test('an empty environment is a whole configuration', () => {
  const config = readAuthorityProcessConfig({});
  assert.deepEqual(config.endpoints, [{ kind: 'port', host: '127.0.0.1', family: 4, port: 5300 }]);
  assert.ok(config.workers >= 1 && config.workers <= 4);
  assert.equal(config.lameduckMs, 5_000);
  assert.equal(config.nats, undefined);
  assert.equal(config.redis?.url, 'redis://127.0.0.1:6379');
});

test('several addresses of both families', () => {
  const { endpoints } = readAuthorityConfig({ SIGNPOST_DNS_LISTEN: '127.0.0.1:0,[::1]:5300' });
  assert.deepEqual(
    endpoints.map(({ host, family, port }) => [host, family, port]),
    [
      ['127.0.0.1', 4, 0],
      ['::1', 6, 5300],
    ],
  );
});

test('every mistake is told at once, by variable', () => {
  const env = {
    SIGNPOST_DNS_LISTEN: 'unix:/run/dns.sock',
    SIGNPOST_WORKERS: '0',
    SIGNPOST_NODE: 'A B',
    SIGNPOST_LAMEDUCK: 'long',
    SIGNPOST_REDIS_URL: 'http://x',
    SIGNPOST_NATS_URL: 'redis://x',
    SIGNPOST_ADMIN_LISTEN: 'nowhere',
  };
  assert.throws(
    () => readAuthorityProcessConfig(env),
    (error) => {
      assert.ok(error instanceof ConfigError);
      for (const name of Object.keys(env)) assert.match(error.message, new RegExp(name));
      return true;
    },
  );
});

test('zone files stand in for Redis, and both at once are a mistake', () => {
  const config = readAuthorityProcessConfig({ SIGNPOST_ZONE: 'Example.NET.=a.zone,.=root.zone' });
  assert.equal(config.redis, undefined);
  assert.deepEqual(config.zoneFiles, {
    zones: [
      { origin: 'example.net', file: 'a.zone' },
      { origin: '.', file: 'root.zone' },
    ],
    list: undefined,
  });
  const env = { SIGNPOST_ZONES: 'list', SIGNPOST_REDIS_URL: 'redis://127.0.0.1' };
  assert.throws(() => readAuthorityProcessConfig(env), /SIGNPOST_REDIS_URL and zone files/);
  assert.throws(() => readAuthorityProcessConfig({ SIGNPOST_ZONE: 'a..b=x' }), /SIGNPOST_ZONE="a\.\.b=x"/);
});
