/** Workers as threads: they build what they are told, and the end of one is the end of all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import { ask } from '@signpost/testkit/dns-client';
import { eventually } from '@signpost/testkit/eventually';
import { TEST_UDP } from '@signpost/testkit/udp-layers';
import { chooseUdpLayer } from '@signpost/udp/udp-layer';

import { Header, type ImageMemory } from '../image/layout.ts';
import { RecordImage } from '../image/record-image.ts';
import type { BuildProblem } from '../image/write-image.ts';
import { imageOf, zoneOf } from '../testing/sample-zone.ts';
import { DEFAULT_ANSWER_SETTINGS } from './answer-settings.ts';
import { startWorkers, WorkerError } from './worker-pool.ts';

const UDP = chooseUdpLayer(TEST_UDP);
const ENDPOINT = { kind: 'port', host: '127.0.0.1', family: 4, port: 0 } as const;

test('a record that cannot be served is told once, however many workers there are, and the rest is served', async () => {
  const problems: BuildProblem[] = [];
  await using pool = startWorkers(2, DEFAULT_ANSWER_SETTINGS, UDP);
  const publish = (memory: ImageMemory) => pool.setImage(memory);
  const image = new RecordImage({ publish, onProblem: (problem) => void problems.push(problem) });
  await image.addPortion(zoneOf('example.net', 'www A 192.0.2.1\nbad A 192.0.2.999'));
  await image.swap(1 as Generation);
  assert.deepEqual(
    problems.map(({ owner, type }) => [owner, type]),
    [['bad.example.net', 'A']],
  );
  const { dns } = await pool.open({ dns: [ENDPOINT], tls: [], proxyFrom: [] });
  const [endpoint] = dns;
  const question = { server: '127.0.0.1', port: endpoint!.port, type: 'A' };
  assert.equal((await ask({ ...question, name: 'www.example.net' })).answers.length, 1);
  assert.equal((await ask({ ...question, name: 'bad.example.net' })).rcode, 'NXDOMAIN');
});

test('answers are marked as stale when the main thread says so', async () => {
  await using pool = startWorkers(1, DEFAULT_ANSWER_SETTINGS, UDP);
  await pool.setImage(imageOf(zoneOf('example.net', 'www A 192.0.2.1')).memory);
  const { dns } = await pool.open({ dns: [ENDPOINT], tls: [], proxyFrom: [] });
  const [endpoint] = dns;
  const errors = async () => {
    const question = { server: '127.0.0.1', port: endpoint!.port, type: 'A', edns: true };
    const { edns } = await ask({ ...question, name: 'www.example.net' });
    return edns!.errors.map(({ infoCode }) => infoCode);
  };
  assert.deepEqual(await errors(), []);
  await pool.setStale(true);
  assert.deepEqual(await errors(), [3]);
  await pool.setStale(false);
  assert.deepEqual(await errors(), []);
});

test('the memory of images that were replaced is given back', async () => {
  await using pool = startWorkers(2, DEFAULT_ANSWER_SETTINGS, UDP);
  const small = imageOf(zoneOf('example.net', 'www A 192.0.2.1')).memory;
  const octets = 64 * 2 ** 20;
  const large = (): ImageMemory => {
    const memory = new SharedArrayBuffer(octets);
    new Uint8Array(memory).fill(1).set(new Uint8Array(small, 0, 2 ** 16));
    new Int32Array(memory)[Header.end] = octets / 4;
    return memory;
  };
  await pool.setImage(small);
  const before = process.memoryUsage.rss();
  for (let i = 0; i < 5; i += 1) await pool.setImage(large());
  assert.ok(process.memoryUsage.rss() > before + 2 * octets);
  await eventually(
    () => process.memoryUsage.rss(),
    (rss) => rss < before + 1.5 * octets,
    { deadlineMs: 20_000 },
  );
});

test('a worker that fails ends the service instead of limping on', async () => {
  await using pool = startWorkers(2, DEFAULT_ANSWER_SETTINGS, UDP);
  await assert.rejects(pool.setGeo(Uint8Array.of(1, 2, 3), 'broken'), WorkerError);
  await assert.rejects(pool.failed, WorkerError);
});
