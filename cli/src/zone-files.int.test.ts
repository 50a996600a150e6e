/**
 * A zone file of the configuration, all the way to DNS answers: in one process by `start --config`, and in a cluster by
 * `apply`, where nobody but the one who applies has the file.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { ask } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { startNats } from '@signpost/testkit/start-nats';
import { startSignpost } from '@signpost/testkit/start-process';
import { startRedis } from '@signpost/testkit/start-redis';

const YAML = `apiVersion: signpost/v1
targets: { a: { a: 192.0.2.1 } }
pools: { p: { members: [{ target: a }] } }
policies: { all: { rules: [{ try: [p] }] } }
zones:
  example.net:
    file: net.zone
    records:
      www: { steer: all }
      tls: { type: TLSA, value: 3 1 1 abcd }
`;
const zone = (octet: number) => `$TTL 60
@ SOA ns1 dns 7 1h 10m 14d 30
  NS ns1
ns1 A 192.0.2.53
host A 192.0.2.${octet}
odd TYPE65280 \\# 3 010203
sub NS ns.elsewhere.example.
old DNAME new.example.net.
www.new A 192.0.2.77
`;

const WITHIN = { deadlineMs: 30_000, pauseMs: 50 };
const LOCAL = {
  SIGNPOST_API_LISTEN: '127.0.0.1:0',
  SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0',
  SIGNPOST_DNS_LISTEN: '127.0.0.1:0',
  SIGNPOST_LAMEDUCK: '0s',
};

async function written(
  open: AsyncDisposableStack,
): Promise<{ file: string; rewrite: (text: string) => Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'signpost-zone-files-'));
  open.defer(() => rm(directory, { recursive: true }));
  const file = join(directory, 'signpost.yaml');
  await writeFile(file, YAML);
  const rewrite = async (text: string) => {
    await writeFile(join(directory, 'new'), text);
    await rename(join(directory, 'new'), join(directory, 'net.zone'));
  };
  await rewrite(zone(7));
  return { file, rewrite };
}

/** Response code and data of the answers of a type, as dns-packet has them. */
function asking(port: number) {
  return async (name: string, type: string): Promise<string> => {
    const { rcode, answers } = await ask({ server: '127.0.0.1', port, name: `${name}.example.net`, type });
    const data = answers.map((record) => (record as { data?: unknown }).data);
    return [rcode, ...data.map((each) => (Buffer.isBuffer(each) ? each.toString('hex') : String(each)))].join(
      ' ',
    );
  };
}

async function servesTheZone(query: ReturnType<typeof asking>): Promise<void> {
  await eventually(
    () => query('host', 'A'),
    (answer) => answer === 'NOERROR 192.0.2.7',
    WITHIN,
  );
  assert.equal(await query('www', 'A'), 'NOERROR 192.0.2.1');
  assert.equal(await query('odd', 'TYPE65280'), 'NOERROR 010203');
  assert.match(await query('tls', 'TLSA'), /^NOERROR .+/);
  assert.equal(await query('a.sub', 'A'), 'NOERROR', 'a referral');
  assert.match(await query('www.old', 'A'), /^NOERROR .*www\.new\.example\.net 192\.0\.2\.77$/);
  assert.equal(await query('gone', 'A'), 'NXDOMAIN');
}

test('in one process a zone file is served beside what is steered, and its changes are followed', async () => {
  await using open = new AsyncDisposableStack();
  const { file, rewrite } = await written(open);
  const signpost = open.use(await startSignpost(['start', '--config', file], LOCAL));
  const [, port] = await signpost.waitForLine(/DNS +127\.0\.0\.1:(\d+)/, 30_000);
  const query = asking(Number(port));
  await servesTheZone(query);

  await rewrite(`${zone(8)}fresh TXT "new"\n`);
  await eventually(
    () => query('host', 'A'),
    (answer) => answer === 'NOERROR 192.0.2.8',
    WITHIN,
  );
  assert.equal(await query('fresh', 'TXT'), `NOERROR new`);

  await rewrite(`${zone(9)}www A 192.0.2.9\n`);
  await signpost.waitForLine(/the zone file has A records at this name already \(.*net\.zone:10\)/);
  assert.equal(await query('host', 'A'), 'NOERROR 192.0.2.8', 'a refused one changes nothing');
  assert.equal(await query('www', 'A'), 'NOERROR 192.0.2.1');

  await rewrite(zone(10));
  await eventually(
    () => query('host', 'A'),
    (answer) => answer === 'NOERROR 192.0.2.10',
    WITHIN,
  );
  assert.equal(await query('fresh', 'TXT'), 'NXDOMAIN');
  assert.equal(await signpost.stop(), 0);
});

test('in a cluster the zone goes where its file is not, and comes back as a zone file', async () => {
  await using open = new AsyncDisposableStack();
  const { file } = await written(open);
  const nats = open.use(await startNats({ jetstream: true }));
  const redis = open.use(await startRedis());
  const servers = { SIGNPOST_NATS_URL: nats.url, SIGNPOST_REDIS_URL: redis.url };
  const controller = open.use(await startSignpost(['controller'], { ...LOCAL, ...servers }));
  const [, api] = await controller.waitForLine(/"api":"([^"]+)"/, 30_000);
  const command = async (...args: string[]) => {
    await using run = await startSignpost([...args, '--api', `http://${api}`]);
    const code = await run.waitForEnd();
    return { code, stdout: run.stdout.join('\n'), stderr: run.stderr.join('\n') };
  };
  const applied = await eventually(
    () => command('apply', file),
    ({ code }) => code === 0,
    WITHIN,
  );
  assert.match(applied.stdout, /applied as revision \d+: adds 1 zone, /);
  assert.match((await command('apply', file)).stdout, /is what runs already/);

  const authority = open.use(await startSignpost(['authority'], { ...LOCAL, ...servers }));
  const [, port] = await authority.waitForLine(/"listens":\["127\.0\.0\.1:(\d+)"\]/, 30_000);
  await servesTheZone(asking(Number(port)));

  const zones = [1, 2, 3].map((n) => `  z${n}.example: { file: big.zone }\n`).join('');
  await writeFile(join(dirname(file), 'big.yaml'), `apiVersion: signpost/v1\nzones:\n${zones}`);
  await writeFile(join(dirname(file), 'big.zone'), `${zone(1)}$GENERATE 1-25000 h$ A 192.0.2.1\n`);
  const large = await command('apply', join(dirname(file), 'big.yaml'));
  assert.equal(large.code, 1);
  assert.match(large.stderr, /big\.yaml has 2\d{6} octets with its zone files, .*\(SIGNPOST_CONFIG\)$/);

  const { code, stdout } = await command('export', 'bind', 'example.net');
  assert.equal(code, 0);
  assert.match(stdout, /^odd\t60\tIN\tTYPE65280\t\\# 3 010203$/m);
  assert.match(stdout, /^www\t30\tIN\tA\t192\.0\.2\.1 ; steered by policy all: pool p$/m);
  assert.match((await command('export', 'bind', 'example.org')).stderr, /there is no zone example\.org/);
});
