import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError } from '@signpost/config/config-error';

import { readControllerProcessConfig } from './config.ts';

test('the defaults are those of the documentation', () => {
  const config = readControllerProcessConfig({});
  assert.deepEqual(config.api, {
    listen: { kind: 'port', host: '127.0.0.1', family: 4, port: 8080 },
    token: undefined,
  });
  assert.deepEqual(config.adminListen, { kind: 'port', host: '127.0.0.1', family: 4, port: 9154 });
  assert.equal(config.nats.url, 'nats://127.0.0.1:4222');
  assert.equal(config.redis.url, 'redis://127.0.0.1:6379');
});

test('an API that others reach needs a token; all problems are told together', () => {
  const env = {
    SIGNPOST_API_LISTEN: '0.0.0.0:8080',
    SIGNPOST_NATS_URL: 'http://x',
    SIGNPOST_ADMIN_LISTEN: 'nowhere',
  };
  assert.throws(
    () => readControllerProcessConfig(env),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.problems.map((problem) => problem.split(/[ =]/)[0]!).toSorted(), [
        'SIGNPOST_ADMIN_LISTEN',
        'SIGNPOST_API_TOKEN',
        'SIGNPOST_NATS_URL',
      ]);
      return true;
    },
  );
  for (const listen of ['127.0.0.9:1', '[::1]:1', 'unix:/run/signpost.sock']) {
    readControllerProcessConfig({ SIGNPOST_API_LISTEN: listen });
  }
});

test('a secret comes from the file that its twin names', () => {
  const env = {
    SIGNPOST_API_LISTEN: '[::]:80',
    SIGNPOST_API_TOKEN_FILE: '/run/token',
    SIGNPOST_NATS_PASSWORD_FILE: '/run/n',
  };
  const config = readControllerProcessConfig(env, (path) => `secret of ${path}\n`);
  assert.equal(config.api.token, 'secret of /run/token');
  assert.equal(config.nats.password, 'secret of /run/n');
});
