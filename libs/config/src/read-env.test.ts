import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError } from './config-error.ts';
import { formatListenAddress, isLoopback, parseListenAddress } from './listen-address.ts';
import { readEnvironment } from './read-env.ts';

const noFile = (path: string): string => {
  throw new Error(`ENOENT: no such file, open '${path}'`);
};

test('all problems are told together, each with variable, value and remedy', () => {
  const reader = readEnvironment(
    {
      SIGNPOST_WORKERS: '0',
      SIGNPOST_LAMEDUCK: '5',
      SIGNPOST_DNS_LISTEN: '127.0.0.1:5300,localhost:53',
      SIGNPOST_REDIS_URL: 'http://x',
      SIGNPOST_API_TOKEN_FILE: '/nowhere',
      SIGNPOST_NODE: 'A_b',
    },
    noFile,
  );
  reader.integer('SIGNPOST_WORKERS', { min: 1, max: 64, fallback: 1 });
  reader.durationMs('SIGNPOST_LAMEDUCK', 5_000);
  reader.listens('SIGNPOST_DNS_LISTEN', '127.0.0.1:5300');
  reader.url('SIGNPOST_REDIS_URL', ['redis:', 'rediss:']);
  reader.url('SIGNPOST_NATS_URL', ['nats:']);
  reader.secret('SIGNPOST_API_TOKEN');
  reader.name('SIGNPOST_NODE', 'node');
  assert.throws(
    () => reader.finish({}),
    (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.problems, [
        'SIGNPOST_WORKERS="0": use a whole number from 1 to 64',
        'SIGNPOST_LAMEDUCK="5": use a duration such as 250ms, 10s or 5m',
        'SIGNPOST_DNS_LISTEN="127.0.0.1:5300,localhost:53": write 127.0.0.1:5300, [::1]:5300 or unix:/path',
        'SIGNPOST_REDIS_URL="http://x": use a URL that starts with redis:// or rediss://, without a password',
        'SIGNPOST_NATS_URL is not set: use a URL that starts with nats://, without a password',
        'SIGNPOST_API_TOKEN_FILE="/nowhere": ENOENT: no such file, open \'/nowhere\'',
        'SIGNPOST_NODE="A_b": use 1 to 63 of a-z, 0-9 and "-"',
      ]);
      return true;
    },
  );
});

test('values are parsed, empty variables are absent, and the result is frozen', () => {
  const reader = readEnvironment({ A: '7', B: '', C: '250ms', D_FILE: '/secret' }, () => 'hush\n');
  const config = reader.finish({
    a: reader.integer('A', { min: 0, max: 9, fallback: 1 }),
    b: reader.string('B', 'fallback'),
    c: reader.durationMs('C', 1),
    d: reader.secret('D'),
  });
  assert.deepEqual(config, { a: 7, b: 'fallback', c: 250, d: 'hush' });
  assert.ok(Object.isFrozen(config));
});

test('a password in an address is refused and not repeated', () => {
  const reader = readEnvironment(
    { URL: 'redis://me:hu/s@h@one:1,redis://you:hush@two:2', OTHER: 'http://me:hush@one' },
    noFile,
  );
  reader.url('URL', ['redis:']);
  reader.url('OTHER', ['redis:']);
  assert.throws(
    () => reader.finish({}),
    (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.problems.length, 2);
      assert.doesNotMatch(error.problems.join('\n'), /hu|s@h/);
      return true;
    },
  );
});

test('certificates are read from the file that is named; one without any is a mistake', () => {
  const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
  const reader = readEnvironment({ A: '/pem', B: '/key' }, (path) => (path === '/pem' ? pem : 'key'));
  assert.equal(reader.certificates('A'), pem);
  assert.equal(reader.certificates('C'), undefined);
  assert.equal(reader.certificates('B'), undefined);
  assert.throws(() => reader.finish({}), /B="\/key": it holds no PEM certificate/);
});

test('listen addresses are read and written back', () => {
  for (const text of ['127.0.0.1:5300', '[::1]:0', 'unix:/run/signpost.sock', '0.0.0.0:53']) {
    assert.equal(formatListenAddress(parseListenAddress(text)!), text);
  }
  for (const text of ['127.0.0.1', '::1:53', '[::1]', '127.0.0.1:65536', '010.0.0.1:1', 'unix:', 'host:53']) {
    assert.equal(parseListenAddress(text), undefined, text);
  }
  assert.ok(isLoopback(parseListenAddress('127.3.4.5:1')!));
  assert.ok(!isLoopback(parseListenAddress('0.0.0.0:1')!));
});
