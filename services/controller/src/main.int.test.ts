/** The controller as a process of its own, before a real nats-server and a real redis-server that come and go. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';

import { decodeEvent } from '@signpost/contracts/cloud-event';
import { MANIFEST_KEY } from '@signpost/contracts/configuration';
import { statusSchema } from '@signpost/contracts/status';
import { buckets, patterns } from '@signpost/contracts/subjects';
import { VANTAGE_KEYS } from '@signpost/contracts/vantage-standing';
import { healthChanged, type HealthChanged } from '@signpost/contracts/verdict';
import { connectMessaging } from '@signpost/nats/messaging';
import { openRecordWriter } from '@signpost/redis/record-writer';
import { eventually } from '@signpost/testkit/eventually';
import { startGuardedProcess } from '@signpost/testkit/guarded-process';
import { startNats } from '@signpost/testkit/start-nats';
import { startRedis } from '@signpost/testkit/start-redis';

import { EXAMPLE_YAML } from './testing/example-configuration.ts';
import { ReportingProber } from './testing/reporting-prober.ts';

const WITHIN = { deadlineMs: 20_000, pauseMs: 50 };

function startMain(env: Record<string, string>) {
  return startGuardedProcess(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: {
      PATH: process.env['PATH'],
      SIGNPOST_ADMIN_LISTEN: '127.0.0.1:0',
      SIGNPOST_API_LISTEN: '127.0.0.1:0',
      ...env,
    },
  });
}

async function startCluster(open: AsyncDisposableStack) {
  const nats = open.use(await startNats({ jetstream: true }));
  const redis = open.use(await startRedis());
  const directory = await mkdtemp(join(tmpdir(), 'signpost-controller-'));
  open.defer(() => rm(directory, { recursive: true }));
  const file = join(directory, 'signpost.yaml');
  await writeFile(file, EXAMPLE_YAML);
  const { signal } = new AbortController();
  const client = open.use(await connectMessaging({ url: nats.url, name: 'test', signal }));
  const store = open.use(openRecordWriter({ url: redis.url, name: 'test' }));
  const events: HealthChanged[] = [];
  client.core.subscribe(patterns.healthChanges, ({ data }) => {
    const event = decodeEvent(healthChanged, data);
    if (event.ok) events.push(event.value.data);
  });
  const probers = ['eu', 'us'].map((vantage) => new ReportingProber(client, vantage, Date.now()));
  const beating = setInterval(() => probers.forEach((prober) => prober.beat()), 500);
  open.defer(() => clearInterval(beating));
  return {
    nats,
    redis,
    client,
    events,
    store,
    say: async (states: Parameters<ReportingProber['says']>[0]) => {
      for (const prober of probers) await prober.says(states);
    },
    answers: async () => {
      const { zones } = await store.readAll();
      return JSON.stringify(zones.get('example.net')?.recordSets.get('go.example.net|A') ?? null);
    },
    async start() {
      const controller = await startMain({
        SIGNPOST_NATS_URL: nats.url,
        SIGNPOST_REDIS_URL: redis.url,
        SIGNPOST_CONFIG: file,
      });
      open.defer(() => controller.stop().then(() => {}));
      const [, api, admin] = await controller.waitForLine(/"api":"([^"]+)","admin":"([^"]+)"/);
      return {
        controller,
        status: async () => statusSchema.parse(await (await fetch(`http://${api}/api/v1/status`)).json()),
        ready: async () => (await fetch(`http://${admin}/readyz`)).status === 200,
      };
    },
  };
}

describe('the controller as a process', () => {
  test('takes a dead target out, through crashes and wiped servers, and ends cleanly', async () => {
    await using open = new AsyncDisposableStack();
    const cluster = await startCluster(open);
    const first = await cluster.start();
    await cluster.say({ 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' });
    await eventually(
      () => cluster.answers(),
      (set) => set.includes('192.0.2.11'),
      WITHIN,
    );
    await eventually(first.ready, Boolean, WITHIN);

    await cluster.say({ 'eu-b': 'down' });
    await eventually(
      () => cluster.answers(),
      (set) => !set.includes('192.0.2.11'),
      WITHIN,
    );
    await eventually(
      () => cluster.events.length,
      (count) => count === 4,
      WITHIN,
    );
    assert.deepEqual(
      [cluster.events[3]!.target, cluster.events[3]!.to.state, cluster.events[3]!.from.state],
      ['eu-b', 'down', 'up'],
    );

    first.controller.signal('SIGKILL');
    await first.controller.waitForEnd();
    const { generation } = await cluster.store.readAll();
    const second = await cluster.start();
    await eventually(
      async () => (await second.status()).controller,
      (c) => c.leader && c.converged,
      WITHIN,
    );
    assert.equal((await cluster.store.readAll()).generation, generation, 'a restart publishes nothing anew');

    await cluster.redis.restart({ wipe: true });
    await eventually(
      () => cluster.answers(),
      (set) => set.includes('192.0.2.10'),
      WITHIN,
    );
    assert.ok((await cluster.store.readAll()).generation > generation);

    await cluster.nats.restart({ wipe: true });
    const { signal } = new AbortController();
    const config = await cluster.client.bucket(buckets.config, { create: true, signal });
    const verdicts = await cluster.client.bucket(buckets.verdicts, { create: true, signal });
    const probes = await cluster.client.bucket(buckets.probes, { create: true, signal });
    await eventually(async () => (await config.get(MANIFEST_KEY)) !== undefined, Boolean, WITHIN);
    await eventually(
      async () => (await verdicts.keys()).filter((key) => !key.startsWith(VANTAGE_KEYS)).length,
      (count) => count === 3,
      WITHIN,
    );
    await eventually(
      async () => (await probes.keys()).length,
      (count) => count === 3,
      WITHIN,
    );
    await cluster.say({ 'eu-b': 'up' });
    await eventually(
      () => cluster.answers(),
      (set) => set.includes('192.0.2.11'),
      WITHIN,
    );

    assert.equal(await second.controller.stop(), 0);
  });

  test('a mistake in its settings ends it with 2 and one line for each', async () => {
    const controller = await startMain({
      SIGNPOST_API_LISTEN: '0.0.0.0:0',
      SIGNPOST_NATS_URL: 'http://nats',
    });
    assert.equal(await controller.waitForEnd(), 2);
  });

  test('a stop while NATS was never reached is a clean one, and SIGHUP is none', async () => {
    const controller = await startMain({
      SIGNPOST_NATS_URL: 'nats://127.0.0.1:1',
      SIGNPOST_REDIS_URL: 'redis://127.0.0.1:1',
    });
    await controller.waitForLine(/NATS is not reached yet/);
    controller.signal('SIGHUP'); // a reload by habit, or a terminal that closes
    await controller.waitForLine(/"msg":"SIGHUP/);
    assert.equal(await controller.stop(), 0);
  });
});
