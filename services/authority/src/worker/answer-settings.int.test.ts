/** Cookies, NSID, keepalive and the rate limit over real sockets of two workers, as dig and our own client see them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import { promisify } from 'node:util';

import type { UdpLayerName } from '@signpost/contracts/udp-layer';
import { EdnsOption } from '@signpost/dns/constants';
import { ask, type DnsAnswer, encodeQuery } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { findDebianTool } from '@signpost/testkit/find-debian-tool';
import { TEST_UDP, UDP_LAYERS } from '@signpost/testkit/udp-layers';
import { chooseUdpLayer } from '@signpost/udp/udp-layer';

import { readCounters } from '../count/counters.ts';
import { imageOf, zoneOf } from '../testing/sample-zone.ts';
import { type AnswerSettings, DEFAULT_ANSWER_SETTINGS } from './answer-settings.ts';
import { startWorkers } from './worker-pool.ts';

const SECRET = Buffer.alloc(16, 5);

async function start(
  t: TestContext,
  settings: Partial<AnswerSettings>,
  udp: UdpLayerName = chooseUdpLayer(TEST_UDP),
) {
  const pool = startWorkers(2, { ...DEFAULT_ANSWER_SETTINGS, ...settings }, udp);
  t.after(() => pool[Symbol.asyncDispose]());
  await pool.setImage(imageOf(zoneOf('example.net', 'www A 192.0.2.1')).memory);
  const { dns } = await pool.open({
    dns: [{ kind: 'port', host: '127.0.0.1', family: 4, port: 0 }],
    tls: [],
    proxyFrom: [],
  });
  const [endpoint] = dns;
  const { port } = endpoint!;
  return {
    port,
    counts: () => readCounters(pool.counters),
    ask: (data: Buffer): Promise<DnsAnswer> =>
      ask({
        server: '127.0.0.1',
        port,
        name: 'www.example.net',
        type: 'A',
        edns: { options: [{ code: EdnsOption.COOKIE, data }] },
      }),
  };
}

function cookieOf({ edns }: DnsAnswer): Buffer {
  return edns!.options.find(({ code }) => code === EdnsOption.COOKIE)!.data;
}

test('RFC 9018: servers with one secret agree on cookies; of two without one each has its own', async (t) => {
  const client = Buffer.alloc(8, 1);
  // Whether the cookie is ours shows in a limit of one response: known clients are not limited.
  const strict = { rateLimits: { perSecond: 1, windowMs: 15_000, slip: 1, exempt: [] } };
  const [maker, verifier, stranger] = await Promise.all([
    start(t, { cookieSecrets: [SECRET] }),
    start(t, { ...strict, cookieSecrets: [Buffer.alloc(16, 6), SECRET] }),
    start(t, strict),
  ]);
  const cookie = cookieOf(await maker.ask(client));
  assert.equal(cookie.length, 24);
  for (let i = 0; i < 5; i += 1) assert.equal((await verifier.ask(cookie)).rcode, 'NOERROR');
  await stranger.ask(cookie);
  assert.equal((await stranger.ask(cookie)).rcode, 'BADCOOKIE');
});

test('both workers of a process accept the cookie that one of them made by a secret of chance', async (t) => {
  const server = await start(t, { rateLimits: { perSecond: 1, windowMs: 15_000, slip: 1, exempt: [] } });
  const cookie = cookieOf(await server.ask(Buffer.alloc(8, 2)));
  for (let i = 0; i < 20; i += 1) assert.equal((await server.ask(cookie)).rcode, 'NOERROR', `query ${i}`);
});

describe('a flood from many ports', () => {
  for (const udp of UDP_LAYERS) {
    test(`spread over the workers it gets no more than the limit, and is counted, UDP by ${udp}`, async (t) => {
      const limit = 20;
      const rateLimits = { perSecond: limit, windowMs: 15_000, slip: 2, exempt: [] };
      const server = await start(t, { rateLimits }, udp);
      const query = encodeQuery({ name: 'www.example.net', type: 'A' });
      const sockets = Array.from({ length: 16 }, () => createSocket('udp4'));
      t.after(() => sockets.forEach((socket) => socket.close()));
      let whole = 0;
      const begunMs = performance.now();
      for (const socket of sockets) {
        socket.on('message', (response) => (whole += response.readUInt16BE(6) > 0 ? 1 : 0));
        socket.bind(0, '127.0.0.1');
        await once(socket, 'listening');
      }
      for (let i = 0; i < 400; i += 1) sockets[i % 16]!.send(query, server.port, '127.0.0.1');
      await eventually(() => server.counts().requests(0, 0, 0) === 400);
      const counts = server.counts();
      const withheld = counts.dropped('rate_limited') + counts.slipped;
      const seconds = (performance.now() - begunMs) / 1_000;
      assert.ok(400 - withheld <= limit * (1 + seconds), `${400 - withheld} were sent whole`);
      assert.ok(counts.slipped > 100 && counts.slipped < 300, `${counts.slipped} slipped`);
      await eventually(() => whole === 400 - withheld);
    });
  }
});

test('dig shows cookie, NSID and keepalive as it asks for them, and what the server tells in class CH', async (t) => {
  const dig = await findDebianTool('dig', 'bind9-dnsutils');
  if (dig === undefined) return t.skip('dig is not here: install bind9-dnsutils');
  const { port } = await start(t, {
    cookieSecrets: [SECRET],
    nsid: Buffer.from('node-1'),
    server: { id: Buffer.from('fra-1'), version: undefined },
  });
  const query = async (...args: string[]) =>
    (await promisify(execFile)(dig, ['@127.0.0.1', '-p', String(port), ...args])).stdout;
  const run = (...args: string[]) => query('www.example.net', 'A', ...args);
  const overUdp = await run('+cookie=0123456789abcdef', '+nsid', '+keepalive');
  assert.match(overUdp, /COOKIE: 0123456789abcdef01000000[0-9a-f]{24} \(good\)/);
  assert.match(overUdp, /NSID: .*\("node-1"\)/);
  assert.doesNotMatch(overUdp, /KEEPALIVE/);
  const overTcp = await run('+tcp', '+cookie', '+keepalive', '+padding=128');
  assert.match(overTcp, /TCP.KEEPALIVE: 10\.0 secs/);
  assert.match(overTcp, /\(good\)/);
  assert.doesNotMatch(overTcp, /PAD/);
  const probe = await run('+header-only', '+cookie');
  assert.match(probe, /status: NOERROR/);
  assert.match(probe, /\(good\)/);
  assert.match(await query('CH', 'TXT', 'id.server', '+short'), /^"fra-1"$/m);
  assert.match(await query('CH', 'TXT', 'version.bind'), /status: REFUSED/);
});
