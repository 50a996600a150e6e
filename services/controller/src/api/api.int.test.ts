/** The API over real HTTP, before a controller that runs over messaging and a store within the process. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { test } from 'node:test';

import { parseListenAddress } from '@signpost/config/listen-address';
import { explanationSchema } from '@signpost/contracts/explanation';
import { statusSchema } from '@signpost/contracts/status';

import { createEventFeed } from './event-feed.ts';
import { startApi } from './start-api.ts';
import { MAX_STREAMS } from './stream-events.ts';
import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { startWorld, type ControllerHandle, type World } from '../testing/start-world.ts';

const YAML = { 'content-type': 'application/yaml' };
const put = (controller: ControllerHandle, body: string, query = '') =>
  fetch(`${controller.url}/api/v1/configuration${query}`, { method: 'PUT', headers: YAML, body });

async function runningWorld(): Promise<{ world: World; controller: ControllerHandle }> {
  const world = await startWorld();
  const controller = await world.start({ yaml: EXAMPLE_YAML });
  await world.until(async () => (await world.store.writer.readAll()).generation > 0);
  return { world, controller };
}

test('status says who leads, what targets are and why, also before there is a configuration', async () => {
  await using world = await startWorld();
  const controller = await world.start();
  await world.until(async () => (await controller.status()).controller.leader);
  assert.deepEqual((await controller.status()).targets, []);
  assert.equal((await put(controller, EXAMPLE_YAML)).status, 200);
  await world.until(
    async () => (await controller.status()).targets.length,
    (count) => count === 4,
  );
  const eu = world.prober('eu');
  await eu.says({ 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' });
  const status = await world.until(
    () => controller.status(),
    ({ vantages }) => vantages[1]?.probers[0]?.fresh,
  );
  assert.deepEqual(statusSchema.parse(status), status);
  assert.deepEqual(
    status.vantages.map(({ vantage, probers }) => [vantage, probers.length]),
    [
      ['ap', 0],
      ['eu', 1],
      ['us', 0],
    ],
  );
  assert.equal(status.targets[0]!.reason, 'too few votes (1 of 2 needed): nothing is known yet');
});

test('a configuration is applied by PUT, read by GET, and told as unchanged the second time', async () => {
  await using world = await startWorld();
  const controller = await world.start();
  await world.until(async () => (await controller.status()).controller.leader);
  assert.equal((await fetch(`${controller.url}/api/v1/configuration`)).status, 404);
  const first = (await (await put(controller, EXAMPLE_YAML)).json()) as {
    revision: number;
    changed: boolean;
  };
  assert.equal(first.changed, true);
  const text = await fetch(`${controller.url}/api/v1/configuration`, { method: 'PUT', body: EXAMPLE_YAML });
  assert.deepEqual(await text.json(), {
    ...first,
    changed: false,
    changes: { nouns: {}, removedZones: [] },
  });
  const read = await world.until(
    async () =>
      (await fetch(`${controller.url}/api/v1/configuration`)).json() as Promise<Record<string, unknown>>,
    (body) => body['revision'] === first.revision,
  );
  assert.ok(Object.hasOwn(read['configuration'] as object, 'zones'));
  await world.until(() => world.events.some(({ type }) => type === 'signpost.config.changed.v1'));
});

test('a zone comes as a zone file, with the serial that is published', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  const get = (zone: string) => fetch(`${controller.url}/api/v1/zone-file?zone=${encodeURIComponent(zone)}`);
  const { zones } = await world.until(
    () => world.store.writer.readAll(),
    (records) => records.zones.get('example.net')?.facts !== undefined,
  );
  const { serial } = zones.get('example.net')!.facts!.soa;
  const body = (await (await get('Example.NET.')).json()) as { zone: string; text: string };
  assert.equal(body.zone, 'example.net');
  assert.ok(body.text.includes(`\tSOA\tns1.example.net. dns.example.net. ${serial} `), body.text);
  assert.match(body.text, /^go\t\d+\tIN\tA\t.* ; steered by policy global: pool /m);
  assert.equal((await get('example.org')).status, 404);
  assert.equal((await get('a..b')).status, 400);
});

test('mistakes come back all at once, with their place in the file', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  const broken = EXAMPLE_YAML.replace('weight: 80', 'weight: -1').replace('steer: global', 'steer: nowhere');
  const response = await put(controller, broken, '?file=infra/dns.yaml');
  assert.equal(response.status, 422);
  assert.match(response.headers.get('content-type')!, /^application\/problem\+json/);
  const problem = (await response.json()) as { mistakes: { file: string; line: number; path: string }[] };
  assert.deepEqual(
    problem.mistakes.map(({ file, path }) => [file, path]),
    [
      ['infra/dns.yaml', 'pools.eu.members[0].weight'],
      ['infra/dns.yaml', 'zones["example.net"].records.go.steer'],
    ],
  );
  assert.equal(broken.split('\n')[problem.mistakes[0]!.line - 1]!.includes('weight: -1'), true);
});

test('of two applies at the same time one is told of the conflict', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  const texts = [60, 61, 62, 63].map((weight) => EXAMPLE_YAML.replace('weight: 80', `weight: ${weight}`));
  const statuses = (await Promise.all(texts.map((text) => put(controller, text)))).map(
    ({ status }) => status,
  );
  assert.ok(statuses.includes(200));
  assert.ok(
    statuses.every((status) => status === 200 || status === 409),
    statuses.join(),
  );
});

test('explain answers for a prefix; what it cannot understand is a problem with a remedy', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  const ask = (query: string) => fetch(`${controller.url}/api/v1/explain?${query}`);
  const explanation = explanationSchema.parse(
    await (await ask('name=GO.example.net.&client=81.2.69.0/24')).json(),
  );
  assert.deepEqual([explanation.name, explanation.outcome], ['go.example.net', 'steered']);
  for (const query of ['name=go.example.net', 'name=go.example.net&client=x', 'name=a..b&client=::1', '']) {
    const response = await ask(query);
    assert.equal(response.status, 400, query);
    assert.match(response.headers.get('content-type')!, /^application\/problem\+json/);
    assert.equal(((await response.json()) as { status: number }).status, 400);
  }
});

test('OpenAPI 3.1 describes every path', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  const described = (await (await fetch(`${controller.url}/openapi.json`)).json()) as {
    openapi: string;
    paths: Record<string, object>;
  };
  assert.equal(described.openapi, '3.1.0');
  assert.deepEqual(Object.keys(described.paths).toSorted(), [
    '/api/v1/affinity-names',
    '/api/v1/candidate',
    '/api/v1/candidate/promote',
    '/api/v1/configuration',
    '/api/v1/drains/{target}',
    '/api/v1/events',
    '/api/v1/explain',
    '/api/v1/guards',
    '/api/v1/guards/{id}/approve',
    '/api/v1/heartbeat/{target}',
    '/api/v1/latency/{target}',
    '/api/v1/load/{target}',
    '/api/v1/overrides',
    '/api/v1/overrides/{id}',
    '/api/v1/status',
    '/api/v1/zone-file',
  ]);
});

test('with a token nothing is answered without it', async () => {
  await using world = await startWorld();
  const controller = await world.start({ token: 'open sesame' });
  const ask = (path: string, authorization?: string) =>
    fetch(`${controller.url}${path}`, { headers: authorization === undefined ? {} : { authorization } });
  for (const path of ['/api/v1/status', '/api/v1/events', '/openapi.json', '/nowhere']) {
    assert.equal((await ask(path)).status, 401, path);
    assert.equal((await ask(path, 'Bearer open sesam')).status, 401, path);
  }
  assert.equal((await ask('/api/v1/status', 'Bearer open sesame')).status, 200);
  assert.equal((await ask('/nowhere', 'Bearer open sesame')).status, 404);
});

test('events are told as they happen, each with type and id', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  const stop = new AbortController();
  const response = await fetch(`${controller.url}/api/v1/events`, { signal: stop.signal });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  let text = '';
  const reading = (async () => {
    const decoder = new TextDecoder();
    for await (const octets of response.body!) text += decoder.decode(octets as Uint8Array, { stream: true });
  })().catch(() => undefined);
  const [eu, us] = [world.prober('eu'), world.prober('us')];
  await eu.says({ 'eu-b': 'down' });
  await us.says({ 'eu-b': 'down' });
  await world.until(
    () => text,
    (seen) => seen.includes('records.changed') && seen.includes('health.changed'),
  );
  const [event] = text.split('\n\n').filter((block) => block.includes('health.changed'));
  const lines = Object.fromEntries(
    event!.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
  );
  assert.equal(lines['event'], 'signpost.health.changed.v1');
  const data = JSON.parse(lines['data']!) as { id: string; data: { target: string } };
  assert.deepEqual([data.id, data.data.target], [lines['id'], 'eu-b']);
  stop.abort();
  await reading;
});

test('an oversized body is refused, and an unknown media type', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  const large = await put(controller, '#'.repeat(17 * 1024 * 1024)).catch(() => undefined);
  if (large !== undefined) assert.equal(large.status, 413);
  const json = await fetch(`${controller.url}/api/v1/configuration`, {
    method: 'PUT',
    headers: { 'content-type': 'application/xml' },
    body: '<a/>',
  });
  assert.equal(json.status, 415);
  assert.equal((await controller.status()).controller.leader, true);
});

test('a broken file in place of a good one is one error line and a metric', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  const before = (await controller.status()).controller.configRevision;
  await writeFile(world.file('signpost.yaml'), EXAMPLE_YAML.replace('weight: 80', 'weight: -1'));
  await world.until(
    () => controller.metrics(),
    (text) => /signpost_config_errors_total(\{[^}]*\})? 1\b/.test(text),
  );
  await world.pass(5_000);
  const errors = controller.log.filter(({ level }) => level === 'error');
  assert.equal(errors.length, 1);
  assert.match(errors[0]!.message, /signpost\.yaml:\d+:\d+ pools\.eu\.members\[0\]\.weight/);
  assert.equal((await controller.status()).controller.configRevision, before);
});

/** As a browser asks that a name of somebody else's led here. */
async function statusUnderHost(url: string, host: string): Promise<number | undefined> {
  const request = get(`${url}/api/v1/status`, { headers: { host } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

test('without a token a foreign name that leads to the loopback address is refused', async () => {
  await using world = await startWorld();
  const open = await world.start();
  for (const host of ['127.0.0.1:8080', 'localhost', '[::1]:8080', 'signpost.localhost:1']) {
    assert.equal(await statusUnderHost(open.url, host), 200, host);
  }
  for (const host of ['rebound.example.com', 'localhost.example.com:8080', '127.0.0.1.example.com']) {
    assert.equal(await statusUnderHost(open.url, host), 421, host);
  }
});

test('event streams are bounded in number, and a place that was left is free again', async () => {
  await using world = await startWorld();
  const controller = await world.start();
  const stop = new AbortController();
  const first = new AbortController();
  const listen = (signal: AbortSignal) => fetch(`${controller.url}/api/v1/events`, { signal });
  await listen(first.signal);
  for (let i = 1; i < MAX_STREAMS; i += 1) assert.equal((await listen(stop.signal)).status, 200);
  assert.equal((await listen(stop.signal)).status, 503);
  first.abort();
  await world.until(
    async () => (await listen(stop.signal)).status,
    (status) => status === 200,
  );
  stop.abort();
});

test('what fails inside is told to the operator and not to the caller', async () => {
  const told: unknown[] = [];
  const failing = () => {
    throw new Error('secret detail');
  };
  const source = {
    status: failing,
    explain: failing,
    apply: failing,
    configuration: failing,
    exportZone: failing,
    affinityNames: failing,
    overrides: failing,
    makeOverride: failing,
    leftUnhealthy: failing,
    liftOverride: failing,
    liftMatching: failing,
    matchProblem: failing,
    drain: failing,
    explainPast: failing,
    propose: failing,
    candidate: failing,
    promote: failing,
    heartbeat: failing,
    load: failing,
    latency: failing,
    holds: failing,
    approve: failing,
    events: createEventFeed(),
  };
  const listen = parseListenAddress('127.0.0.1:0')!;
  const onFailure = (error: unknown) => told.push(error);
  await using api = await startApi({ listen, token: undefined, version: '0', source, onFailure });
  const port = api.address.kind === 'port' ? api.address.port : 0;
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/status`);
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /secret/);
  assert.match(String(told[0]), /secret detail/);
});
