/** Questions about what has passed, over the whole controller: an outage, an override and a new configuration ago. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { explanationSchema, type Explanation } from '@signpost/contracts/explanation';

import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { type ControllerHandle, startWorld, type World } from '../testing/start-world.ts';

const TARGETS = ['eu-a', 'eu-b', 'us-a'];
const every = (state: 'up' | 'down') => Object.fromEntries(TARGETS.map((target) => [target, state]));

async function ask({ url }: ControllerHandle, atMs?: number, name = 'go.example.net'): Promise<Explanation> {
  const at = atMs === undefined ? '' : `&at=${new Date(atMs).toISOString()}`;
  const response = await fetch(`${url}/api/v1/explain?name=${name}&client=192.0.2.0/24${at}`);
  assert.equal(response.status, 200);
  return explanationSchema.parse(await response.json());
}

/**
 * What a person compares: all but the moment, and the generation, which says when it was published. How many vantages
 * agree may grow after the event, which tells of those that decided.
 */
function told({ at: _at, generation: _generation, ...rest }: Explanation): unknown {
  return JSON.parse(JSON.stringify(rest).replaceAll(/ by \d of 3 vantages \([a-z, ]+\)/g, '')) as unknown;
}

async function moment(world: World): Promise<number> {
  await world.pass(2_000);
  const atMs = world.clock.now();
  await world.pass(2_000);
  return atMs;
}

test('what is explained of a moment that has passed is what was explained then', async () => {
  await using world = await startWorld();
  const probers = ['eu', 'us', 'ap'].map((vantage) => world.prober(vantage));
  const say = async (states: Record<string, 'up' | 'down'>) => {
    for (const prober of probers) await prober.says(states);
  };
  await say(every('up'));
  const controller = await world.start({ yaml: EXAMPLE_YAML });
  const answers = (holds: (text: string) => boolean) =>
    world.until(() => world.answers('go.example.net'), holds);
  await answers((text) => text.includes('192.0.2.10'));
  const seen: { atMs: number; explained: Explanation }[] = [];
  const look = async () => {
    await world.pass(90_000); // TTLs settle, weights have ramped up
    const explained = await ask(controller);
    seen.push({ atMs: await moment(world), explained });
  };

  await look();
  await say({ ...every('up'), 'us-a': 'down' });
  await answers((text) => !text.includes('198.51.100.10'));
  await look();
  const made = await fetch(`${controller.url}/api/v1/overrides`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ match: 'target/eu-b', set: 'drain', by: 'ops', reason: 'work', for: '1h' }),
  });
  assert.ok(made.ok);
  await answers((text) => !text.includes('192.0.2.11'));
  await look();
  const applied = await fetch(`${controller.url}/api/v1/configuration`, {
    method: 'PUT',
    headers: { 'content-type': 'text/plain' },
    body: EXAMPLE_YAML.replace('weight: 80', 'weight: 60'),
  });
  assert.equal(applied.status, 200);
  await answers((text) => text.includes('"weight":60'));
  await look();
  await say(every('up'));
  await answers((text) => text.includes('198.51.100.10'));
  await look();

  for (const { atMs, explained } of seen) {
    const past = await ask(controller, atMs);
    assert.equal(past.at, new Date(atMs).toISOString());
    assert.deepEqual(told(past), told(explained));
  }
  const reasons = new Set(seen.map(({ explained }) => JSON.stringify(explained.rules)));
  assert.equal(reasons.size, seen.length, 'every moment looks otherwise');
});

test('what was published at a wildcard is told of names that it stood for', async () => {
  await using world = await startWorld();
  for (const vantage of ['eu', 'us', 'ap']) await world.prober(vantage).says(every('up'));
  const yaml = EXAMPLE_YAML.replace(
    'go: { steer: global }',
    'go: { steer: global }\n      "*.app": { steer: global }',
  );
  const controller = await world.start({ yaml });
  await world.until(
    () => world.answers('*.app.example.net'),
    (text) => text.includes('192.0.2.10'),
  );
  const { outcome, notes } = await ask(controller, await moment(world), 'shop.app.example.net');
  assert.deepEqual([outcome, notes], ['steered', undefined]);
});

test('of what is not known, and of what is to come, it is said so', async () => {
  await using world = await startWorld();
  for (const vantage of ['eu', 'us', 'ap']) await world.prober(vantage).says(every('up'));
  const controller = await world.start({ yaml: EXAMPLE_YAML });
  await world.until(
    () => world.answers('go.example.net'),
    (text) => text.includes('192.0.2.10'),
  );
  for (const [offsetMs, reason] of [
    [-3_600_000, /no configuration of that time is known/],
    [3_600_000, /still to come/],
  ] as const) {
    const at = new Date(world.clock.now() + offsetMs).toISOString();
    const response = await fetch(`${controller.url}/api/v1/explain?name=go.example.net&client=::1&at=${at}`);
    assert.equal(response.status, 404);
    assert.match(await response.text(), reason);
  }
});
