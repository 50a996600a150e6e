/** Who is believed, over the whole controller: quarantine, silence, damping, heartbeats, calculated monitors. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { encodeTargetHeartbeat, type TargetHeartbeat } from '@signpost/contracts/target-heartbeat';
import { subjects } from '@signpost/contracts/subjects';

import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { startWorld, type ControllerHandle, type World } from '../testing/start-world.ts';
import { QUARANTINE_HOLD_MS } from '../verdict/judge-vantages.ts';

const VANTAGES = ['eu', 'us', 'ap'];
const TARGETS = ['eu-a', 'eu-b', 'us-a', 'x-a', 'x-b', 'x-c'];
/** The example with six targets that are monitored. */
const SIX_YAML = EXAMPLE_YAML.replace(
  '  static-a:',
  '  x-a: { a: 192.0.2.101 }\n  x-b: { a: 192.0.2.102 }\n  x-c: { a: 192.0.2.103 }\n  static-a:',
).replace(
  '  spare:',
  '  x: { monitor: web, members: [ { target: x-a }, { target: x-b }, { target: x-c } ] }\n  spare:',
);

const every = (state: 'up' | 'down') => Object.fromEntries(TARGETS.map((target) => [target, state]));

/** Three vantages see everything up. */
async function settledWorld(yaml = SIX_YAML) {
  const world = await startWorld();
  const probers = VANTAGES.map((vantage) => world.prober(vantage));
  for (const prober of probers) await prober.says(every('up'));
  const controller = await world.start({ yaml });
  await world.until(
    () => world.answers('go.example.net'),
    (set) => set.includes('192.0.2.11'),
    'published',
  );
  await world.until(
    () => world.vantageEvents().length,
    (count) => count === 3,
    'vantages vote',
  );
  const [eu, us, ap] = probers;
  return { world, controller, eu: eu!, us: us!, ap: ap! };
}

const stateOf = async (controller: ControllerHandle, target: string, monitor = 'web') =>
  (await controller.status()).targets.find((each) => each.target === target && each.monitor === monitor)!;
const standingOf = async (controller: ControllerHandle, vantage: string) =>
  (await controller.status()).vantages.find((each) => each.vantage === vantage)!;
const generation = async (world: World) => (await world.store.writer.readAll()).generation;
const changesOf = (world: World) =>
  world.vantageEvents().map(({ vantage, from, to }) => `${vantage} ${from.state} -> ${to.state}`);

test('one of three vantages cut off from all targets is quarantined, and no answer changes', async () => {
  const { world, controller, ap } = await settledWorld();
  await using _world = world;
  const before = await generation(world);
  await ap.says(every('down'));
  await world.until(
    () => changesOf(world),
    (changes) => changes.includes('ap voting -> quarantined'),
  );
  await world.pass(10_000);
  assert.equal(await generation(world), before);
  const { reason, evidence } = world.vantageEvents().at(-1)!;
  assert.match(reason, /^it sees 6 of 6 targets fail/);
  assert.deepEqual([evidence.failing, evidence.contradicted], [6, 6]);
  assert.equal((await standingOf(controller, 'ap')).state, 'quarantined');
  const shown = await stateOf(controller, 'eu-b');
  assert.match(shown.reason, /up by 2 of 3 vantages \(eu, us\).* \(ap not believed\)$/);
  assert.equal(shown.evidence.find(({ vantage }) => vantage === 'ap')!.quarantined, true);
  assert.match(
    await controller.metrics(),
    /signpost_vantage\{[^}]*vantage="ap",state="quarantined"[^}]*\} 1/,
  );

  await ap.says(every('up'));
  await world.pass(QUARANTINE_HOLD_MS + 2_000);
  assert.equal(changesOf(world).at(-1), 'ap quarantined -> voting');
  assert.equal(world.vantageEvents().length, 5);
});

test('with quorum any, a vantage that is quarantined takes nothing out', async () => {
  const yaml = SIX_YAML.replace('fall: 1', 'fall: 1\n    vantages: { quorum: any }');
  const { world, controller, ap, eu } = await settledWorld(yaml);
  await using _world = world;
  await eu.says({ 'us-a': 'down' });
  await world.until(
    async () => (await stateOf(controller, 'us-a')).state === 'down',
    Boolean,
    'any suffices',
  );
  await ap.says(every('down'));
  await world.until(
    () => changesOf(world),
    (changes) => changes.includes('ap voting -> quarantined'),
  );
  await world.until(async () => (await stateOf(controller, 'eu-b')).state === 'up', Boolean, 'not believed');
});

test('two of three probers killed: verdicts freeze, and events say so; a new leader repeats none', async () => {
  const { world, controller, ap } = await settledWorld();
  await using _world = world;
  const before = await generation(world);
  world.silence('eu');
  world.silence('us');
  await world.until(
    () => changesOf(world).length,
    (count) => count === 5,
    'two more events',
  );
  assert.deepEqual(changesOf(world).slice(3).toSorted(), ['eu voting -> silent', 'us voting -> silent']);
  assert.match(world.vantageEvents().at(-1)!.reason, /6 verdicts are frozen for want of votes/);
  await ap.says({ 'eu-b': 'down' });
  await world.pass(5_000);
  const frozen = await stateOf(controller, 'eu-b');
  assert.deepEqual([frozen.state, frozen.frozen], ['up', true]);
  assert.match(frozen.reason, /^too few votes \(1 of 2 needed\): last verdict stands/);
  assert.match(await controller.metrics(), /signpost_verdicts_frozen(\{[^}]*\})? 6/);

  await controller.stop();
  const next = await world.start({ yaml: SIX_YAML });
  await world.until(async () => (await next.status()).controller.converged);
  await world.pass(8_000);
  assert.equal(world.vantageEvents().length, 5);
  assert.equal((await stateOf(next, 'eu-b')).state, 'up');
  assert.equal(await generation(world), before);

  await world.prober('eu').says({ ...every('up'), 'eu-b': 'down' });
  await world.until(
    () => changesOf(world).at(-1),
    (change) => change === 'eu silent -> voting',
  );
  await world.until(async () => (await stateOf(next, 'eu-b')).state === 'down');
});

test('a target that flaps is damped, the next leader keeps it out, and it comes back in time', async () => {
  const { world, controller, eu, us } = await settledWorld();
  await using _world = world;
  for (let i = 0; i < 12; i += 1) {
    await eu.says({ 'eu-b': i % 2 === 0 ? 'down' : 'up' });
    await us.says({ 'eu-b': i % 2 === 0 ? 'down' : 'up' });
    await world.pass(1_000);
  }
  const damped = await stateOf(controller, 'eu-b');
  assert.equal(damped.state, 'down');
  assert.match(damped.reason, /^damped until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ: up by /);
  assert.ok(damped.dampedUntilMs! > world.clock.now());
  const last = world.healthEvents().at(-1)!;
  assert.deepEqual([last.target, last.to.state], ['eu-b', 'down']);
  assert.ok(last.to.dampedUntilMs !== undefined && last.reason.startsWith('damped until'));
  assert.ok(!(await world.answers('go.example.net')).includes('192.0.2.11'));
  assert.match(await controller.metrics(), /signpost_verdicts_damped(\{[^}]*\})? 1/);

  const told = world.healthEvents().length;
  await controller.stop();
  const next = await world.start({ yaml: SIX_YAML });
  await world.until(async () => (await next.status()).controller.leader);
  await world.pass(3_000);
  assert.equal((await stateOf(next, 'eu-b')).dampedUntilMs, damped.dampedUntilMs);
  assert.equal(world.healthEvents().length, told);
  await world.pass(damped.dampedUntilMs! - world.clock.now() + 2_000);
  assert.equal((await stateOf(next, 'eu-b')).state, 'up');
  assert.equal(world.healthEvents().length, told + 1);
});

const PUSH_YAML = EXAMPLE_YAML.replace(
  'monitors:',
  `monitors:
  queue: { type: push, expect_every: 5s }
  site-ok: { type: calculated, all: [web, queue] }`,
).replace('monitor: web, members: [ { target: us-a }', 'monitor: site-ok, members: [ { target: us-a }');

test('a target of a push monitor is up while its heartbeats arrive, and a calculated monitor goes by it', async () => {
  await using world = await startWorld();
  const beat = (heartbeat?: TargetHeartbeat) =>
    world.client.core.publish(
      subjects.targetHeartbeat('us-a'),
      heartbeat === undefined ? new Uint8Array() : encodeTargetHeartbeat(heartbeat),
    );
  for (const vantage of ['eu', 'us']) await world.prober(vantage).says(every('up'));
  const controller = await world.start({ yaml: PUSH_YAML });
  await world.until(async () => (await controller.status()).controller.leader);
  beat();
  await world.until(async () => (await stateOf(controller, 'us-a', 'site-ok')).state === 'up');
  assert.equal((await stateOf(controller, 'us-a', 'queue')).reason, 'heartbeats arrive, expected every 5s');

  await world.pass(7_000);
  assert.equal((await stateOf(controller, 'us-a', 'site-ok')).state, 'suspect');
  await world.pass(10_000);
  const down = await stateOf(controller, 'us-a', 'site-ok');
  assert.equal(down.state, 'down');
  assert.equal(
    down.reason,
    'down by all of web, queue: queue is down, no heartbeat for more than 15s, expected every 5s',
  );
  await world.until(
    () => world.answers('go.example.net'),
    (set) => !set.includes('198.51.100.10'),
  );

  const posted = await fetch(`${controller.url}/api/v1/heartbeat/us-a`, { method: 'POST' });
  assert.equal(posted.status, 202);
  await world.until(async () => (await stateOf(controller, 'us-a', 'site-ok')).state === 'up');
  beat({ status: 'draining', reason: 'deploy' });
  await world.until(async () => (await stateOf(controller, 'us-a', 'site-ok')).state === 'down');
  assert.match((await stateOf(controller, 'us-a', 'site-ok')).reason, /its heartbeat says draining: deploy$/);
});

test('a new leader, and one that was cut off, give every target a whole period before silence counts', async () => {
  const { world, controller } = await settledPush();
  await using _world = world;
  controller.messaging.setReachable(false);
  await world.pass(60_000);
  assert.equal((await stateOf(controller, 'us-a', 'queue')).state, 'up');
  controller.messaging.setReachable(true);
  await world.pass(4_000);
  assert.equal((await stateOf(controller, 'us-a', 'queue')).state, 'up');
  await controller.stop();
  const next = await world.start({ yaml: PUSH_YAML });
  await world.until(async () => (await next.status()).controller.leader);
  await world.pass(4_000);
  assert.equal((await stateOf(next, 'us-a', 'queue')).state, 'up');
  await world.pass(4_000);
  assert.equal((await stateOf(next, 'us-a', 'queue')).state, 'suspect');
});

async function settledPush() {
  const world = await startWorld();
  for (const vantage of ['eu', 'us']) await world.prober(vantage).says(every('up'));
  const controller = await world.start({ yaml: PUSH_YAML });
  await world.until(async () => {
    world.client.core.publish(subjects.targetHeartbeat('us-a'), new Uint8Array());
    return (
      (await controller.status()).controller.leader &&
      (await stateOf(controller, 'us-a', 'queue')).state === 'up'
    );
  });
  await world.until(
    () => world.answers('go.example.net'),
    (set) => set !== '',
  );
  return { world, controller };
}

test('heartbeats of targets that nobody expects are refused by the API, and what is malformed everywhere', async () => {
  const { world, controller } = await settledPush();
  await using _world = world;
  const post = (target: string, body?: string, headers: Record<string, string> = {}) =>
    fetch(`${controller.url}/api/v1/heartbeat/${target}`, {
      method: 'POST',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body }),
    });
  assert.equal((await post('us-a', '{"status":"up"}')).status, 202);
  assert.equal((await post('eu-a')).status, 404);
  assert.equal((await post('us-a', '{"status":"fine"}')).status, 400);
  assert.equal((await post('us-a', undefined, { origin: 'https://evil.example' })).status, 403);
  controller.messaging.setReachable(false);
  assert.equal((await post('us-a')).status, 503);
  controller.messaging.setReachable(true);
  const dropped = /signpost_reports_total\{[^}]*outcome="dropped"[^}]*\} 2/;
  world.client.core.publish(subjects.targetHeartbeat('us-a'), Uint8Array.of(0xff));
  world.client.core.publish('signpost.signal.heartbeat.Not-A-Name', new Uint8Array());
  await world.until(
    () => controller.metrics(),
    (text) => dropped.test(text),
  );
});
