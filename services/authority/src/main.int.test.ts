/** The authority as the process its users run, over a real Redis that is killed and wiped, and under hostile packets. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';

import { defaultDatabasePath } from '@signpost/geo/default-database';
import { mutatedPackets } from '@signpost/dns/testing/mutated-packets';
import { openRecordWriter } from '@signpost/redis/record-writer';
import { ask, encodeQuery } from '@signpost/testkit/dns-client';
import { exchangeUdp } from '@signpost/testkit/dns-exchange';
import { eventually } from '@signpost/testkit/eventually';
import { type GuardedProcess, startGuardedProcess } from '@signpost/testkit/guarded-process';
import { type RedisServer, startRedis } from '@signpost/testkit/start-redis';
import { UDP_LAYERS } from '@signpost/testkit/udp-layers';

import { publish } from './testing/memory-sink.ts';
import { group, shown, steeredSet, zoneOf } from './testing/sample-zone.ts';

const APEX = 'example.net';
const www = (octet: number) =>
  zoneOf(APEX, `@ NS ns.${APEX}.\nwww A 192.0.2.${octet}\nalias CNAME www.${APEX}.`, {
    [`go.${APEX}|A`]: steeredSet([group('A', ['192.0.2.10']), group('A', ['198.51.100.10'])], {
      rules: [{ when: [{ geos: ['EU'] }], branch: 0 }, { branch: 1 }],
    }),
  });

/** The process and what it needs; all of it ends with the test. */
interface Node {
  readonly process: GuardedProcess;
  readonly redis: RedisServer;
  readonly port: number;
  readonly publish: (octet: number) => Promise<void>;
  readonly www: () => Promise<string>;
  readonly get: (path: string) => Promise<{ status: number; text: string }>;
}

async function run(t: TestContext, env: Record<string, string> = {}): Promise<GuardedProcess> {
  const file = join(import.meta.dirname, 'main.ts');
  const started = await startGuardedProcess(process.execPath, [file], {
    env: {
      PATH: process.env['PATH'],
      SIGNPOST_DNS_LISTEN: '127.0.0.1:0',
      SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0',
      SIGNPOST_WORKERS: '2',
      SIGNPOST_LAMEDUCK: '0s',
      ...env,
    },
  });
  t.after(() => started.stop());
  return started;
}

async function startNode(t: TestContext, env: Record<string, string> = {}): Promise<Node> {
  const redis = await startRedis();
  t.after(() => redis[Symbol.asyncDispose]());
  const write = async (octet: number) => {
    await using writer = openRecordWriter({ url: redis.url, name: 'test' });
    await publish(writer, [www(octet)]);
  };
  await write(1);
  const started = await run(t, { SIGNPOST_REDIS_URL: redis.url, ...env });
  const [, admin] = await started.waitForLine(/"admin":"(127\.0\.0\.1:\d+)"/);
  const [, port] = await started.waitForLine(/"listens":\["127\.0\.0\.1:(\d+)"/);
  return {
    process: started,
    redis,
    port: Number(port),
    publish: write,
    www: async () => {
      const { answers, rcode } = await ask({
        server: '127.0.0.1',
        port: Number(port),
        name: `www.${APEX}`,
        type: 'A',
      });
      return shown(answers)[0] ?? rcode;
    },
    get: async (path) => {
      const response = await fetch(`http://${admin}${path}`);
      return { status: response.status, text: await response.text() };
    },
  };
}

describe('over each UDP layer', () => {
  for (const udp of UDP_LAYERS) {
    test(`answers from Redis, on when it is killed or wiped, and catches up after, UDP by ${udp}`, async (t) => {
      const { process, redis, publish, www, get } = await startNode(t, { SIGNPOST_UDP: udp });
      await process.waitForLine(new RegExp(`"udp":"${udp}","msg":"answering"`));
      assert.match(await www(), /192\.0\.2\.1$/);
      assert.equal((await get('/readyz')).status, 200);
      await publish(2);
      await eventually(www, (line) => line.endsWith('192.0.2.2'));

      await redis.kill('SIGKILL');
      assert.match(await www(), /192\.0\.2\.2$/);
      await eventually(
        () => get('/metrics'),
        ({ text }) => text.includes('signpost_store_connected{service="authority"} 0'),
      );
      assert.equal((await get('/readyz')).status, 200);

      await redis.restart({ wipe: true });
      await eventually(
        () => get('/metrics'),
        ({ text }) => text.includes('signpost_store_connected{service="authority"} 1'),
      );
      assert.match(await www(), /192\.0\.2\.2$/);
      await publish(3);
      await eventually(www, (line) => line.endsWith('192.0.2.3'));
    });
  }
});

test('SIGHUP, as hooks that renew certificates send it, ends nothing', async (t) => {
  const { process, www } = await startNode(t);
  process.signal('SIGHUP');
  await process.waitForLine(/"msg":"SIGHUP/);
  assert.match(await www(), /192\.0\.2\.1$/);
});

describe('over each UDP layer', () => {
  for (const udp of UDP_LAYERS) {
    test(`told to stop, it is not ready, answers on for the lameduck time, and ends with 0, UDP by ${udp}`, async (t) => {
      const { process, www, get } = await startNode(t, { SIGNPOST_LAMEDUCK: '1s', SIGNPOST_UDP: udp });
      process.signal('SIGTERM');
      await eventually(
        () => get('/readyz'),
        ({ status, text }) => status === 503 && text.includes('stopping'),
      );
      assert.match(await www(), /192\.0\.2\.1$/);
      assert.equal(await process.waitForEnd(), 0);
    });
  }
});

test('not ready while Redis has never been reached, and NATS that is not there changes nothing', async (t) => {
  const started = await run(t, {
    SIGNPOST_REDIS_URL: 'redis://127.0.0.1:1',
    SIGNPOST_NATS_URL: 'nats://127.0.0.1:1',
  });
  const [, admin] = await started.waitForLine(/"admin":"(127\.0\.0\.1:\d+)"/);
  await started.waitForLine(/the store is not read/);
  assert.equal((await fetch(`http://${admin}/livez`)).status, 200);
  const ready = await fetch(`http://${admin}/readyz`);
  assert.deepEqual([ready.status, await ready.text()], [503, 'the first whole snapshot is not here yet\n']);
  assert.equal(await started.stop(), 0);
});

describe('mistakes end with 2 and a line each', () => {
  test('in the environment', async (t) => {
    const started = await run(t, { SIGNPOST_WORKERS: 'many', SIGNPOST_DNS_LISTEN: 'everywhere' });
    assert.equal(await started.waitForEnd(), 2);
    assert.equal(started.stderr.filter((line) => line.startsWith('configuration: SIGNPOST_')).length, 2);
  });

  test('in the geo database', async (t) => {
    const started = await run(t, { SIGNPOST_GEO_DB: '/nonexistent.mmdb' });
    assert.equal(await started.waitForEnd(), 2);
    assert.match(started.stderr.join('\n'), /configuration: SIGNPOST_GEO_DB="\/nonexistent\.mmdb"/);
  });

  test('in the database of autonomous systems, such as one of countries', async (t) => {
    const started = await run(t, { SIGNPOST_ASN_DB: defaultDatabasePath() });
    assert.equal(await started.waitForEnd(), 2);
    assert.match(
      started.stderr.join('\n'),
      /configuration: SIGNPOST_ASN_DB=".*says nothing of autonomous systems/,
    );
  });
});

describe('over each UDP layer', () => {
  for (const udp of UDP_LAYERS) {
    test(`100,000 random and mutated packets: the process lives and the control query is answered, UDP by ${udp}`, async (t) => {
      const { process, port, get } = await startNode(t, { SIGNPOST_UDP: udp });
      const control = encodeQuery({ id: 0xabcd, name: `www.${APEX}`, type: 'A' });
      const socket = createSocket('udp4');
      t.after(() => socket.close());
      let answers = 0;
      socket.on('message', () => (answers += 1));
      socket.connect(port, '127.0.0.1');
      await once(socket, 'connect');
      let sent = 0;
      for (const packet of mutatedPackets(100_000, 100_000)) {
        socket.send(packet);
        sent += 1;
        if (sent % 200 !== 0) continue;
        await wait(5); // at most 40,000 a second
        if (sent % 10_000 !== 0) continue;
        const answer = await exchangeUdp(control, { server: '127.0.0.1', port });
        assert.equal(answer.readUInt16BE(6), 1, 'the control query has its answer');
      }
      assert.equal(process.isRunning, true);
      assert.ok(answers > sent / 4, `${answers} of ${sent} were answered`);
      const { text } = await get('/metrics');
      assert.match(text, /signpost_dns_dropped_total\{reason="internal_error"\} 0\n/);
    });
  }
});

describe('as dig sees it', { skip: spawnSync('dig', ['-v']).error !== undefined && 'no dig here' }, () => {
  const dig = (port: number, ...question: string[]): string => {
    const args = ['@127.0.0.1', '-p', String(port), '+time=2', '+tries=1', '+norecurse', ...question];
    return spawnSync('dig', args, { encoding: 'utf8' }).stdout;
  };

  test('flags, sections, subnet and transports are as they should be', async (t) => {
    const { port } = await startNode(t);
    const plain = dig(port, `alias.${APEX}`, 'A');
    assert.match(plain, /status: NOERROR/);
    assert.match(plain, /flags: qr aa; QUERY: 1, ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 1/);
    assert.match(
      dig(port, `alias.${APEX}`, 'A', '+tcp'),
      /www\.example\.net\.\s+300\s+IN\s+A\s+192\.0\.2\.1/,
    );
    const eu = dig(port, `go.${APEX}`, 'A', '+subnet=81.2.69.0/24');
    assert.match(eu, /192\.0\.2\.10/);
    assert.match(eu, /CLIENT-SUBNET: 81\.2\.69\.0\/24\/\d+/);
    assert.match(dig(port, `go.${APEX}`, 'A', '+subnet=8.8.8.0/24'), /198\.51\.100\.10/);
    const nothing = dig(port, `no.${APEX}`, 'A');
    assert.match(nothing, /status: NXDOMAIN/);
    assert.match(nothing, /AUTHORITY SECTION:\s+example\.net\.\s+60\s+IN\s+SOA/);
    assert.doesNotMatch(plain + eu + nothing, /WARNING|malformed|MALFORMED/);
  });
});
