/** The authority over real sockets: workers, transports, following a store that comes and goes, stopping. */
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import { decodeEvent } from '@signpost/contracts/cloud-event';
import { type AuthorityHeartbeat, authorityBeat } from '@signpost/contracts/heartbeats';
import type { RecordReader } from '@signpost/contracts/record-store';
import { patterns } from '@signpost/contracts/subjects';
import { systemClock } from '@signpost/lifecycle/clock';
import { createMemoryMessaging } from '@signpost/memory/messaging';
import { createMemoryRecordStore } from '@signpost/memory/record-store';
import { startTelemetry } from '@signpost/telemetry/telemetry';
import { encodeQuery, decodeAnswer } from '@signpost/testkit/dns-client';
import { exchangeTcp } from '@signpost/testkit/dns-exchange';
import { eventually } from '@signpost/testkit/eventually';
import { makeTestCertificates } from '@signpost/testkit/test-certificates';
import type { UdpSetting } from '@signpost/udp/udp-layer';
import { TEST_UDP, UDP_LAYERS } from '@signpost/testkit/udp-layers';
import { writeMmdb } from '@signpost/testkit/write-mmdb';

import { readCertificate } from './certificate/read-certificate.ts';
import type { DnsEndpoint } from './listen/endpoint.ts';
import { runAuthority } from './run-authority.ts';
import { publish } from './testing/memory-sink.ts';
import { APEX, LOOPBACK, startAuthority, www } from './testing/running-authority.ts';
import { group, shown, steeredSet, zoneOf } from './testing/sample-zone.ts';
import { DEFAULT_ANSWER_SETTINGS } from './worker/answer-settings.ts';

const LOOPBACK_6: DnsEndpoint = { kind: 'port', host: '::1', family: 6, port: 0 };
const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);

const start = startOver(TEST_UDP);

function startOver(udp: UdpSetting): typeof startAuthority {
  return (t, settings, given) => startAuthority(t, { udp, ...settings }, given);
}

for (const udp of UDP_LAYERS) {
  describe(`sockets, UDP by ${udp}`, () => {
    const start = startOver(udp);
    test('UDP and TCP answer on one port, and TC leads from one to the other', async (t) => {
      const { ask } = await start(t);
      const name = `many.${APEX}`;
      const udp = await ask({ name, type: 'A', edns: true });
      assert.deepEqual([udp.flags.tc, udp.flags.aa, udp.answers], [true, true, []]);
      const tcp = await ask({ name, type: 'A', edns: true, tcp: true });
      assert.deepEqual([tcp.flags.tc, tcp.answers.length], [false, 200]);
    });

    test('several addresses answer, each from itself', async (t) => {
      const second: DnsEndpoint = { ...LOOPBACK, host: '127.0.0.2' };
      const endpoints = [LOOPBACK, second, ...(hasIpv6 ? [LOOPBACK_6] : [])];
      const { ask, endpoints: opened } = await start(t, { endpoints });
      assert.equal(new Set(opened.map(({ port }) => port)).size, 1);
      for (let i = 0; i < endpoints.length; i += 1) {
        // The client's socket is connected, so a response from elsewhere would not reach it.
        assert.equal((await ask({ name: `www.${APEX}`, type: 'A' }, i)).answers.length, 1);
        assert.equal((await ask({ name: `www.${APEX}`, type: 'A', tcp: true }, i)).answers.length, 1);
      }
    });

    test('two workers share the port, and both answer', async (t) => {
      const { ask, metrics } = await start(t, { workers: 2 });
      const questions = Array.from({ length: 100 }, () => ask({ name: `www.${APEX}`, type: 'A' }));
      for (const answer of await Promise.all(questions)) assert.equal(answer.answers.length, 1);
      const text = await metrics();
      assert.match(text, /signpost_dns_requests_total\{proto="udp",family="1",type="A"\} 100\n/);
      assert.match(text, /signpost_dns_responses_total\{rcode="NOERROR"\} 100\n/);
      assert.match(text, /signpost_dns_response_size_bytes_count\{proto="udp"\} 100\n/);
      assert.match(text, /signpost_ready\{service="authority"\} 1\n/);
      assert.match(text, new RegExp(`signpost_udp_layer\\{layer="${udp}"\\} 1\n`));
      assert.match(text, /signpost_snapshot_zones 1\n/);
    });

    test('a port that is taken is an error that says what to do', async (t) => {
      const { createServer } = await import('node:net');
      const taker = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => taker.once('listening', resolve));
      t.after(() => taker.close());
      const { port } = taker.address() as { port: number };
      await assert.rejects(start(t, { endpoints: [{ ...LOOPBACK, port }] }), (error: Error) => {
        assert.match(error.message, new RegExp(`127.0.0.1:${port} over TCP.*another program holds the port`));
        return true;
      });
    });

    test('a port for TLS that is taken is told by its own variable', async (t) => {
      const { createServer } = await import('node:net');
      const taker = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => taker.once('listening', resolve));
      t.after(() => taker.close());
      const { port } = taker.address() as { port: number };
      const made = makeTestCertificates();
      const files = { cert: 'cert.pem', key: 'key.pem' };
      const certificate = readCertificate(files, (path) => (path === files.key ? made.key : made.cert));
      assert.ok(certificate.kind === 'certificate');
      const tls = { endpoints: [{ ...LOOPBACK, port }], files, certificate };
      await assert.rejects(
        start(t, { tls }),
        /over TLS \(SIGNPOST_TLS_LISTEN\): another program holds the port/,
      );
    });

    test('an address that is not ours likewise', async (t) => {
      await assert.rejects(
        start(t, { endpoints: [{ ...LOOPBACK, host: '192.0.2.1', port: 5300 }] }),
        /this host has no such address/,
      );
    });
  });
}

describe('TCP (RFC 7766)', () => {
  const query = (id: number) => encodeQuery({ id, name: `www.${APEX}`, type: 'A' });

  test('pipelined queries are all answered in order', async (t) => {
    const { endpoints } = await start(t);
    const { host: server, port } = endpoints[0]!;
    const ids = Array.from({ length: 300 }, (_, i) => i + 1);
    const answers = await exchangeTcp(ids.map(query), { server, port });
    assert.deepEqual(
      answers.map((bytes) => decodeAnswer(bytes).id),
      ids,
    );
  });

  test('a query split over many segments is answered, and the connection serves on', async (t) => {
    const { endpoints } = await start(t);
    const socket = connect({ host: endpoints[0]!.host, port: endpoints[0]!.port, noDelay: true });
    t.after(() => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on('data', (data) => (received = Buffer.concat([received, data])));
    const length = 2 + 12 + 21 + 16; // frame, header, question, one A record
    for (const id of [1, 2]) {
      const message = query(id);
      const framed = Buffer.concat([Buffer.of(0, message.length), message]);
      for (const octet of framed) await new Promise((resolve) => socket.write(Buffer.of(octet), resolve));
      await eventually(() => received.length >= id * length);
    }
    assert.equal(received.length, 2 * length);
    assert.equal(decodeAnswer(received.subarray(2, length)).id, 1);
    assert.equal(decodeAnswer(received.subarray(length + 2)).id, 2);
  });

  test('a client that closes its half still gets its answers, and then the end', async (t) => {
    const { endpoints } = await start(t);
    const socket = connect({ host: endpoints[0]!.host, port: endpoints[0]!.port, allowHalfOpen: true });
    t.after(() => socket.destroy());
    const message = query(9);
    socket.end(Buffer.concat([Buffer.of(0, message.length), message]));
    const chunks = await socket.toArray();
    assert.equal(decodeAnswer(Buffer.concat(chunks).subarray(2)).id, 9);
  });

  test('many slow senders keep nobody from being served', async (t) => {
    const { endpoints, ask } = await start(t);
    const { host, port } = endpoints[0]!;
    const slow = await Promise.all(
      Array.from({ length: 600 }, async () => {
        const socket = connect({ host, port });
        socket.on('error', () => {});
        await new Promise((resolve) => socket.once('connect', resolve));
        socket.write(Buffer.of(0));
        return socket;
      }),
    );
    t.after(() => slow.forEach((socket) => socket.destroy()));
    const answer = await ask({ name: `www.${APEX}`, type: 'A', tcp: true });
    assert.equal(answer.answers.length, 1);
    // The oldest of one source have made room.
    await eventually(() => slow.filter((socket) => socket.closed).length > 100);
  });

  test('a client that does not read is held back, and others are served meanwhile', async (t) => {
    const { endpoints, ask } = await start(t, { workers: 1 });
    const socket = connect({ host: endpoints[0]!.host, port: endpoints[0]!.port });
    socket.on('error', () => {});
    t.after(() => socket.destroy());
    socket.pause();
    const message = encodeQuery({ name: `many.${APEX}`, type: 'A' });
    const framed = Buffer.concat([Buffer.of(0, message.length), message]);
    const count = 2_000;
    socket.write(Buffer.concat(Array.from({ length: count }, () => framed)));
    const answer = await ask({ name: `www.${APEX}`, type: 'A', tcp: true });
    assert.equal(answer.answers.length, 1);
    assert.equal((await ask({ name: `www.${APEX}`, type: 'A' })).answers.length, 1);
    // Once it reads, it gets all that it asked for.
    let received = 0;
    socket.on('data', (data) => (received += data.length)).resume();
    const { bytes } = await ask({ name: `many.${APEX}`, type: 'A', tcp: true });
    await eventually(
      () => received,
      (octets) => octets === count * (bytes.length + 2),
    );
  });
});

for (const udp of UDP_LAYERS) {
  describe(`following, UDP by ${udp}`, () => {
    const start = startOver(udp);
    test('a publication is in the next answers of every worker', async (t) => {
      const { store, www: answer } = await start(t);
      assert.match(await answer(), /192\.0\.2\.1$/);
      await publish(store.writer, [www(2)]);
      await eventually(answer, (line) => line.endsWith('192.0.2.2'));
      await publish(store.writer, [www(3)]);
      await eventually(answer, (line) => line.endsWith('192.0.2.3'));
    });

    test('not ready, and no socket open, before the first whole snapshot', async (t) => {
      const store = createMemoryRecordStore();
      const running = start(t, {}, store);
      await publish(store.writer, [www(4)]);
      const { readiness, www: answer } = await running;
      assert.deepEqual(readiness(), { ready: true, reasons: [] });
      assert.match(await answer(), /192\.0\.2\.4$/);
    });

    test('without the store, and with a wiped one, it answers on and stays ready', async (t) => {
      const { store, readiness, www: answer } = await start(t);
      store.setReachable(false);
      assert.match(await answer(), /192\.0\.2\.1$/);
      store.wipe();
      store.setReachable(true);
      assert.match(await answer(), /192\.0\.2\.1$/);
      assert.equal(readiness().ready, true);
      await publish(store.writer, [www(5)]);
      await eventually(answer, (line) => line.endsWith('192.0.2.5'));
    });

    test('heartbeats say what is served', async (t) => {
      const messaging = createMemoryMessaging();
      const beats: AuthorityHeartbeat[] = [];
      messaging.core.subscribe(patterns.authorityHeartbeats, ({ data }) => {
        const beat = decodeEvent(authorityBeat, data);
        if (beat.ok) beats.push(beat.value.data);
      });
      const { endpoints, store } = await start(t, { messaging });
      const generation = await store.writer.generation();
      const beat = await eventually(() => beats.find(({ ready }) => ready));
      assert.deepEqual([beat!.node, beat!.generation, beat!.storeConnected], ['test', generation, true]);
      assert.deepEqual(beat!.listens, [`127.0.0.1:${endpoints[0]!.port}`]);
    });

    test('heartbeats say when a target that left was last given, by any worker', async (t) => {
      const messaging = createMemoryMessaging();
      const beats: AuthorityHeartbeat[] = [];
      messaging.core.subscribe(patterns.authorityHeartbeats, ({ data }) => {
        const beat = decodeEvent(authorityBeat, data);
        if (beat.ok) beats.push(beat.value.data);
      });
      const steered = (rdatas: readonly string[]) =>
        zoneOf(APEX, 'www A 192.0.2.1', { [`go.${APEX}|A`]: steeredSet([group('A', rdatas)]) });
      const store = createMemoryRecordStore();
      await publish(store.writer, [steered(['192.0.2.1'])]);
      const { ask } = await start(t, { messaging }, store);
      const beforeMs = Date.now();
      // From many ports, so that each worker gets some.
      for (let i = 0; i < 20; i += 1) await ask({ name: `go.${APEX}`, type: 'A' });
      const afterMs = Date.now();
      assert.ok(
        beats.every(({ lastAnswers }) => lastAnswers.length === 0),
        'it is among the answers',
      );
      const generation = await publish(store.writer, [steered([])]);
      const beat = await eventually(() => beats.find((each) => each.generation === generation));
      const [last, ...more] = beat!.lastAnswers;
      assert.deepEqual([last!.target, more, beat!.lastAnswersCut], ['target-0', [], false]);
      assert.ok(last!.atMs >= beforeMs && last!.atMs <= afterMs + 1);
      await publish(store.writer, [steered(['192.0.2.1'])]);
      await eventually(() => beats.at(-1)!.generation > generation && beats.at(-1)!.lastAnswers.length === 0);
    });
  });
}

describe('places', () => {
  const record = (country: string) => ({ country: { iso_code: country } });

  async function geoFile(t: TestContext): Promise<(country: string) => Promise<string>> {
    const directory = await mkdtemp(join(tmpdir(), 'signpost-geo-'));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const path = join(directory, 'geo.mmdb');
    return async (country) => {
      const networks = [
        { prefix: '81.0.0.0/12', record: record(country) },
        { prefix: '2001:db8::/35', record: record(country) },
      ];
      await writeFile(`${path}.new`, writeMmdb(networks, { ipVersion: 6 }));
      await rename(`${path}.new`, path);
      return path;
    };
  }

  const zone = zoneOf(APEX, 'www A 192.0.2.1', {
    [`go.${APEX}|A`]: steeredSet([group('A', ['192.0.2.10']), group('A', ['198.51.100.10'])], {
      rules: [{ when: [{ geos: ['EU'] }], branch: 0 }, { branch: 1 }],
    }),
  });

  test('the scope is what the database took to decide, whatever the source; a new file is taken up', async (t) => {
    const write = await geoFile(t);
    const geoDatabase = await write('GB');
    const store = createMemoryRecordStore();
    await publish(store.writer, [zone]);
    const { ask, metrics } = await start(t, { geoDatabase, geoPollMs: 20 }, store);
    const go = async (subnet: string) => {
      const { answers, edns } = await ask({ name: `go.${APEX}`, type: 'A', subnet });
      return [shown(answers)[0]!.split(' ').at(-1), edns!.clientSubnet!.scopePrefixLength];
    };
    assert.deepEqual(await go('81.2.69.0/24'), ['192.0.2.10', 12]);
    assert.deepEqual(await go('81.0.0.0/8'), ['192.0.2.10', 12]);
    assert.deepEqual(await go('2001:db8:1::/48'), ['192.0.2.10', 35]);
    assert.equal((await go('8.8.8.0/24'))[0], '198.51.100.10');
    assert.match(await metrics(), /signpost_geo_db_age_seconds \d/);
    await write('US');
    await eventually(
      () => go('81.2.69.0/24'),
      ([address]) => address === '198.51.100.10',
    );
  });

  test('views of vantages come and go with the record set, for the clients near them', async (t) => {
    const geoDatabase = await (await geoFile(t))('GB');
    const store = createMemoryRecordStore();
    const rules = [{ branch: 0 }];
    const pools = [group('A', ['198.51.100.10']), group('A', ['192.0.2.10'])];
    const publishGo = (views?: Parameters<typeof steeredSet>[1]) =>
      publish(store.writer, [
        zoneOf(APEX, 'www A 192.0.2.1', { [`go.${APEX}|A`]: steeredSet(pools, { rules, ...views }) }),
      ]);
    await publishGo();
    const { ask } = await start(t, { geoDatabase }, store);
    const go = async (subnet: string) => {
      const { answers, edns } = await ask({ name: `go.${APEX}`, type: 'A', subnet });
      return [shown(answers)[0]!.split(' ').at(-1), edns!.clientSubnet!.scopePrefixLength];
    };
    assert.deepEqual(await go('81.2.69.0/24'), ['198.51.100.10', 0]);
    await publishGo({ views: [{ vantage: 'eu', near: ['EU-GB'], rules: [{ branch: 1 }] }] });
    await eventually(
      () => go('81.2.69.0/24'),
      ([address]) => address === '192.0.2.10',
    );
    assert.deepEqual(await go('81.2.69.0/24'), ['192.0.2.10', 12]);
    assert.deepEqual(await go('2001:db8:1::/48'), ['192.0.2.10', 35]);
    const [elsewhere, scope] = await go('8.8.8.0/24');
    assert.equal(elsewhere, '198.51.100.10');
    assert.ok(Number(scope) > 0);
    await publishGo();
    await eventually(
      () => go('81.2.69.0/24'),
      ([address, bits]) => address === '198.51.100.10' && bits === 0,
    );
  });

  test('rules on autonomous systems match by a database of their own, and a missing one is told', async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'signpost-asn-'));
    t.after(() => rm(directory, { recursive: true, force: true }));
    const asnDatabase = join(directory, 'asn.mmdb');
    const write = async (asn: number) => {
      const networks = [{ prefix: '81.2.0.0/16', record: { autonomous_system_number: asn } }];
      await writeFile(`${asnDatabase}.new`, writeMmdb(networks, { ipVersion: 6 }));
      await rename(`${asnDatabase}.new`, asnDatabase);
    };
    await write(64_500);
    const store = createMemoryRecordStore();
    const rules = [{ when: [{ asns: [64_500] }], branch: 0 }, { branch: 1 }];
    const set = steeredSet([group('A', ['192.0.2.10']), group('A', ['198.51.100.10'])], { rules });
    await publish(store.writer, [zoneOf(APEX, 'www A 192.0.2.1', { [`go.${APEX}|A`]: set })]);
    const goAt =
      ({ ask }: Awaited<ReturnType<typeof start>>) =>
      async (subnet: string) => {
        const { answers, edns } = await ask({ name: `go.${APEX}`, type: 'A', subnet });
        return [shown(answers)[0]!.split(' ').at(-1), edns!.clientSubnet!.scopePrefixLength];
      };
    const authority = await start(t, { asnDatabase, geoPollMs: 20 }, store);
    const go = goAt(authority);
    assert.deepEqual(await go('81.2.69.0/24'), ['192.0.2.10', 16]);
    assert.deepEqual(await go('81.3.0.0/24'), ['198.51.100.10', 16]);
    const metrics = await authority.metrics();
    assert.match(metrics, /^signpost_asn_db_age_seconds \d/m);
    assert.match(metrics, /^signpost_asn_db_missed 0$/m);
    await write(64_501);
    await eventually(
      () => go('81.2.69.0/24'),
      ([address]) => address === '198.51.100.10',
    );

    const without = await start(t, {}, store);
    assert.deepEqual(await goAt(without)('81.2.69.0/24'), ['198.51.100.10', 0]);
    assert.match(await without.metrics(), /^signpost_asn_db_missed 1$/m);
    assert.doesNotMatch(await without.metrics(), /^signpost_asn_db_age_seconds/m);
  });

  test('a file that cannot be used at the start ends it', async (t) => {
    await assert.rejects(start(t, { geoDatabase: '/nonexistent.mmdb' }), /geo database \/nonexistent/);
  });
});

for (const udp of UDP_LAYERS) {
  describe(`stopping, UDP by ${udp}`, () => {
    const start = startOver(udp);
    test('not ready first, then answers for the lameduck time, then the port is closed', async (t) => {
      const { stop, readiness, www: answer, ended } = await start(t, { lameduckMs: 700 });
      stop();
      await eventually(() => readiness().reasons[0] === 'stopping');
      assert.match(await answer(), /192\.0\.2\.1$/);
      await ended;
      await assert.rejects(answer(), { code: 'ECONNREFUSED' });
    });

    for (const [when, question] of [
      ['before the first snapshot', undefined],
      ['while everything is read', 'readZones'],
      ['while the store is silent', 'generation'],
    ] as const) {
      test(`told to stop ${when}, it stops at once`, async (t) => {
        const reader = createMemoryRecordStore().reader();
        const asked = Promise.withResolvers<void>();
        if (question !== undefined) {
          reader.generation = async () => 1 as Generation;
          const silence = (): Promise<never> => {
            asked.resolve();
            return new Promise(() => {});
          };
          async function* silentZones() {
            yield await silence();
          }
          Object.assign(reader, { [question]: question === 'readZones' ? silentZones : silence });
        }
        await stopEarly(t, reader, question === undefined ? undefined : asked.promise);
      });
    }

    async function stopEarly(t: TestContext, reader: RecordReader, begun: Promise<void> | undefined) {
      const stop = new AbortController();
      const telemetry = await startTelemetry({ service: 'test', version: '0', env: { LOG_LEVEL: 'silent' } });
      t.after(() => telemetry[Symbol.asyncDispose]());
      const config = {
        node: 'test',
        endpoints: [LOOPBACK],
        tls: undefined,
        udp: TEST_UDP,
        proxyFrom: [],
        workers: 1,
        geoDatabase: undefined,
        asnDatabase: undefined,
        lameduckMs: 60_000,
        answering: DEFAULT_ANSWER_SETTINGS,
      };
      const ended = runAuthority({ config, reader, clock: systemClock, telemetry, signal: stop.signal });
      await begun;
      stop.abort();
      await ended;
    }
  });
}
