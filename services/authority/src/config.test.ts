import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError } from '@signpost/config/config-error';
import { makeTestCertificates } from '@signpost/testkit/test-certificates';

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
    SIGNPOST_UDP: 'fast',
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

test('cookies, NSID and the rate limit are off or made by chance unless they are set; samples are taken', () => {
  const { answering } = readAuthorityConfig({});
  assert.deepEqual(answering, {
    cookieSecrets: [],
    nsid: undefined,
    server: { id: undefined, version: undefined },
    rateLimits: undefined,
    samplesPerSecond: 100,
  });
});

test('cookie secrets, NSID as text or hexadecimal digits, and limits are read', () => {
  const [first, second] = ['e5e973e5a6b2a43f48e7dc849e37bfcf', '445536BCD2513298075A5D379663C962'];
  const { answering } = readAuthorityConfig({
    SIGNPOST_COOKIE_SECRET: `${first}, ${second}`,
    SIGNPOST_NSID: '0xff00',
    SIGNPOST_RATE_LIMIT: '20',
    SIGNPOST_RATE_LIMIT_WINDOW: '5s',
    SIGNPOST_RATE_LIMIT_EXEMPT: '192.0.2.0/24, 2001:db8::1',
  });
  assert.deepEqual(
    answering.cookieSecrets.map((secret) => Buffer.from(secret).toString('hex')),
    [first, second.toLowerCase()],
  );
  assert.deepEqual(answering.nsid, Uint8Array.of(0xff, 0));
  const { exempt, ...limits } = answering.rateLimits!;
  assert.deepEqual(limits, { perSecond: 20, windowMs: 5_000, slip: 2 });
  assert.deepEqual(
    exempt.map(({ family, length }) => [family, length]),
    [
      [4, 24],
      [6, 128],
    ],
  );
  const text = readAuthorityConfig({ SIGNPOST_NSID: 'node-1.fra' }).answering.nsid;
  assert.equal(Buffer.from(text!).toString(), 'node-1.fra');
});

test('what the server tells of itself is read as text', () => {
  const { server } = readAuthorityConfig({
    SIGNPOST_ID_SERVER: 'fra-1',
    SIGNPOST_VERSION_SERVER: 'näher nicht',
  }).answering;
  assert.equal(Buffer.from(server.id!).toString(), 'fra-1');
  assert.equal(Buffer.from(server.version!).toString(), 'näher nicht');
});

test('mistakes in them are told by variable, and a secret is not shown', () => {
  const wrong = {
    SIGNPOST_COOKIE_SECRET: `${'a'.repeat(32)},topsecret`,
    SIGNPOST_NSID: '0xabc',
    SIGNPOST_ID_SERVER: 'ä'.repeat(128),
    SIGNPOST_VERSION_SERVER: 'x'.repeat(256),
    SIGNPOST_RATE_LIMIT: '10001',
    SIGNPOST_RATE_LIMIT_WINDOW: '10ms',
    SIGNPOST_RATE_LIMIT_SLIP: '-1',
    SIGNPOST_RATE_LIMIT_EXEMPT: '192.0.2.1/24',
  };
  assert.throws(
    () => readAuthorityConfig(wrong),
    (error) => {
      assert.ok(error instanceof ConfigError);
      for (const name of Object.keys(wrong)) assert.match(error.message, new RegExp(`${name}\\b`));
      assert.doesNotMatch(error.message, /topsecret|aaaa/);
      return true;
    },
  );
  assert.throws(() => readAuthorityConfig({ SIGNPOST_NSID: 'x'.repeat(129) }), /SIGNPOST_NSID/);
});

test('TLS and balancers are off unless they are set', () => {
  const { tls, proxyFrom } = readAuthorityConfig({});
  assert.deepEqual([tls, proxyFrom], [undefined, []]);
});

test('TLS takes addresses and the two files of a certificate', () => {
  const { cert, key } = makeTestCertificates();
  const env = {
    SIGNPOST_TLS_LISTEN: '127.0.0.1:853,[::1]:853',
    SIGNPOST_TLS_CERT: 'cert.pem',
    SIGNPOST_TLS_KEY: 'key.pem',
    SIGNPOST_PROXY_FROM: '192.0.2.0/24, 2001:db8::1',
  };
  const { tls, proxyFrom } = readAuthorityProcessConfig(env, (path) => (path === 'cert.pem' ? cert : key));
  assert.deepEqual(
    tls?.endpoints.map(({ host, port }) => [host, port]),
    [
      ['127.0.0.1', 853],
      ['::1', 853],
    ],
  );
  assert.deepEqual(tls?.files, { cert: 'cert.pem', key: 'key.pem' });
  assert.equal(tls?.certificate.chain, cert);
  assert.deepEqual(
    proxyFrom.map(({ family, length }) => [family, length]),
    [
      [4, 24],
      [6, 128],
    ],
  );
});

test('mistakes about TLS and balancers are told by variable and file', () => {
  const pairs = [makeTestCertificates(), makeTestCertificates()];
  const read = (path: string) => (path === 'cert.pem' ? pairs[0]!.cert : pairs[1]!.key);
  const files = { SIGNPOST_TLS_CERT: 'cert.pem', SIGNPOST_TLS_KEY: 'key.pem' };
  const cases: [Record<string, string>, RegExp][] = [
    [{ SIGNPOST_TLS_LISTEN: '127.0.0.1:853' }, /TLS_CERT is not set[\s\S]*TLS_KEY is not set/],
    [files, /TLS_LISTEN is not set/],
    [
      { ...files, SIGNPOST_TLS_LISTEN: '127.0.0.1:853' },
      /TLS_KEY="key\.pem": it is not the key of cert\.pem/,
    ],
    [{ ...files, SIGNPOST_TLS_LISTEN: 'unix:/run/dot.sock' }, /TLS_LISTEN: DNS is not answered on unix/],
    [{ SIGNPOST_PROXY_FROM: '192.0.2.1/24' }, /PROXY_FROM="192\.0\.2\.1\/24": write 192\.0\.2\.0\/24/],
  ];
  for (const [env, message] of cases) assert.throws(() => readAuthorityProcessConfig(env, read), message);
  const env = { ...files, SIGNPOST_TLS_KEY: 'own', SIGNPOST_TLS_LISTEN: '127.0.0.1:5300' };
  const readOwn = (path: string) => (path === 'own' ? pairs[0]!.key : read(path));
  assert.throws(
    () => readAuthorityProcessConfig(env, readOwn),
    /127\.0\.0\.1:5300 stands in SIGNPOST_DNS_LISTEN/,
  );
});
