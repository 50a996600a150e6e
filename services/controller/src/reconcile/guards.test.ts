/** Guards, TTLs that settle and weights that ramp up, over the whole loop, by a clock that the tests move. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { drainSchema } from '@signpost/contracts/drain';
import { guardHeld, guardKeys, type GuardHeld } from '@signpost/contracts/guard';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import { buckets } from '@signpost/contracts/subjects';

import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { startWorld, type ControllerHandle, type World } from '../testing/start-world.ts';

const GUARDED = `${EXAMPLE_YAML}guards: { max_capacity_removed: { percent: 40, within: 60s } }\n`;
/** 80 of the policy's 102. */
const WITHOUT_EU_A = GUARDED.replace('{ target: eu-a, weight: 80 }, ', '').replace(
  '  eu-a: { a: 192.0.2.10, aaaa: "2001:db8:1::10" }\n',
  '',
);
const ALL_UP = { 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' } as const;

async function settledWorld(yaml = GUARDED, vantages = ['eu', 'us']) {
  const world = await startWorld();
  const probers = vantages.map((vantage) => world.prober(vantage));
  for (const prober of probers) await prober.says(ALL_UP);
  const controller = await world.start({ yaml });
  await world.until(
    () => targets(world),
    (found) => found.includes('eu-a'),
    'first publication',
  );
  const say = async (states: Parameters<(typeof probers)[number]['says']>[0]) => {
    for (const prober of probers) await prober.says(states);
  };
  return { world, controller, say };
}

async function setOf(world: World): Promise<SteeredRecordSet | undefined> {
  const text = await world.answers('go.example.net');
  return text === '' ? undefined : (JSON.parse(text) as SteeredRecordSet);
}

/** Of all groups, each once. */
async function targets(world: World): Promise<string[]> {
  const groups = (await setOf(world))?.groups ?? [];
  return [...new Set(groups.flatMap(({ answers }) => answers.map(({ target }) => target)))].toSorted();
}

const ttl = async (world: World) => (await setOf(world))?.ttl;

function guardEvents({ events }: World): GuardHeld[] {
  return events.filter(({ type }) => type === guardHeld.type).map(({ data }) => data as GuardHeld);
}

async function apply({ url }: ControllerHandle, yaml: string): Promise<void> {
  const headers = { 'content-type': 'application/yaml' };
  const response = await fetch(`${url}/api/v1/configuration`, { method: 'PUT', headers, body: yaml });
  assert.equal(response.status, 200);
}

const approve = ({ url }: ControllerHandle, id: string) =>
  fetch(`${url}/api/v1/guards/${id}/approve`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'ops@example.net', reason: 'eu-a is sold' }),
  });

const untilHeld = (world: World, controller: ControllerHandle) =>
  world.until(
    async () => (await controller.status()).guards,
    (guards) => guards.length === 1,
    'a hold',
  );

test('a configuration that takes too much away is held, told once, and passes when it is approved', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  await apply(controller, WITHOUT_EU_A);
  const [hold] = await untilHeld(world, controller);
  await world.pass(90_000);
  assert.deepEqual(await targets(world), ['eu-a', 'eu-b', 'us-a']);
  assert.deepEqual([hold!.policy, hold!.cause, hold!.targets], ['global', 'configuration', ['eu-a']]);
  assert.equal(hold!.approve, `signpost approve ${hold!.id}`);
  assert.deepEqual(
    guardEvents(world).map(({ id, state, reason }) => [id, state, reason]),
    [[hold!.id, 'held', '78.4 % of the capacity would go within 1m, 40 % may']],
  );
  assert.equal((await approve(controller, 'nothing-like-it')).status, 404);
  assert.equal((await approve(controller, hold!.id)).status, 200);
  await world.until(
    () => targets(world),
    (found) => !found.includes('eu-a'),
    'approved',
  );
  await world.until(() => guardEvents(world).length === 2);
  await world.pass(20_000);
  const [, lifted, ...more] = guardEvents(world);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [lifted!.state, lifted!.by, lifted!.reason],
    ['lifted', 'ops@example.net', 'eu-a is sold'],
  );
  assert.deepEqual((await controller.status()).guards, []);
});

test('what is held is still judged: a confirmed failure of it passes, and it comes back', async () => {
  const { world, controller, say } = await settledWorld();
  await using _world = world;
  await apply(controller, WITHOUT_EU_A);
  await untilHeld(world, controller);
  const probes = await world.client.bucket(buckets.probes, {
    create: false,
    signal: AbortSignal.timeout(5_000),
  });
  await world.pass(11_000);
  const assigned = new TextDecoder().decode((await probes.get('eu.0'))!.value);
  assert.match(assigned, /"target":"eu-a"/, 'somebody checks it');
  await say({ 'eu-a': 'down' });
  await world.until(
    () => targets(world),
    (found) => !found.includes('eu-a'),
    'down',
  );
  await say({ 'eu-a': 'up' });
  await world.until(
    () => targets(world),
    (found) => found.includes('eu-a'),
    'up again',
  );
  assert.equal((await controller.status()).guards.length, 1);
});

test('a new leader goes on holding and tells nothing again; the right configuration lifts the hold', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  await apply(controller, WITHOUT_EU_A);
  const [hold] = await untilHeld(world, controller);
  await world.until(() => guardEvents(world).length === 1);
  await controller.stop();
  const next = await world.start();
  await world.until(async () => (await next.status()).controller.leader);
  await world.until(async () => (await next.status()).controller.converged);
  await world.pass(30_000);
  assert.deepEqual(await targets(world), ['eu-a', 'eu-b', 'us-a']);
  assert.deepEqual(
    (await next.status()).guards.map(({ id }) => id),
    [hold!.id],
  );
  assert.equal(guardEvents(world).length, 1);
  await apply(next, GUARDED);
  await world.until(
    () => guardEvents(world).map(({ state }) => state),
    (states) => states.join() === 'held,lifted',
    'lifted',
  );
  assert.deepEqual((await next.status()).guards, []);
});

test('a hold ends with its policy, and that is told', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  await apply(controller, WITHOUT_EU_A);
  const [hold] = await untilHeld(world, controller);
  await world.until(() => guardEvents(world).length === 1);
  await apply(
    controller,
    WITHOUT_EU_A.replace('  global:', '  other:').replace('steer: global', 'steer: other'),
  );
  await world.until(
    () => guardEvents(world).map(({ id, state, reason }) => [id, state, reason]),
    (events) => events.length === 2,
    'its end',
  );
  const [, lifted, ...more] = guardEvents(world);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [lifted!.id, lifted!.state, lifted!.reason],
    [hold!.id, 'lifted', 'the configuration has the policy no more'],
  );
  assert.deepEqual((await controller.status()).guards, []);
  assert.deepEqual(await targets(world), ['eu-b', 'us-a']);
});

test('a file that changed while no controller ran is held like any other', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  await controller.stop();
  await world.pass(10_000);
  const next = await world.start({ yaml: WITHOUT_EU_A });
  await untilHeld(world, next);
  await world.pass(30_000);
  assert.deepEqual(await targets(world), ['eu-a', 'eu-b', 'us-a']);
});

test('a standby shows what the leader holds, and takes approvals', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  const standby = await world.start();
  await apply(controller, WITHOUT_EU_A);
  const [hold] = await untilHeld(world, standby);
  assert.equal((await standby.status()).controller.leader, false);
  assert.equal((await approve(standby, hold!.id)).status, 200);
  await world.until(
    () => targets(world),
    (found) => !found.includes('eu-a'),
    'approved',
  );
});

test('a standby that leads after NATS was emptied goes on publishing', async () => {
  const { world, controller, say } = await settledWorld(
    GUARDED.replace('fall: 1', 'fall: 1\n    damping: off'),
  );
  await using _world = world;
  const standby = await world.start();
  const serves = (expected: readonly string[]) =>
    world.until(
      () => targets(world),
      (found) => found.join() === expected.join(),
      expected.join(),
    );
  // Each change is a revision of what the guard remembers, so that those of the new bucket are lower.
  for (const isUp of [false, true, false, true]) {
    await say({ 'eu-b': isUp ? 'up' : 'down' });
    await serves(isUp ? ['eu-a', 'eu-b', 'us-a'] : ['eu-a', 'us-a']);
  }
  await world.pass(2_000);
  world.server.wipe();
  await world.pass(11_000);
  await say({ ...ALL_UP, 'eu-b': 'down' });
  await serves(['eu-a', 'us-a']);
  await world.pass(2_000);
  // The lease was lost too, and either may have it now.
  const leads = (await controller.status()).controller.leader;
  const [leader, next] = leads ? [controller, standby] : [standby, controller];
  await leader.stop();
  await world.until(async () => (await next.status()).controller.leader);
  await say({ 'us-a': 'down' });
  await serves(['eu-a']);
});

test('what a lone vantage sees down is held beyond the limit, unless no limit is configured', async () => {
  const alone = (yaml: string) => yaml.replace('  us: {}\n  ap: {}\n', '');
  for (const [yaml, held] of [
    [GUARDED, true],
    [EXAMPLE_YAML, false],
  ] as const) {
    const { world, controller, say } = await settledWorld(alone(yaml), ['eu']);
    await using _world = world;
    await say({ 'eu-a': 'down' });
    if (held) {
      const [hold] = await untilHeld(world, controller);
      assert.equal(hold!.cause, 'vantage');
      assert.ok((await targets(world)).includes('eu-a'));
      const asked = `${controller.url}/api/v1/explain?name=go.example.net&client=192.0.2.1`;
      assert.match(
        await (await fetch(asked)).text(),
        new RegExp(`held by guard ${hold!.id}: down by 1 of 1`),
      );
      await say({ 'eu-a': 'up' });
      await world.until(async () => (await controller.status()).guards.length === 0);
    } else {
      await world.until(
        () => targets(world),
        (found) => !found.includes('eu-a'),
        'down',
      );
    }
  }
});

test('a quorum takes everything down and nothing is held', async () => {
  const { world, controller, say } = await settledWorld();
  await using _world = world;
  await say({ 'eu-a': 'down', 'eu-b': 'down', 'us-a': 'down' });
  await world.until(
    () => targets(world),
    (found) => found.join() === 'static-a',
    'the spare pool',
  );
  assert.deepEqual((await controller.status()).guards, []);
  assert.ok(controller.log.some(({ level, message }) => level === 'error' && message.includes('capacity')));
  assert.match(await controller.metrics(), /signpost_guard_alarms_total\{[^}]*policy="global"[^}]*\} 1\n/);
});

test('what guards remember and cannot be read, or is of another policy, is written anew and keeps no change back', async () => {
  const { world, say } = await settledWorld();
  await using _world = world;
  const bucket = await world.client.bucket(buckets.guards, {
    create: true,
    signal: AbortSignal.timeout(5_000),
  });
  const key = guardKeys.policy('global');
  const memory = JSON.parse(Buffer.from((await bucket.get(key))!.value).toString()) as object;
  for (const spoilt of ['of a later version', JSON.stringify({ ...memory, policy: 'another' })]) {
    await bucket.put(key, Buffer.from(spoilt));
    await say({ ...ALL_UP, 'eu-a': 'down' });
    await world.until(
      () => targets(world),
      (found) => !found.includes('eu-a'),
      'the dead target leaves the answers',
    );
    await say(ALL_UP);
    await world.until(
      () => targets(world),
      (found) => found.includes('eu-a'),
      'it comes back',
    );
    assert.deepEqual(JSON.parse(Buffer.from((await bucket.get(key))!.value).toString()).policy, 'global');
  }
});

test('the TTL is short while a target is suspect and for a minute after it changed, then long again', async () => {
  const { world, say } = await settledWorld();
  await using _world = world;
  assert.equal(await ttl(world), 30, 'what is known for the first time has settled');
  await say({ 'eu-b': 'suspect' });
  await world.until(
    () => ttl(world),
    (now) => now === 10,
    'suspect',
  );
  await say({ 'eu-b': 'up' });
  await world.pass(50_000);
  assert.equal(await ttl(world), 10, 'it has not settled');
  const { generation } = await world.store.writer.readAll();
  await world.until(
    () => ttl(world),
    (now) => now === 30,
    'settled',
  );
  await world.pass(120_000);
  const records = world.recordEvents().filter((event) => event.generation > generation);
  assert.deepEqual(
    records.map(({ why }) => why),
    [['time passed: TTLs settle, weights ramp up, time windows open and close']],
  );
});

test('a target that came back ramps up in steps, each one publication, also under a new leader', async () => {
  const ramping = GUARDED.replace('eu: { monitor: web,', 'eu: { monitor: web, ramp_up: 100s,');
  const { world, controller, say } = await settledWorld(ramping);
  await using _world = world;
  const shareOfA = async () => {
    const answers = (await setOf(world))?.groups.find(({ pool }) => pool === 'eu')?.answers ?? [];
    const sum = answers.reduce((total, { weight }) => total + weight, 0);
    return Math.round((100 * (answers.find(({ target }) => target === 'eu-a')?.weight ?? 0)) / sum);
  };
  assert.equal(await shareOfA(), 80);
  await say({ 'eu-a': 'down' });
  await world.until(shareOfA, (share) => share === 0, 'down');
  await say({ 'eu-a': 'up' });
  await world.until(shareOfA, (share) => share > 0, 'up again');
  assert.equal(await shareOfA(), 29, 'a tenth of 80 beside 20');
  const seen = [await shareOfA()];
  let leader = controller;
  for (let second = 0; second < 120; second += 1) {
    if (second === 45) {
      await leader.stop();
      leader = await world.start();
      await world.until(async () => (await leader.status()).controller.leader);
    }
    await world.pass(1_000);
    const share = await shareOfA();
    if (share !== seen.at(-1)) seen.push(share);
  }
  assert.deepEqual(
    seen.toSorted((a, b) => a - b),
    seen,
    'it only rises',
  );
  assert.equal(seen.at(-1), 80);
  assert.ok(seen.length >= 9, seen.join());
});

for (const restarted of [false, true]) {
  const how = restarted ? 'while another controller takes over' : 'under one that runs';
  test(`a wall clock that was days ahead and is set right ${how} holds back neither weight nor long TTLs`, async () => {
    const ramping = GUARDED.replace('eu: { monitor: web,', 'eu: { monitor: web, ramp_up: 100s,');
    const { world, controller, say } = await settledWorld(ramping);
    await using _world = world;
    const weightsOfEu = async () => {
      const answers = (await setOf(world))?.groups.find(({ pool }) => pool === 'eu')?.answers ?? [];
      return answers.map(({ target, weight }) => `${target} ${weight}`).join();
    };
    const whole = await weightsOfEu();
    world.clock.jumpWallClock(2 * 86_400_000);
    await say({ 'eu-a': 'down' });
    await world.until(weightsOfEu, (weights) => !weights.includes('eu-a'), 'down');
    await say({ 'eu-a': 'up' });
    await world.until(weightsOfEu, (weights) => weights.includes('eu-a'), 'up again');
    assert.notEqual(await weightsOfEu(), whole, 'it ramps');
    if (restarted) await controller.stop();
    world.clock.jumpWallClock(-2 * 86_400_000);
    if (restarted) await world.start();
    await world.pass(120_000);
    assert.equal(await weightsOfEu(), whole);
    assert.equal(await ttl(world), 30);
  });
}

test('a file that empties a name is held without any guards configured', async () => {
  const { world, controller } = await settledWorld(EXAMPLE_YAML);
  await using _world = world;
  const down = EXAMPLE_YAML.replaceAll(/( {2}\S+: \{ a: [^}]*?)( \}|, check)/g, '$1, status: down$2');
  await writeFile(world.file('signpost.yaml'), down);
  const [hold] = await untilHeld(world, controller);
  assert.match(hold!.why, /no answer left/);
  assert.deepEqual(await targets(world), ['eu-a', 'eu-b', 'us-a']);
});

test('what is down stays known while a configuration without it is held, and is told no second time', async () => {
  const { world, controller, say } = await settledWorld();
  await using _world = world;
  await say({ 'eu-a': 'down' });
  await world.until(
    () => targets(world),
    (found) => !found.includes('eu-a'),
    'down',
  );
  const alarms = async () =>
    /signpost_guard_alarms_total\{[^}]*\} (\d+)/.exec(await controller.metrics())?.[1];
  assert.equal(await alarms(), '1');
  const rest = WITHOUT_EU_A.replaceAll(/( {2}\S+: \{ a: [^}]*?)( \}|, check)/g, '$1, status: down$2');
  await apply(controller, rest);
  await untilHeld(world, controller);
  await world.pass(5_000);
  assert.deepEqual(await targets(world), ['eu-b', 'us-a']);
  assert.equal(await alarms(), '1');
  await apply(controller, WITHOUT_EU_A);
  await world.until(
    async () => (await controller.status()).guards.length === 0,
    Boolean,
    'no hold for the dead',
  );
});

const setDown = (controller: ControllerHandle, match: string) =>
  fetch(`${controller.url}/api/v1/overrides`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ match, set: 'down', by: 'ops', reason: 'moving', for: '1h' }),
  });

test('overrides that would leave a name without an answer are held until that is approved', async () => {
  const { world, controller } = await settledWorld(EXAMPLE_YAML);
  await using _world = world;
  assert.equal((await setDown(controller, '*')).status, 200);
  const [hold] = await untilHeld(world, controller);
  assert.deepEqual([hold!.cause, hold!.targets], ['override', ['eu-a', 'eu-b', 'us-a', 'static-a']]);
  await world.pass(5_000);
  assert.deepEqual(await targets(world), ['eu-a', 'eu-b', 'us-a']);
  assert.deepEqual(
    guardEvents(world).map(({ id, state }) => [id, state]),
    [[hold!.id, 'held']],
  );
  const drain = await fetch(`${controller.url}/api/v1/drains/eu-a`);
  assert.equal(
    drainSchema.parse(await drain.json()).reason,
    `go.example.net|A answers with it still: guard ${hold!.id} holds the override; "signpost approve ${hold!.id}" lets it pass`,
  );
  assert.equal((await approve(controller, hold!.id)).status, 200);
  await world.until(
    () => targets(world),
    (found) => found.length === 0,
    'no answer left',
  );
});

test('a target that is set down stays out when the configuration that removes it is held', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  assert.equal((await setDown(controller, 'pool/us')).status, 200);
  await world.until(
    () => targets(world),
    (found) => !found.includes('us-a'),
    'us-a out',
  );
  await apply(controller, WITHOUT_EU_A.replace('{ target: us-a }', '{ target: static-a }'));
  await untilHeld(world, controller);
  await world.pass(5_000);
  assert.deepEqual(await targets(world), ['eu-a', 'eu-b']);
});
