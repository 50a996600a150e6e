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

test('resolvers are addresses, secrets of affinity names are long and at most two', () => {
  const env = {
    SIGNPOST_RESOLVERS: '192.0.2.53, [2001:db8::53]:5353,127.0.0.1:53,2001:db8::54',
    SIGNPOST_AFFINITY_SECRET_FILE: '/run/affinity',
  };
  const config = readControllerProcessConfig(
    env,
    () => 'the newer of two secrets\nthe older of two secrets\n',
  );
  assert.deepEqual(config.resolvers, ['192.0.2.53', '[2001:db8::53]:5353', '127.0.0.1:53', '2001:db8::54']);
  assert.deepEqual(config.affinitySecrets, ['the newer of two secrets', 'the older of two secrets']);
  const wrong = {
    SIGNPOST_RESOLVERS: 'dns.example.net,192.0.2.53:0,192.0.2.53',
    SIGNPOST_AFFINITY_SECRET: 'short,the newer of two secrets,the older of two secrets',
  };
  assert.throws(
    () => readControllerProcessConfig(wrong),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.problems, [
        'SIGNPOST_RESOLVERS: dns.example.net, 192.0.2.53:0 is no address of a resolver; write 192.0.2.53, 192.0.2.53:53 or [2001:db8::53]:53',
        'SIGNPOST_AFFINITY_SECRET: more than two secrets; keep the new one and the one before it',
        'SIGNPOST_AFFINITY_SECRET: a secret is shorter than 16 characters; make one with openssl rand -hex 32',
      ]);
      return true;
    },
  );
});
