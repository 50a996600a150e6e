/** Steering by load over the whole controller: from what targets push to what is published and told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { guardHeld } from '@signpost/contracts/guard';
import type { RecordSet } from '@signpost/contracts/record-set';
import { subjects } from '@signpost/contracts/subjects';
import { encodeTargetLoad } from '@signpost/contracts/target-load';

import { FALL_BACK_AFTER_MS } from '../load/load-settings.ts';
import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { startWorld, type World } from '../testing/start-world.ts';

/** The stable TTL of the example. */
const TTL_MS = 30_000;
const YAML = `${EXAMPLE_YAML.replace(
  'eu: { monitor: web,',
  'eu: { load: { soft: 60, hard: 80 }, monitor: web,',
)
  .replace('us: { monitor: web,', 'us: { load: { soft: 90, hard: 120 }, monitor: web,')
  .replace('  global:\n', '  global:\n    spill: headroom\n')
  .replace(
    'fall: 1',
    'fall: 1\n    damping: off',
  )}guards: { max_capacity_removed: { percent: 5, within: 60s } }\n`;
const ALL_UP = { 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' } as const;
const OVERLOAD = { 'eu-a': 60, 'eu-b': 20, 'us-a': 30 };

async function settledWorld(yaml = YAML) {
  const world = await startWorld();
  const probers = ['eu', 'us', 'ap'].map((vantage) => world.prober(vantage));
  for (const prober of probers) await prober.says(ALL_UP);
  const controller = await world.start({ yaml });
  await world.until(
    () => euShares(world),
    (shares) => shares['eu'] === 1,
    'first publication',
  );
  return { world, controller, probers };
}

/** Lets time pass, with a push of each load every 5 s. */
async function pushing(world: World, ms: number, loads: Readonly<Record<string, number>>): Promise<void> {
  for (let left = ms; left > 0; left -= 5_000) {
    for (const [target, load] of Object.entries(loads)) {
      world.client.core.publish(subjects.targetLoad(target), encodeTargetLoad({ load }));
    }
    await world.pass(Math.min(left, 5_000));
  }
}

/** By pool: the share of European clients that goes there. */
async function euShares(world: World): Promise<Record<string, number>> {
  const { zones } = await world.store.writer.readAll();
  const set: RecordSet | undefined = zones.get('example.net')?.recordSets.get('go.example.net|A');
  if (set?.kind !== 'steered') return {};
  const { branches, groups } = set;
  const first = branches[set.rules[0]!.branch]!;
  const poolOf = (index: number): string => {
    const branch = branches[index]!;
    return 'group' in branch ? groups[branch.group]!.pool : '?';
  };
  if ('group' in first) return { [groups[first.group]!.pool]: 1 };
  assert.ok('weighted' in first);
  const total = first.weighted.reduce((sum, { weight }) => sum + weight, 0);
  return Object.fromEntries(first.weighted.map(({ branch, weight }) => [poolOf(branch), weight / total]));
}

const loadOf = async (controller: { status(): Promise<{ loads: { pool: string }[] }> }, pool: string) =>
  (await controller.status()).loads.find((shown) => shown.pool === pool);

test('what is pushed above soft is shed in steps, told, and no guard counts it as a removal', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  await pushing(world, TTL_MS + 10_000, OVERLOAD);
  assert.deepEqual(await euShares(world), { eu: 0.9, us: 0.1 });
  const { why } = world.recordEvents().at(-1)!;
  assert.deepEqual(why, ['load: pool eu keeps 90 % of its clients, the others go to us 100 %']);

  const published = world.recordEvents().length;
  await pushing(world, 15_000, OVERLOAD);
  assert.equal(world.recordEvents().length, published, 'a push that changes nothing publishes nothing');

  await pushing(world, 3 * TTL_MS, OVERLOAD);
  const eu = await loadOf(controller, 'eu');
  const { keep } = eu as unknown as { keep: number };
  assert.ok(keep < 0.8, `${keep}`);
  assert.deepEqual(eu, { ...eu, feed: 'fresh', load: 80, soft: 60, hard: 80, room: { us: 1 } });
  assert.equal((await controller.status()).guards.length, 0);
  assert.equal(world.events.filter(({ type }) => type === guardHeld.type).length, 0);
  const metrics = await controller.metrics();
  assert.match(metrics, /signpost_pool_load\{.*pool="eu".*\} 80/);
  assert.match(
    metrics,
    /signpost_pool_load_limit\{.*limit="hard".*pool="us".*\} 120|pool="us".*limit="hard".*\} 120/,
  );
  assert.match(metrics, new RegExp(`signpost_pool_keep_ratio\\{.*pool="eu".*\\} ${keep}`));
});

test('a silent feed freezes what is shed, then weights go back; one target is enough', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  await pushing(world, 3 * TTL_MS, OVERLOAD);
  const shares = await euShares(world);
  assert.ok(shares['eu']! < 0.85);
  const { 'eu-b': _silent, ...rest } = OVERLOAD;
  await pushing(world, FALL_BACK_AFTER_MS, rest);
  assert.deepEqual(await euShares(world), shares);
  const warned = controller.log.find(({ message }) => message === 'the load of a pool is not known');
  assert.match(JSON.stringify(warned?.fields), /no load of eu-b for more than 15s: all stays as it is/);
  assert.match(await controller.metrics(), /signpost_pool_load_fresh\{.*pool="eu".*\} 0/);

  await pushing(world, 20_000, rest);
  const step = await euShares(world);
  assert.ok(Math.abs(step['eu']! - shares['eu']! - 0.1) < 1e-9, `${step['eu']} after ${shares['eu']}`);
  await pushing(world, 3 * TTL_MS, rest);
  assert.deepEqual(await euShares(world), { eu: 1 });
});

test('a new leader sheds what the last one shed', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  await pushing(world, 3 * TTL_MS, OVERLOAD);
  const shares = await euShares(world);
  const standby = await world.start({ yaml: YAML });
  await pushing(world, 5_000, OVERLOAD);
  assert.deepEqual(
    (await standby.status()).loads.map(({ pool, keep }) => [pool, keep]),
    [
      ['eu', shares['eu']],
      ['us', 1],
    ],
  );
  await controller.stop();
  await world.until(async () => (await standby.status()).controller.leader);
  await pushing(world, 5_000, OVERLOAD);
  assert.deepEqual(await euShares(world), shares);

  await standby.stop();
  const later = await world.start({ yaml: YAML });
  await world.until(async () => (await later.status()).controller.leader);
  await pushing(world, 10_000, OVERLOAD);
  assert.deepEqual(await euShares(world), shares, 'also one that saw nothing of it');
});

test('a pool that dies is spread by the room beside it, by the plan that stood ready', async () => {
  const limited = YAML.replace('spare: {', 'spare: { load: { soft: 30, hard: 40 },');
  const { world, controller, probers } = await settledWorld(limited);
  await using _world = world;
  // 60 below soft in us, 20 in spare.
  await pushing(world, 2 * TTL_MS, { 'eu-a': 20, 'eu-b': 10, 'us-a': 30, 'static-a': 10 });
  for (const prober of probers) await prober.says({ 'eu-a': 'down', 'eu-b': 'down' });
  await world.until(
    () => euShares(world),
    (shares) => shares['eu'] === undefined,
    'nobody goes to the dead pool',
  );
  assert.deepEqual(await euShares(world), { us: 0.75, spare: 0.25 });
  const eu = await loadOf(controller, 'eu');
  assert.deepEqual(eu, { ...eu, spill: { us: 0.75, spare: 0.25 } });
  await pushing(world, 3 * TTL_MS, { 'us-a': 52, 'static-a': 18 });
  assert.deepEqual(await euShares(world), { us: 0.75, spare: 0.25 }, 'and stands while it is dead');
});

test('a load is pushed through the API too, for targets of pools that have limits', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  const push = (target: string, body: unknown) =>
    fetch(`${controller.url}/api/v1/load/${target}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  for (const target of ['eu-a', 'eu-b']) assert.equal((await push(target, { load: 21 })).status, 202);
  await world.until(
    () => loadOf(controller, 'eu'),
    (eu) => (eu as { load?: number } | undefined)?.load === 42,
    'the sum of both',
  );
  assert.equal((await push('static-a', { load: 1 })).status, 404);
  assert.equal((await push('eu-a', { load: -1 })).status, 400);
  world.client.core.publish(subjects.targetLoad('eu-a'), new TextEncoder().encode('{"load":"much"}'));
  await world.until(() =>
    controller.log.some(({ fields }) => JSON.stringify(fields).includes(subjects.targetLoad('eu-a'))),
  );
});
