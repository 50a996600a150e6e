/** Overrides on the main path: in force, out of force, told once, and across leaders; by a clock that the tests move. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { overrideListSchema, overrideMadeSchema, type Override } from '@signpost/contracts/override';
import { drainSchema } from '@signpost/contracts/drain';
import { authorityBeat } from '@signpost/contracts/heartbeats';
import { encodeEvent } from '@signpost/contracts/cloud-event';
import { buckets, subjects } from '@signpost/contracts/subjects';

import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { startWorld, type ControllerHandle, type World } from '../testing/start-world.ts';

const ALL_UP = { 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' } as const;

async function settledWorld(yaml = EXAMPLE_YAML) {
  const world = await startWorld();
  await world.prober('eu').says(ALL_UP);
  await world.prober('us').says(ALL_UP);
  const controller = await world.start({ yaml });
  await untilServed(world, true);
  return { world, controller };
}

const untilServed = (world: World, isServed: boolean, address = '192.0.2.11') =>
  world.until(
    () => world.answers('go.example.net'),
    (set) => set.length > 2 && set.includes(address) === isServed,
    `${address} ${isServed ? 'in' : 'out of'} the answers`,
  );

async function make(controller: ControllerHandle, fields: object): Promise<Override> {
  const body = { match: 'eu-b', set: 'drain', by: 'ops', reason: 'kernel', for: '1h', ...fields };
  const response = await fetch(`${controller.url}/api/v1/overrides`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return overrideMadeSchema.parse(await response.json()).override;
}

const lift = (controller: ControllerHandle, match: string) =>
  fetch(`${controller.url}/api/v1/overrides?match=${match}&by=ops&reason=done`, { method: 'DELETE' });

const told = (world: World) =>
  world.overrideEvents().map(({ target, change, by, reason }) => `${target} ${change} by ${by}: ${reason}`);
const untilTold = (world: World, count: number) =>
  world.until(
    () => told(world),
    (lines) => lines.length >= count,
    `${count} events`,
  );

test('a drain takes a target out without any health event, and obey brings it back; each is told once', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  const before = world.healthEvents().length;
  const override = await make(controller, {});
  await untilServed(world, false);
  await untilTold(world, 1);
  const [event] = world.overrideEvents();
  assert.deepEqual([event!.inForce, event!.previous, event!.untilMs], [override, null, override.untilMs]);
  assert.match(world.recordEvents().at(-1)!.why.join(), /override eu-b: drained by ops until .*: kernel/);
  const status = await controller.status();
  assert.equal(status.targets.find(({ target }) => target === 'eu-b')!.override?.id, override.id);
  assert.match(await controller.metrics(), /^signpost_overrides\{set="drain",source="human"\} 1$/m);
  assert.equal((await lift(controller, 'eu-b')).status, 200);
  await untilServed(world, true);
  await untilTold(world, 2);
  await world.pass(5_000);
  assert.deepEqual(told(world), ['eu-b began by ops: kernel', 'eu-b lifted by ops: done']);
  assert.equal(world.healthEvents().length, before);
  const bucket = await world.client.bucket(buckets.overrides, {
    create: false,
    signal: AbortSignal.timeout(5_000),
  });
  assert.deepEqual(await bucket.keys(), [], 'what ended and was told is gone');
});

test('it expires by the clock, with an event, and a longer one below it counts again', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  await make(controller, { match: 'eu-*', for: '10m', reason: 'long' });
  await make(controller, { for: '1m', set: 'up', reason: 'short' });
  await untilTold(world, 3);
  await world.pass(62_000);
  await untilTold(world, 4);
  await world.pass(600_000);
  await untilTold(world, 6);
  assert.deepEqual(told(world).slice(0, 2).toSorted(), [
    'eu-a began by ops: long',
    'eu-b began by ops: long',
  ]);
  assert.deepEqual(told(world).slice(2, 4), ['eu-b replaced by ops: short', 'eu-b replaced by ops: long']);
  assert.deepEqual(told(world).slice(4).toSorted(), [
    'eu-a expired by ops: long',
    'eu-b expired by ops: long',
  ]);
  await untilServed(world, true);
});

test('one of the same match replaces the last, which does not come back', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  await make(controller, { for: '4h' });
  await make(controller, { for: '1m' });
  await untilServed(world, false);
  await world.pass(62_000);
  await untilServed(world, true);
  await untilTold(world, 2);
  assert.equal(world.overrideEvents().at(-1)!.inForce, null);
});

test('a new leader keeps what is in force, repeats no event and tells the end that the last one could not', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  await make(controller, { for: '2m' });
  await make(controller, { match: 'eu-a', for: '1h' });
  await untilServed(world, false);
  await untilTold(world, 2);
  await controller.stop();
  await world.pass(180_000);
  const second = await world.start();
  await untilTold(world, 3);
  await untilServed(world, true);
  await untilServed(world, false, '192.0.2.10');
  await world.pass(5_000);
  assert.deepEqual(told(world).slice(2), ['eu-b expired by ops: kernel']);
  const ids = world.events.filter(({ type }) => type === 'signpost.override.changed.v1').map(({ id }) => id);
  assert.equal(new Set(ids).size, 3);
  const list = overrideListSchema.parse(await (await fetch(`${second.url}/api/v1/overrides`)).json());
  assert.deepEqual(
    list.overrides.map(({ match, inForce }) => [match, inForce]),
    [['eu-a', ['eu-a']]],
  );
});

test('a window lowers TTLs one TTL ahead, drains, and ends, all by the clock', async () => {
  const from = new Date(Date.UTC(2026, 0, 1, 0, 10)).toISOString();
  const { world, controller } = await settledWorld(
    `${EXAMPLE_YAML}maintenance: [{ match: eu-b, from: "${from}", for: 5m, by: ops, reason: kernel }]\n`,
  );
  await using _world = world;
  const fromMs = Date.parse(from);
  const ttl = async () => Number(/"ttl":(\d+)/.exec(await world.answers('go.example.net'))![1]);
  const status = await controller.status();
  assert.deepEqual(
    status.planned.map(({ match, sinceMs }) => [match, sinceMs]),
    [['eu-b', fromMs]],
  );
  await world.pass(fromMs - 40_000 - world.clock.now());
  assert.equal(await ttl(), 30);
  await world.until(ttl, (seconds) => seconds === 10, 'the short TTL');
  assert.ok(world.clock.now() <= fromMs - 30_000, 'early enough for the last cache');
  await untilServed(world, true);
  await untilServed(world, false);
  assert.ok(world.clock.now() >= fromMs);
  assert.equal(await ttl(), 30);
  await untilTold(world, 1);
  await world.pass(300_000);
  await untilServed(world, true);
  await untilTold(world, 2);
  assert.deepEqual(told(world), ['eu-b began by ops: kernel', 'eu-b expired by ops: kernel']);
});

test('the proof of a drain follows the authorities that are heard', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  const beat = async (lastAnswerMs?: number, generation?: number) => {
    const present = (await world.store.writer.readAll()).generation;
    const data = {
      node: 'n1',
      incarnation: Date.UTC(2025, 0, 1),
      sequence: 1,
      generation: generation ?? present,
      ready: true,
      storeConnected: true,
      listens: [],
      lastAnswers: lastAnswerMs === undefined ? [] : [{ target: 'eu-b', atMs: lastAnswerMs }],
      lastAnswersCut: false,
    };
    const fields = { id: 'b', source: '/n1', subject: 'n1', atMs: 0, data };
    world.client.core.publish(subjects.authorityHeartbeat('n1'), encodeEvent(authorityBeat, fields));
  };
  const look = async () =>
    drainSchema.parse(await (await fetch(`${controller.url}/api/v1/drains/eu-b`)).json());
  assert.equal((await look()).phase, 'none');
  await make(controller, {});
  await untilServed(world, false);
  const behind = await world.until(
    async () => (await beat(undefined, 1), look()),
    ({ authorities }) => authorities.length > 0,
  );
  assert.equal(behind.phase, 'applying');
  const lastAnswerMs = world.clock.now();
  const caching = await world.until(
    async () => (await beat(lastAnswerMs), look()),
    ({ phase }) => phase === 'caching',
  );
  assert.deepEqual([caching.ttlSeconds, caching.cachesEmptyAtMs], [30, lastAnswerMs + 30_000]);
  const passBeating = async (untilMs: number) => {
    while (world.clock.now() < untilMs) {
      await beat(lastAnswerMs);
      await world.pass(Math.min(500, untilMs - world.clock.now()));
    }
    return look();
  };
  assert.equal((await passBeating(lastAnswerMs + 29_900)).phase, 'caching');
  assert.equal((await passBeating(lastAnswerMs + 30_000)).phase, 'empty');
});

test('an emptied NATS gets back what was in force', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  const override = await make(controller, {});
  await untilServed(world, false);
  await world.pass(11_000);
  world.server.wipe();
  const bucket = await world.client.bucket(buckets.overrides, {
    create: true,
    signal: AbortSignal.timeout(5_000),
  });
  await world.until(async () => (await bucket.get(override.id)) !== undefined);
  await untilServed(world, false);
});
