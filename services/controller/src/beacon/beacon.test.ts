/** The pure parts of the beacon endpoint: settings, bodies, whose it is, how many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfigError } from '@signpost/config/config-error';
import { readEnvironment, type Environment } from '@signpost/config/read-env';
import { formatAddress, parsePrefix, type Prefix } from '@signpost/dns/address';

import { beaconClient } from './beacon-client.ts';
import { readBeaconConfig } from './beacon-config.ts';
import { BeaconLimiter } from './beacon-limits.ts';
import { MAX_BEACON_TARGETS, readBeacon } from './read-beacon.ts';

function configOf(env: Environment) {
  const reader = readEnvironment(env, () => '');
  return reader.finish({ beacon: readBeaconConfig(reader) }).beacon;
}

test('the endpoint is off by default, and needs to know whose pages may send', () => {
  assert.equal(configOf({}), undefined);
  const listen = { SIGNPOST_BEACON_LISTEN: '192.0.2.1:8081' };
  const config = configOf({
    ...listen,
    SIGNPOST_BEACON_ORIGINS: 'https://www.example.com, http://localhost:3000',
    SIGNPOST_BEACON_TRUSTED_PROXIES: '10.0.0.0/8,fd00::/8',
  });
  assert.deepEqual(config?.origins, ['https://www.example.com', 'http://localhost:3000']);
  assert.equal(config?.trustedProxies.length, 2);
  assert.deepEqual(configOf({ ...listen, SIGNPOST_BEACON_ORIGINS: '*' })?.origins, ['*']);
  assert.throws(() => configOf(listen), /SIGNPOST_BEACON_ORIGINS is not set/);
  assert.throws(
    () => configOf({ SIGNPOST_BEACON_LISTEN: 'x', SIGNPOST_BEACON_ORIGINS: 'https://a.example/,a.example' }),
    (error) => error instanceof ConfigError && error.problems.length === 3,
  );
});

test('a beacon is milliseconds by target, and anything else is refused whole', () => {
  const read = (body: string) => {
    const beacon = readBeacon(body);
    return beacon.ok ? beacon.value : beacon.reason;
  };
  assert.deepEqual(read('{"eu-a":34.1,"us-a":120}'), { 'eu-a': 34.1, 'us-a': 120 });
  const many = (count: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, 1])));
  assert.equal(typeof read(many(MAX_BEACON_TARGETS)), 'object');
  for (const body of [
    '',
    'null',
    '[]',
    '{}',
    '"eu-a"',
    '{"eu-a":0}',
    '{"eu-a":-3}',
    '{"eu-a":60000}',
    '{"eu-a":1e999}',
    '{"eu-a":"34"}',
    '{"EU a":34}',
    '{"eu-a":34,"b":{}}',
    many(MAX_BEACON_TARGETS + 1),
  ]) {
    assert.equal(typeof read(body), 'string', body);
  }
});

const TRUSTED = ['10.0.0.0/8', 'fd00::/8'].map((text) => parsePrefix(text) as Prefix);

test('the client is the peer, or the last address that none of our proxies has', () => {
  const client = (peer: string | undefined, forwarded?: string) => {
    const address = beaconClient(peer, forwarded, TRUSTED);
    return address && formatAddress(address.octets);
  };
  assert.equal(client('203.0.113.7'), '203.0.113.7');
  assert.equal(client('::ffff:203.0.113.7'), '203.0.113.7');
  assert.equal(client('2001:db8::7', '198.51.100.1'), '2001:db8::7', 'a stranger names nobody else');
  assert.equal(client('10.0.0.1', '198.51.100.1'), '198.51.100.1');
  assert.equal(client('::ffff:10.0.0.1', '192.0.2.66, 198.51.100.1, 10.9.9.9'), '198.51.100.1');
  assert.equal(client('fd00::1', '2001:db8::1,fd00::2'), '2001:db8::1');
  assert.equal(client('10.0.0.1', '10.0.0.2, 10.0.0.3'), '10.0.0.2', 'all are ours: the farthest');
  assert.equal(client(undefined, '198.51.100.1'), '198.51.100.1', 'a Unix socket');
  for (const [peer, forwarded] of [
    ['10.0.0.1', undefined],
    ['10.0.0.1', ''],
    ['10.0.0.1', 'unknown'],
    ['10.0.0.1', '198.51.100.1, unknown'],
    ['10.0.0.1', Array.from({ length: 40 }, () => '10.0.0.2').join(',')],
    [undefined, undefined],
    ['nonsense', '198.51.100.1'],
  ] as const) {
    assert.equal(client(peer, forwarded), undefined, `${peer} ${forwarded}`);
  }
});

test('beacons are limited in total, by prefix, and in how many prefixes send', () => {
  const limiter = new BeaconLimiter({ perSecond: 3, perPrefixAndMinute: 2, prefixesPerMinute: 2 });
  const asks = (nowMs: number) => Array.from({ length: 5 }, () => limiter.mayAsk(nowMs));
  assert.deepEqual(asks(0), [true, true, true, false, false]);
  assert.deepEqual(asks(999), [false, false, false, false, false]);
  assert.deepEqual(asks(1_000), [true, true, true, false, false]);
  const sends = (prefix: string, nowMs = 0) => limiter.maySend(prefix, nowMs);
  assert.deepEqual([sends('a'), sends('a'), sends('a')], [true, true, false]);
  assert.deepEqual([sends('b'), sends('c')], [true, false], 'a third prefix is one too many');
  assert.deepEqual([sends('c', 60_000), sends('a', 60_000)], [true, true]);
});
