/** Overrides over real HTTP: made, listed, lifted, refused, and guarded as an apply is. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drainSchema } from '@signpost/contracts/drain';
import {
  overrideListSchema,
  overrideMadeSchema,
  overridesLiftedSchema,
  type OverrideView,
} from '@signpost/contracts/override';

import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { startWorld, type ControllerHandle, type World } from '../testing/start-world.ts';

const TOKEN = 'a-token-that-is-long-enough';
const REQUEST = { match: 'eu-*', set: 'drain', by: 'ops@example.net', reason: 'kernel', for: '2h' };

async function runningWorld(more = ''): Promise<{ world: World; controller: ControllerHandle }> {
  const world = await startWorld();
  const controller = await world.start({ yaml: EXAMPLE_YAML + more, token: TOKEN });
  await world.until(async () => (await world.store.writer.readAll()).generation > 0);
  return { world, controller };
}

const call = (controller: ControllerHandle, method: string, path: string, body?: object) =>
  fetch(`${controller.url}/api/v1/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const post = async (controller: ControllerHandle, fields: object = {}) =>
  overrideMadeSchema.parse(
    await (await call(controller, 'POST', 'overrides', { ...REQUEST, ...fields })).json(),
  );
const list = async (controller: ControllerHandle): Promise<OverrideView[]> =>
  overrideListSchema.parse(await (await call(controller, 'GET', 'overrides')).json()).overrides;
const who = 'by=ops&reason=done';

test('an override is made with its end by our clock, listed with what it comes to, and lifted by id', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  const { override, targets } = await post(controller);
  assert.deepEqual(targets, ['eu-a', 'eu-b']);
  assert.equal(override.untilMs - world.clock.now(), 7_200_000);
  await post(controller, { match: 'eu-a', source: 'external', set: 'up' });
  const listed = await world.until(
    () => list(controller),
    (views) => views.length === 2 && views[0]!.inForce.length + views[1]!.inForce.length > 0,
  );
  assert.deepEqual(
    listed.map(({ match, source, inForce }) => `${match} ${source} ${inForce.join()}`).toSorted(),
    ['eu-* human eu-a,eu-b', 'eu-a external '],
  );
  const lifted = await call(controller, 'DELETE', `overrides/${override.id}?${who}`);
  assert.deepEqual(
    overridesLiftedSchema.parse(await lifted.json()).lifted.map(({ id }) => id),
    [override.id],
  );
  assert.equal((await call(controller, 'DELETE', `overrides/${override.id}?${who}`)).status, 404);
  await world.until(
    async () => (await list(controller)).map(({ inForce }) => inForce.join()).join() === 'eu-a',
  );
});

test('what is wrong is refused with the remedy, and nothing is made', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  const refusal = async (fields: object) => {
    const response = await call(controller, 'POST', 'overrides', { ...REQUEST, ...fields });
    const { detail } = (await response.json()) as { detail: string };
    return `${response.status} ${detail}`;
  };
  assert.equal(await refusal({ match: 'us-b' }), '422 "us-b" matches no target; did you mean "us-a"?');
  assert.match(await refusal({ for: undefined }), /^422 an override needs an end/);
  assert.match(
    await refusal({ until: '2030-01-01T00:00:00Z' }),
    /^422 an override needs an end: give either/,
  );
  assert.match(await refusal({ for: undefined, until: '2020-01-01T00:00:00Z' }), /^422 it would end before/);
  assert.match(await refusal({ for: '400d' }), /^422 it may last 366 days at most/);
  assert.match(await refusal({ set: 'off' }), /^400 /);
  assert.match(await refusal({ reason: 'two\nlines' }), /^400 /);
  assert.match(await refusal({ by: '' }), /^400 /);
  assert.deepEqual(await list(controller), []);
});

test('obey by match lifts what holds for nothing else, and tells what remains', async () => {
  const { world, controller } = await runningWorld(
    'overrides: [{ match: us-a, set: drain, until: "2030-01-01T00:00:00Z", by: ops, reason: move }]\n',
  );
  await using _world = world;
  await post(controller, { match: '*' });
  await post(controller, { match: 'eu-a' });
  await world.until(async () => (await list(controller)).length === 3);
  const obey = async (match: string) => {
    const response = await call(controller, 'DELETE', `overrides?match=${match}&${who}`);
    const { lifted, remaining } = overridesLiftedSchema.parse(await response.json());
    const named = (views: readonly { match: string }[]) =>
      views
        .map((view) => view.match)
        .toSorted()
        .join();
    return `${named(lifted)} | ${named(remaining)}`;
  };
  assert.equal(await obey('eu-a'), 'eu-a | *');
  assert.equal(await obey('pool/us'), ' | *,us-a');
  assert.equal(await obey('*'), '* | us-a');
  await world.until(async () => (await list(controller)).length === 1);
  assert.equal(await obey('eu-b'), ' | ');
  assert.equal((await call(controller, 'DELETE', `overrides?match=nobody&${who}`)).status, 422);
});

test('a drain is looked up by target; without the token nothing is answered', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  const drain = await (await call(controller, 'GET', 'drains/eu-a')).json();
  assert.equal(drainSchema.parse(drain).phase, 'none');
  assert.equal((await call(controller, 'GET', 'drains/eu-x')).status, 404);
  for (const [method, path] of [
    ['POST', 'overrides'],
    ['GET', 'overrides'],
    ['DELETE', `overrides?match=*&${who}`],
    ['GET', 'drains/eu-a'],
  ] as const) {
    assert.equal(
      (await fetch(`${controller.url}/api/v1/${path}`, { method })).status,
      401,
      `${method} ${path}`,
    );
  }
});

test('while NATS is away an override is refused with 503, since nobody could act on it', async () => {
  const { world, controller } = await runningWorld();
  await using _world = world;
  controller.messaging.setReachable(false);
  assert.equal((await call(controller, 'POST', 'overrides', REQUEST)).status, 503);
  controller.messaging.setReachable(true);
  await post(controller);
});
