/**
 * Round trips from signals on NATS, the API and browsers' beacons, over real NATS and Redis, to what clients with a
 * subnet are answered; and what is left of them after the controller was started anew.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';

import { encodeJson } from '@signpost/contracts/decode';
import type { Measurement } from '@signpost/contracts/latency-signal';
import type { Messaging } from '@signpost/contracts/messaging';
import { subjects } from '@signpost/contracts/subjects';
import { connectMessaging } from '@signpost/nats/messaging';
import { eventually } from '@signpost/testkit/eventually';
import { freePort } from '@signpost/testkit/free-port';
import type { SignpostProcess } from '@signpost/testkit/start-process';

import { startCluster, type Cluster } from './cluster.ts';

const EU = '192.0.2.10';
const US = '198.51.100.10';
const WITHIN = { deadlineMs: 30_000 };
/** No monitors: nothing has to be probed here. */
const YAML = `apiVersion: signpost/v1
defaults: { ttl: { stable: 30, suspect: 10, floor: 5 }, all_down: fail_open }
targets:
  eu-a: { a: ${EU}, at: [50.11, 8.68] }
  us-a: { a: ${US}, at: [39.04, -77.49] }
pools:
  eu: { members: [{ target: eu-a }] }
  us: { members: [{ target: us-a }] }
policies:
  fast:
    rules: [{ try: [{ fastest: [eu, us], slack: 5ms }] }]
zones:
  example.net:
    soa: { primary: ns1.example.net., contact: dns.example.net. }
    ns: [ns1.example.net.]
    records:
      go: { steer: fast }
      ns1: { type: A, value: 192.0.2.53 }
`;

const open = new AsyncDisposableStack();
let cluster: Cluster;
let client: Messaging;
let controller: SignpostProcess;
let beacon: string;

const startController = () =>
  cluster.startController({
    SIGNPOST_BEACON_LISTEN: new URL(beacon).host,
    SIGNPOST_BEACON_ORIGINS: 'https://www.example.net',
    SIGNPOST_BEACON_TRUSTED_PROXIES: '127.0.0.0/8',
  });

before(async () => {
  cluster = open.use(await startCluster());
  await writeFile(cluster.configFile, YAML);
  beacon = `http://127.0.0.1:${await freePort()}/beacon`;
  const { signal } = new AbortController();
  client = open.use(await connectMessaging({ url: cluster.nats.url, name: 'test', signal }));
  [controller] = await Promise.all([startController(), cluster.startAuthority()]);
  await cluster.untilAddress('81.2.69.0/24', [EU], 30_000);
});
after(() => open.disposeAsync());

async function answer(subnet: string): Promise<{ address: string; scope: number | undefined }> {
  const { answers, edns } = await cluster.ask('go.example.net', 'A', subnet);
  const [record] = answers as readonly { readonly data: unknown }[];
  return { address: String(record?.data), scope: edns?.clientSubnet?.scopePrefixLength };
}

const untilAnswer = (subnet: string, address: string) =>
  eventually(
    () => answer(subnet),
    (got) => got.address === address,
    { ...WITHIN, what: `${subnet} gets ${address}` },
  );

const measure = (target: string, measurements: readonly Measurement[]) =>
  client.core.publish(subjects.latencySignal(target), encodeJson({ measurements }));

test('where nothing was measured, distance decides', async () => {
  assert.equal((await answer('81.2.69.0/24')).address, EU);
  assert.equal((await answer('8.8.8.0/24')).address, US);
});

test('a prefix is answered by what was measured for it, and its neighbours are not', async () => {
  measure('eu-a', [
    { client: '81.2.69.0/24', ms: 180, samples: 5 },
    { client: '8.8.8.8', ms: 30, samples: 5 },
  ]);
  measure('us-a', [
    { client: '81.2.69.7', ms: 25, samples: 5 },
    { client: '8.8.8.0/24', ms: 90, samples: 5 },
  ]);
  assert.deepEqual(await untilAnswer('81.2.69.0/24', US), { address: US, scope: 24 });
  assert.deepEqual(await untilAnswer('8.8.8.0/24', EU), { address: EU, scope: 24 });
  assert.equal((await answer('81.2.70.0/24')).address, EU);
  assert.equal((await answer('8.8.4.0/24')).address, US);
});

test('the API and beacons are heard like signals', async () => {
  const post = async (target: string, ms: number) => {
    const response = await fetch(`${cluster.apiUrl}/api/v1/latency/${target}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ measurements: [{ client: '2a00:1450:4001::/48', ms, samples: 9 }] }),
    });
    return response.status;
  };
  assert.deepEqual(
    [await post('eu-a', 20), await post('us-a', 150), await post('nobody', 20)],
    [202, 202, 404],
  );
  for (let i = 0; i < 3; i += 1) {
    const response = await fetch(beacon, {
      method: 'POST',
      headers: { origin: 'https://www.example.net', 'x-forwarded-for': '81.2.71.9' },
      body: '{"eu-a":210.5,"us-a":18}',
    });
    assert.equal(response.status, 204);
  }
  assert.equal((await untilAnswer('2a00:1450:4001::/48', EU)).scope, 48);
  await untilAnswer('81.2.71.0/24', US);
});

test('an explanation tells the round trips, and metrics what was heard', async () => {
  const explained = await fetch(`${cluster.apiUrl}/api/v1/explain?name=go.example.net&client=81.2.71.0/24`);
  assert.match(
    await explained.text(),
    /by round trip as measured for 81.2.71.0.24, within 5 ms of the best the first: eu 210.5 ms, us 18 ms/,
  );
  const controllers = await cluster.metrics('controller');
  assert.match(controllers, /signpost_latency_rows\{[^}]*kind="ipv4"[^}]*\} 3/);
  assert.match(controllers, /signpost_beacon_requests_total\{[^}]*outcome="taken"[^}]*\} 3/);
  assert.match(await cluster.metrics('authority'), /signpost_latency_table_rows(\{[^}]*\})? 4/);
});

test('a controller that is started anew goes on from the table', async () => {
  await controller.stop();
  assert.equal((await answer('81.2.69.0/24')).address, US, 'while there is none');
  controller = await startController();
  measure('us-a', [{ client: '203.0.113.0/24', ms: 20, samples: 9 }]);
  measure('eu-a', [{ client: '203.0.113.0/24', ms: 20, samples: 9 }]);
  await eventually(
    async () => {
      measure('us-a', [{ client: '203.0.113.0/24', ms: 20, samples: 9 }]);
      return cluster.metrics('authority');
    },
    (text) => /signpost_latency_table_rows(\{[^}]*\})? 5/.test(text),
    { ...WITHIN, pauseMs: 500, what: 'the table has a row more' },
  );
  assert.deepEqual(await answer('81.2.69.0/24'), { address: US, scope: 24 });
});
