import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ConfigError } from '@signpost/config/config-error';
import { readEnvironment } from '@signpost/config/read-env';

import { readProberConfig } from './config.ts';

const read = (env: Record<string, string>, files: Record<string, string> = {}) =>
  readProberConfig(
    readEnvironment(env, (path) => files[path] ?? assert.fail(`no file ${path}`)),
    'Host_1.example',
  );

describe('readProberConfig', () => {
  test('needs to know NATS alone', () => {
    assert.deepEqual(read({ SIGNPOST_NATS_URL: 'nats://127.0.0.1:4222' }), {
      nats: { url: 'nats://127.0.0.1:4222', user: undefined, password: undefined, ca: undefined },
      vantage: 'local',
      prober: 'host-1-example',
      admin: { kind: 'port', host: '127.0.0.1', family: 4, port: 9155 },
      limits: { total: 1_000, perHost: 50 },
    });
  });

  test('takes the password from a file', () => {
    const env = {
      SIGNPOST_NATS_URL: 'tls://nats:4222',
      SIGNPOST_NATS_USER: 'p',
      SIGNPOST_NATS_PASSWORD_FILE: '/secret',
    };
    assert.equal(read(env, { '/secret': 'hush\n' }).nats.password, 'hush');
  });

  test('names all problems at once', () => {
    const env = {
      SIGNPOST_VANTAGE: 'EU west',
      SIGNPOST_PROBE_CONCURRENCY: '0',
      SIGNPOST_PROBE_CONCURRENCY_PER_HOST: 'many',
      SIGNPOST_ADMIN_LISTEN: 'here',
    };
    assert.throws(
      () => read(env),
      (error) => error instanceof ConfigError && error.problems.length === 5,
    );
  });
});
