/** The process that its users run, over TCP and TLS: kdig asks it, and slow, greedy and broken clients try it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { promisify } from 'node:util';

import { ask } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { findDebianTool } from '@signpost/testkit/find-debian-tool';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';
import { makeTestCertificates } from '@signpost/testkit/test-certificates';
import { scaled } from '@signpost/testkit/test-scale';
import { UDP_LAYERS } from '@signpost/testkit/udp-layers';

import { framed } from './testing/stream-listener.ts';

const ZONE = `$ORIGIN example.net.
@ 300 SOA ns hostmaster 1 3600 600 86400 60
@ 300 NS ns
ns 300 A 192.0.2.53
www 300 A 192.0.2.1
`;

interface Files {
  readonly directory: string;
  readonly cert: string;
  readonly key: string;
  readonly env: Record<string, string>;
}

async function prepare(t: TestContext): Promise<Files> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-transports-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const path = (name: string) => join(directory, name);
  const made = makeTestCertificates();
  await writeFile(path('zone'), ZONE);
  await writeFile(path('ca.pem'), made.ca);
  await writeFile(path('cert.pem'), made.cert);
  await writeFile(path('key.pem'), made.key);
  const env = {
    PATH: process.env['PATH'] ?? '',
    SIGNPOST_DNS_LISTEN: '127.0.0.1:0',
    SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0',
    SIGNPOST_LAMEDUCK: '0s',
    SIGNPOST_ZONE: `example.net=${path('zone')}`,
    SIGNPOST_TLS_LISTEN: '127.0.0.1:0',
    SIGNPOST_TLS_CERT: path('cert.pem'),
    SIGNPOST_TLS_KEY: path('key.pem'),
  };
  return { directory, cert: path('cert.pem'), key: path('key.pem'), env };
}

const run = (env: Record<string, string>) =>
  startGuardedProcess(process.execPath, [join(import.meta.dirname, 'main.ts')], { env });

async function start(t: TestContext, workers: number, env: Record<string, string> = {}) {
  const files = await prepare(t);
  const started = await run({ ...files.env, SIGNPOST_WORKERS: String(workers), ...env });
  t.after(() => started.stop());
  const [, admin] = await started.waitForLine(/"admin":"(127\.0\.0\.1:\d+)"/);
  const [, dns, tls] = await started.waitForLine(
    /"listens":\["127\.0\.0\.1:(\d+)"\],"tls":\["127\.0\.0\.1:(\d+)"/,
  );
  const port = Number(dns);
  const sockets: Socket[] = [];
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  return {
    ...files,
    process: started,
    port,
    tls: Number(tls),
    metrics: async () => (await fetch(`http://${admin}/metrics`)).text(),
    www: async (tcp: boolean, from = '127.0.0.1') =>
      (await ask({ name: 'www.example.net', type: 'A', server: '127.0.0.1', port, tcp, from })).answers
        .length,
    dial: async (toPort: number, from: string) => {
      const socket = connect({ host: '127.0.0.1', port: toPort, localAddress: from });
      sockets.push(socket);
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    },
  };
}

test('kdig asks over TLS, looking at the certificate or not, and its query is padded as the response is', async (t) => {
  const kdig = await findDebianTool('kdig', 'knot-dnsutils');
  if (kdig === undefined) return t.skip('kdig is not here: install knot-dnsutils');
  const { directory, tls } = await start(t, 2);
  const show = async (...args: string[]) =>
    (await promisify(execFile)(kdig, ['@127.0.0.1', '-p', String(tls), 'www.example.net', 'A', ...args]))
      .stdout;
  for (const args of [
    ['+tls'],
    [`+tls-ca=${join(directory, 'ca.pem')}`, '+tls-hostname=localhost'],
    ['+tls', '+keepopen', 'ns.example.net', 'A', '+tls'],
  ]) {
    const output = await show(...args);
    assert.match(output, /TLS session \(TLS1\.3\)/, output);
    assert.match(output, /IN\s+A\s+192\.0\.2\.1\n/);
    assert.match(output, /;; Received 468 B/);
    assert.match(output, /PADDING/);
  }
});

test('a certificate that is no good ends the start with 2, and the file is named', async (t) => {
  const { env, key, cert } = await prepare(t);
  await writeFile(key, makeTestCertificates().key);
  const started = await run(env);
  t.after(() => started.stop());
  assert.equal(await started.waitForEnd(), 2);
  const text = started.lines.join('\n');
  assert.ok(text.includes(`SIGNPOST_TLS_KEY="${key}": it is not the key of ${cert}`), text);
});

for (const udp of UDP_LAYERS) {
  test(`hundreds of clients that stall after an octet keep nobody from being served, UDP by ${udp}`, async (t) => {
    const { port, tls, dial, www, metrics } = await start(t, 1, { SIGNPOST_UDP: udp });
    const stall = async (count: number, toPort: number, from: (i: number) => string) => {
      for (let i = 0; i < count; i += 1)
        (await dial(toPort, from(i))).write(Buffer.of(i % 2 === 0 ? 0 : 0x16));
    };
    await stall(250, port, () => '127.0.0.1');
    assert.equal(await www(true), 1);
    await stall(900, port, (i) => `127.0.${1 + (i % 2)}.${1 + (i % 250)}`);
    await stall(250, tls, (i) => `127.0.3.${1 + i}`);
    for (const from of ['127.0.0.1', '127.0.1.1', '127.0.9.9']) {
      assert.deepEqual([await www(true, from), await www(false, from)], [1, 1]);
    }
    const count = async (pattern: RegExp) => Number(pattern.exec(await metrics())?.[1]);
    // 250 less 200 of one source, and what is beyond 1,000 of all.
    await eventually(async () => (await count(/reason="tcp_evicted"\} (\d+)/)) >= 50 + 350);
    assert.ok((await count(/^signpost_tcp_connections (\d+)/m)) <= 1_000);
  });
}

for (const udp of UDP_LAYERS) {
  test(`who pipelines without end keeps neither TCP nor UDP from being served, UDP by ${udp}`, async (t) => {
    const { port, dial, www } = await start(t, 1, { SIGNPOST_UDP: udp });
    const queries = scaled({ slice: 200_000, full: 1_000_000 });
    const hog = await dial(port, '127.0.0.1');
    const whole = queries * (framed.length + 16);
    let octets = 0;
    hog.on('data', (data: Buffer) => (octets += data.length));
    hog.write(Buffer.concat(Array.from({ length: queries }, () => framed)));
    await eventually(() => octets > 0);
    for (let i = 0; i < 10; i += 1) assert.deepEqual([await www(true), await www(false)], [1, 1]);
    assert.ok(octets < whole, 'others were served in the meantime');
    await eventually(() => octets === whole, Boolean, { deadlineMs: 60_000 });
  });
}
