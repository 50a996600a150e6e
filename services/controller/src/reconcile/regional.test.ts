/** Health of a part of the world, over the whole controller: from the votes of a vantage to the answer of a client. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import type { RecordSet } from '@signpost/contracts/record-set';
import { createChance, seedOf } from '@signpost/policy/chance';
import { createSelection, prepareSteering, selectAnswer } from '@signpost/policy/select-answer';

import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { startWorld, type World } from '../testing/start-world.ts';
import { QUARANTINE_HOLD_MS } from '../verdict/judge-vantages.ts';

const VANTAGES = ['eu', 'us', 'ap'];
const TARGETS = ['eu-a', 'eu-b', 'us-a', 'x-a', 'x-b'];
/** Five targets that are monitored, of which each vantage speaks for its own continent. */
const YAML = EXAMPLE_YAML.replace(
  '  eu: {}\n  us: {}\n  ap: {}',
  '  eu: { near: [EU] }\n  us: { near: [NA] }\n  ap: { near: [AS] }',
)
  .replace('fall: 1', 'fall: 1\n    damping: off\n    vantages: { decide: regional }')
  .replace('  static-a:', '  x-a: { a: 192.0.2.101 }\n  x-b: { a: 192.0.2.102 }\n  static-a:')
  .replace('  spare:', '  x: { monitor: web, members: [ { target: x-a }, { target: x-b } ] }\n  spare:');

const every = (state: 'up' | 'down') => Object.fromEntries(TARGETS.map((target) => [target, state]));

async function settledWorld() {
  const world = await startWorld();
  const [eu, us, ap] = VANTAGES.map((vantage) => world.prober(vantage));
  for (const prober of [eu!, us!, ap!]) await prober.says(every('up'));
  const controller = await world.start({ yaml: YAML });
  await world.until(
    () => world.vantageEvents().length,
    (count) => count === 3,
    'vantages vote',
  );
  await world.until(
    () => answersOf(world),
    ({ AS }) => AS?.[0] === 'us-a',
    'published',
  );
  return { world, controller, eu: eu!, us: us!, ap: ap! };
}

async function steeredSet(world: World): Promise<Extract<RecordSet, { kind: 'steered' }> | undefined> {
  const { zones } = await world.store.writer.readAll();
  const set = zones.get('example.net')?.recordSets.get('go.example.net|A');
  return set?.kind === 'steered' ? set : undefined;
}

/** By continent: the targets that a client there may get. */
async function answersOf(world: World): Promise<Record<string, readonly string[]>> {
  const set = await steeredSet(world);
  if (set === undefined) return {};
  const steering = prepareSteering(set);
  const chance = createChance(seedOf(set, 'go.example.net'));
  return Object.fromEntries(
    ['EU', 'NA', 'AS', 'SA'].map((continent) => {
      const place = { continent, country: '', subdivision: '', prefixLength: 8 };
      const client = {
        family: 4 as const,
        address: new Uint8Array(16),
        sourceLength: 24,
        place: () => place,
        system: () => UNKNOWN_SYSTEM,
      };
      const selection = createSelection();
      selectAnswer(steering, client, chance, selection);
      return [continent, set.groups[selection.group]!.answers.map(({ target }) => target)];
    }),
  );
}

const generation = async (world: World) => (await world.store.writer.readAll()).generation;
const NORMAL = { EU: ['eu-a', 'eu-b'], NA: ['us-a'], AS: ['us-a'], SA: ['us-a'] };

test('a target that one of three vantages sees down is left by the clients near it, who return with it', async () => {
  const { world, controller, ap } = await settledWorld();
  await using _world = world;
  const before = await steeredSet(world);
  assert.deepEqual(await answersOf(world), NORMAL);
  assert.equal(before!.views, undefined);

  await ap.says({ 'us-a': 'down' });
  await world.until(
    () => answersOf(world),
    ({ AS }) => AS?.[0] === 'eu-a',
    'near ap they go elsewhere',
  );
  assert.deepEqual(await answersOf(world), { ...NORMAL, AS: ['eu-a', 'eu-b'] });
  const set = (await steeredSet(world))!;
  assert.deepEqual(
    set.views!.map(({ vantage }) => vantage),
    ['ap'],
  );
  assert.equal(set.ttl, 10);
  const { why } = world.recordEvents().at(-1)!;
  assert.deepEqual(why, ['health web/us-a near vantages: ap: ipv4 down']);
  const shown = (await controller.status()).targets.find(({ target }) => target === 'us-a')!;
  assert.equal(shown.state, 'up');
  assert.match(shown.reason, /; near ap: ipv4 down$/);
  assert.equal(world.healthEvents().filter(({ to }) => to.state === 'down').length, 0);

  const published = await generation(world);
  await controller.stop();
  const next = await world.start({ yaml: YAML });
  await world.until(async () => (await next.status()).controller.leader);
  await world.pass(3_000);
  assert.equal(await generation(world), published, 'a new leader sees the same');

  await ap.says({ 'us-a': 'up' });
  await world.until(
    () => answersOf(world),
    ({ AS }) => AS?.[0] === 'us-a',
    'they return',
  );
  assert.deepEqual(await steeredSet(world), before);
});

test('clients near a vantage go by what it sees also while a configuration is held', async () => {
  const { world, controller, ap } = await settledWorld();
  await using _world = world;
  await ap.says({ 'us-a': 'down' });
  await world.until(
    () => answersOf(world),
    ({ AS }) => AS?.[0] === 'eu-a',
    'near ap they go elsewhere',
  );
  const empty = YAML.replaceAll(/( {2}\S+: \{ a: [^}]*?)( \}|, check)/g, '$1, status: down$2');
  const headers = { 'content-type': 'application/yaml' };
  await fetch(`${controller.url}/api/v1/configuration`, { method: 'PUT', headers, body: empty });
  await world.until(async () => (await controller.status()).guards.length === 1);
  await world.pass(3_000);
  assert.deepEqual(await answersOf(world), { ...NORMAL, AS: ['eu-a', 'eu-b'] });
});

test('a target that the quorum has down goes on to serve the clients near the vantage that sees it', async () => {
  const { world, eu, us } = await settledWorld();
  await using _world = world;
  await eu.says({ 'us-a': 'down' });
  await us.says({ 'us-a': 'down' });
  await world.until(
    () => answersOf(world),
    ({ NA }) => NA?.[0] === 'eu-a',
    'down by quorum',
  );
  assert.deepEqual(await answersOf(world), { EU: NORMAL.EU, NA: NORMAL.EU, AS: ['us-a'], SA: NORMAL.EU });
});

test('a quarantined vantage has no view, nor has one that only suspects or sees everything down', async () => {
  const { world, ap } = await settledWorld();
  await using _world = world;
  await ap.says({ 'us-a': 'suspect' });
  await world.pass(3_000);
  assert.equal((await steeredSet(world))!.views, undefined);
  await ap.says(every('down'));
  await world.until(
    () => world.vantageEvents().at(-1)!,
    ({ to }) => to.state === 'quarantined',
  );
  await world.until(
    () => steeredSet(world),
    (set) => set!.views === undefined,
  );
  const quarantined = await generation(world);
  await ap.says({ 'eu-a': 'up', 'eu-b': 'up' });
  await world.pass(QUARANTINE_HOLD_MS / 2);
  assert.equal(await generation(world), quarantined);
  assert.deepEqual(await answersOf(world), NORMAL);
});

test('a view ends with its vantage, and none begins while the verdict is frozen', async () => {
  const { world, ap } = await settledWorld();
  await using _world = world;
  await ap.says({ 'us-a': 'down' });
  const dissenting = { ...NORMAL, AS: ['eu-a', 'eu-b'] };
  await world.until(
    () => answersOf(world),
    ({ AS }) => AS?.[0] === 'eu-a',
  );
  world.silence('eu');
  world.silence('us');
  await world.until(
    () => world.vantageEvents().length,
    (count) => count === 5,
    'two are silent',
  );
  await ap.says({ 'eu-a': 'down', 'eu-b': 'down' });
  await world.pass(3_000);
  assert.deepEqual(await answersOf(world), dissenting, 'prober deaths change nothing');
  world.silence('ap');
  await world.until(
    () => answersOf(world),
    ({ AS }) => AS?.[0] === 'us-a',
    'the quorum speaks for them',
  );
});
