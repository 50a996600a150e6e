/** The beacon endpoint over real HTTP, up to the signals on messaging that come of it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';

import { parseListenAddress } from '@signpost/config/listen-address';
import { decodeLatencySignal } from '@signpost/contracts/latency-signal';
import { patterns } from '@signpost/contracts/subjects';
import { parsePrefix, type Prefix } from '@signpost/dns/address';
import { createMemoryServer } from '@signpost/memory/messaging';
import { eventually } from '@signpost/testkit/eventually';
import { fakeClock } from '@signpost/testkit/fake-clock';

import { BEACON_LIMITS, type BeaconLimits } from './beacon-limits.ts';
import { BeaconOutbox } from './beacon-outbox.ts';
import { startBeacon, type BeaconOutcome } from './start-beacon.ts';

const PAGE = 'https://www.example.com';

interface Started {
  readonly origins?: readonly string[];
  readonly trusted?: readonly string[];
  readonly limits?: Partial<BeaconLimits>;
}

async function started({ origins = [PAGE], trusted = [], limits = {} }: Started = {}) {
  const clock = fakeClock();
  const server = createMemoryServer({ now: () => clock.now() });
  const messaging = server.connect();
  const heard: [target: string, client: string, ms: number][] = [];
  server.connect().core.subscribe(patterns.latencySignals, ({ subject, data }) => {
    const decoded = decodeLatencySignal(data);
    assert.ok(decoded.ok);
    for (const { client, ms } of decoded.value.measurements)
      heard.push([subject.split('.').at(-1)!, client, ms]);
  });
  const stop = new AbortController();
  const outbox = new BeaconOutbox({ messaging, clock, source: '/test' });
  const running = outbox.run(stop.signal);
  const outcomes: BeaconOutcome[] = [];
  const beacon = await startBeacon({
    listen: parseListenAddress('127.0.0.1:0')!,
    origins,
    trustedProxies: trusted.map((text) => parsePrefix(text) as Prefix),
    clock,
    isKnown: (target) => ['eu-a', 'us-a'].includes(target),
    onMeasured: (target, measurement) => outbox.add(target, measurement),
    onOutcome: (outcome) => outcomes.push(outcome),
    limits: { ...BEACON_LIMITS, ...limits },
  });
  const port = beacon.address.kind === 'port' ? beacon.address.port : 0;
  const url = `http://127.0.0.1:${port}/beacon`;
  return {
    clock,
    messaging,
    heard,
    outcomes,
    port,
    url,
    send: (body: string, headers: Record<string, string> = {}) =>
      fetch(url, { method: 'POST', body, headers: { origin: PAGE, ...headers } }),
    async [Symbol.asyncDispose]() {
      await beacon[Symbol.asyncDispose]();
      stop.abort();
      await running;
    },
  };
}

test('a beacon becomes one signal per known target, of the prefix of whoever sent it', async () => {
  await using beacon = await started();
  const response = await beacon.send('{"eu-a":34.1,"us-a":120,"gone":7}');
  assert.equal(response.status, 204);
  assert.equal(response.headers.get('access-control-allow-origin'), PAGE);
  assert.equal(response.headers.get('vary'), 'origin');
  await beacon.clock.advance(1_000);
  await eventually(() => beacon.heard.length === 2);
  assert.deepEqual(
    beacon.heard.toSorted(([a], [b]) => a.localeCompare(b)),
    [
      ['eu-a', '127.0.0.0/24', 34.1],
      ['us-a', '127.0.0.0/24', 120],
    ],
  );
  assert.deepEqual(beacon.outcomes, ['taken']);
  assert.equal((await beacon.send('{"gone":7}')).status, 204);
  assert.deepEqual(beacon.outcomes, ['taken', 'refused']);
});

test('behind a proxy of ours the client is whom it names; one that is not ours names nobody', async () => {
  await using behind = await started({ trusted: ['127.0.0.0/8'] });
  await behind.send('{"eu-a":34.1}', { 'x-forwarded-for': '192.0.2.1, 2001:db8:1:2::3, 127.0.0.9' });
  assert.equal((await behind.send('{"eu-a":34.1}')).status, 400);
  await behind.clock.advance(1_000);
  await eventually(() => behind.heard.length === 1);
  assert.deepEqual(behind.heard, [['eu-a', '2001:db8:1::/48', 34.1]]);
  await using direct = await started();
  await direct.send('{"eu-a":34.1}', { 'x-forwarded-for': '192.0.2.1' });
  await direct.clock.advance(1_000);
  await eventually(() => direct.heard.length === 1);
  assert.equal(direct.heard[0]![1], '127.0.0.0/24');
});

test('pages of other sites, no page, other paths and methods, and bad or long bodies are refused', async () => {
  await using beacon = await started();
  assert.equal((await beacon.send('{"eu-a":1}', { origin: 'https://evil.example' })).status, 403);
  assert.equal((await fetch(beacon.url, { method: 'POST', body: '{"eu-a":1}' })).status, 403);
  assert.equal((await fetch(beacon.url, { headers: { origin: PAGE } })).status, 404);
  assert.equal((await beacon.send('{"eu-a":"fast"}')).status, 400);
  assert.equal((await beacon.send('')).status, 400);
  assert.equal((await beacon.send(`{"eu-a":1}${' '.repeat(4_096)}`)).status, 413);
  await beacon.clock.advance(1_000);
  assert.deepEqual(beacon.heard, []);
  assert.ok(beacon.outcomes.every((outcome) => outcome === 'refused'));
});

test('any type of content is read as text, and a browser that asks first is told what it may send', async () => {
  await using beacon = await started({ origins: ['*'] });
  const preflight = await fetch(beacon.url, {
    method: 'OPTIONS',
    headers: { origin: 'https://any.example', 'access-control-request-method': 'POST' },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
  assert.equal(preflight.headers.get('access-control-allow-methods'), 'POST');
  for (const type of ['text/plain;charset=UTF-8', 'application/json', 'application/octet-stream']) {
    assert.equal((await beacon.send('{"eu-a":5}', { 'content-type': type })).status, 204, type);
  }
});

test('too many in a second, or of one prefix in a minute, are refused before they are read', async () => {
  await using total = await started({ limits: { perSecond: 2 } });
  const statuses = [];
  for (let i = 0; i < 4; i += 1) statuses.push((await total.send('{"eu-a":5}')).status);
  assert.deepEqual(statuses, [204, 204, 429, 429]);
  await total.clock.advance(1_000);
  assert.equal((await total.send('{"eu-a":5}')).status, 204);

  await using each = await started({
    trusted: ['127.0.0.0/8'],
    limits: { perPrefixAndMinute: 1, prefixesPerMinute: 2 },
  });
  const from = async (client: string) =>
    (await each.send('{"eu-a":5}', { 'x-forwarded-for': client })).status;
  assert.equal(await from('192.0.2.1'), 204);
  assert.equal(await from('192.0.2.200'), 429);
  assert.equal(await from('198.51.100.1'), 204);
  assert.equal(await from('203.0.113.1'), 429, 'more prefixes than are remembered');
  await each.clock.advance(60_000);
  assert.equal(await from('203.0.113.1'), 204);
  assert.equal(each.outcomes.filter((outcome) => outcome === 'limited').length, 2);
});

test('while messaging is away nothing is kept for later', async () => {
  await using beacon = await started();
  beacon.messaging.setReachable(false);
  assert.equal((await beacon.send('{"eu-a":5}')).status, 204);
  assert.deepEqual(beacon.outcomes, ['unsent']);
  beacon.messaging.setReachable(true);
  await beacon.clock.advance(2_000);
  assert.deepEqual(beacon.heard, []);
});

test('what is no HTTP, or a head that never ends, is dropped and the next one is answered', async () => {
  await using beacon = await started();
  for (const octets of ['\0\0\0', 'POST /beacon HTTP/1.1\r\n' + 'x: y\r\n'.repeat(4_000)]) {
    const socket = connect(beacon.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(octets);
    socket.resume();
    await once(socket, 'close');
  }
  assert.equal((await beacon.send('{"eu-a":5}')).status, 204);
});
