/** A candidate beside what runs, over the whole controller: kept, compared by sampled answers, promoted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type AnswerSample, answersSampled } from '@signpost/contracts/answer-sample';
import { type Candidate, candidateSchema } from '@signpost/contracts/candidate';
import { encodeEvent } from '@signpost/contracts/cloud-event';
import { appliedSchema } from '@signpost/contracts/configuration-changes';
import { subjects } from '@signpost/contracts/subjects';

import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { type ControllerHandle, startWorld, type World } from '../testing/start-world.ts';

async function settled() {
  const world = await startWorld();
  for (const vantage of ['eu', 'us', 'ap']) {
    await world.prober(vantage).says({ 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' });
  }
  const controller = await world.start({ yaml: EXAMPLE_YAML });
  await world.until(
    () => world.answers('go.example.net'),
    (text) => text.includes('192.0.2.10') && text.includes('198.51.100.10'),
  );
  await world.pass(70_000);
  return { world, controller };
}

/** So many answers each of clients nobody knows the place of: by the last rule, from us-a. */
function tellSamples(world: World, weights: readonly number[], more: Partial<AnswerSample> = {}): void {
  const samples = weights.map((weight, index): AnswerSample => ({
    atMs: world.clock.now(),
    owner: 'go.example.net',
    type: 'A',
    policy: 'global',
    pool: 'us',
    targets: ['us-a'],
    resolver: `10.${index}.0.0/24`,
    sourceLength: 32,
    scope: 0,
    ttl: 30,
    weight,
    ...more,
  }));
  const data = { zone: 'example.net', node: 'n1', samples };
  const fields = { id: '1', source: '/test', subject: 'example.net', atMs: world.clock.now(), data };
  world.client.core.publish(subjects.answersSampled('example.net'), encodeEvent(answersSampled, fields));
}

function propose({ url }: ControllerHandle, yaml: string): Promise<Response> {
  const headers = { 'content-type': 'application/yaml' };
  return fetch(`${url}/api/v1/candidate`, { method: 'PUT', headers, body: yaml });
}

async function proposed(controller: ControllerHandle, yaml: string): Promise<Candidate> {
  const response = await propose(controller, yaml);
  assert.equal(response.status, 200, await response.clone().text());
  return candidateSchema.parse(await response.json());
}

function promote({ url }: ControllerHandle, hash: string): Promise<Response> {
  const headers = { 'content-type': 'application/json' };
  return fetch(`${url}/api/v1/candidate/promote`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ hash }),
  });
}

test('the same configuration moves nobody', async () => {
  const { world, controller } = await settled();
  await using _world = world;
  tellSamples(world, [5, 3]);
  const { comparison } = await proposed(controller, EXAMPLE_YAML);
  assert.deepEqual(comparison.names, []);
  assert.deepEqual([comparison.samples, comparison.answers, comparison.moved], [2, 8, 0]);
  assert.deepEqual(comparison.targets, [{ target: 'us-a', now: 1, by: 1 }]);
});

test('it is told who moves where, by how many answers each sample stands for', async () => {
  const { world, controller } = await settled();
  await using _world = world;
  tellSamples(world, [6, 2]);
  const rule = '- { when: { subnets: [10.1.0.0/16] }, try: [eu, us] }\n      - { try: [us, eu, spare] }';
  const { comparison } = await proposed(controller, EXAMPLE_YAML.replace('- { try: [us, eu, spare] }', rule));
  assert.equal(comparison.moved, 0.25);
  assert.deepEqual(
    comparison.moves.map(({ from, to, share }) => [from, to, Math.round(share * 1e6) / 1e6]),
    [
      ['us-a', 'eu-a', 0.2],
      ['us-a', 'eu-b', 0.05],
    ],
  );
  assert.deepEqual(comparison.names, [
    { zone: 'example.net', owner: 'go.example.net', type: 'A', change: 'changed' },
    { zone: 'example.net', owner: 'go.example.net', type: 'AAAA', change: 'changed' },
  ]);
});

test('weights are compared by shares: 80/20 against 60/40 moves a fifth', async () => {
  const { world, controller } = await settled();
  await using _world = world;
  tellSamples(world, [10], { client: '81.2.69.0/24' });
  const everybodyToEu = EXAMPLE_YAML.replace('try: [us, eu, spare]', 'try: [eu]');
  const first = await proposed(controller, everybodyToEu);
  assert.equal((await promote(controller, first.hash)).status, 200);
  await world.until(async () => (await world.answers('go.example.net')).includes('"branch":0}]'));
  await world.pass(70_000);
  tellSamples(world, [10]);
  const { comparison } = await proposed(
    controller,
    everybodyToEu.replace('weight: 80', 'weight: 60').replace('weight: 20', 'weight: 40'),
  );
  assert.equal(Math.round(comparison.moved * 1e6) / 1e6, 0.2);
  assert.deepEqual(
    comparison.moves.map(({ from, to }) => [from, to]),
    [['eu-a', 'eu-b']],
  );
});

test('answers that would become empty are told first', async () => {
  const { world, controller } = await settled();
  await using _world = world;
  tellSamples(world, [3, 1]);
  const fence = '- { when: { subnets: [10.1.0.0/16] }, try: [] }\n      - { try: [us, eu, spare] }';
  const { comparison } = await proposed(
    controller,
    EXAMPLE_YAML.replace('- { try: [us, eu, spare] }', fence),
  );
  assert.equal(comparison.emptied, 0.25);
  assert.deepEqual(comparison.names[0]?.change, 'empties');
  const gone = await proposed(controller, EXAMPLE_YAML.replace('go: { steer', 'went: { steer'));
  assert.equal(gone.comparison.emptied, 1);
  assert.equal(gone.comparison.names[0]?.change, 'removed');
});

test('exactly the candidate that was compared is applied, and nothing before that', async () => {
  const { world, controller } = await settled();
  await using _world = world;
  const before = await world.answers('go.example.net');
  const old = await proposed(controller, EXAMPLE_YAML.replace('weight: 80', 'weight: 70'));
  const next = await proposed(controller, EXAMPLE_YAML.replace('weight: 80', 'weight: 60'));
  await world.pass(3_000);
  assert.equal(await world.answers('go.example.net'), before);
  assert.equal((await promote(controller, old.hash)).status, 404);
  const promoted = await promote(controller, next.hash.slice(0, 12));
  assert.equal(promoted.status, 200);
  assert.deepEqual(appliedSchema.parse(await promoted.json()).changes.nouns, {
    pools: { added: 0, removed: 0, changed: 1 },
  });
  await world.until(
    () => world.answers('go.example.net'),
    (text) => text.includes('"weight":60'),
  );
  const response = await fetch(`${controller.url}/api/v1/configuration`);
  assert.match(await response.text(), /"weight":60/);
  assert.equal(
    (await fetch(`${controller.url}/api/v1/candidate`)).status,
    404,
    'it is no candidate any more',
  );
});

test('a candidate with mistakes is refused with all of them, and the last one stays', async () => {
  const { world, controller } = await settled();
  await using _world = world;
  const good = await proposed(controller, EXAMPLE_YAML.replace('weight: 80', 'weight: 60'));
  const response = await propose(controller, EXAMPLE_YAML.replace('try: [us, eu, spare]', 'try: [moon]'));
  assert.equal(response.status, 422);
  assert.match(await response.text(), /moon/);
  const kept = candidateSchema.parse(await (await fetch(`${controller.url}/api/v1/candidate`)).json());
  assert.equal(kept.hash, good.hash);
});
