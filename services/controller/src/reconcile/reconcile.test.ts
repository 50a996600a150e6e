/** The main path over messaging and a store within the process, by a clock that the tests move. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { after, test } from 'node:test';

import { propagation, trace, type TextMapPropagator } from '@opentelemetry/api';
import { MANIFEST_KEY } from '@signpost/contracts/configuration';
import { StoreError, type RecordWriter } from '@signpost/contracts/record-store';
import { buckets, streams, subjects } from '@signpost/contracts/subjects';
import { VANTAGE_KEYS } from '@signpost/contracts/vantage-standing';

import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { startWorld, type ControllerHandle, type World } from '../testing/start-world.ts';
import { CONVERGE_WITHIN_MS } from './observe.ts';

const ALL_UP = { 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' } as const;

/** Two of three vantages see everything up, and the controller has published. */
async function settledWorld() {
  const world = await startWorld();
  const eu = world.prober('eu');
  const us = world.prober('us');
  await eu.says(ALL_UP);
  await us.says(ALL_UP);
  const controller = await world.start({ yaml: EXAMPLE_YAML });
  await world.until(
    () => world.answers('go.example.net'),
    (set) => set.includes('192.0.2.11'),
    'first publication',
  );
  await world.until(
    () => world.recordEvents().length,
    (count) => count === 1,
  );
  return { world, eu, us, controller };
}

const allAnnounced = (world: World) =>
  world.until(async () => {
    const { generation } = await world.store.writer.readAll();
    return world.recordEvents().at(-1)?.generation === generation;
  });

test('a target that two of three vantages see down leaves the record set; each event is told once', async () => {
  const { world, eu, us } = await settledWorld();
  await using _world = world;
  assert.equal(world.healthEvents().length, 3);
  await eu.says({ 'eu-b': 'down' });
  await world.pass(2_000);
  assert.ok(
    (await world.answers('go.example.net')).includes('192.0.2.11'),
    'one vantage alone decides nothing',
  );
  await us.says({ 'eu-b': 'down' });
  await world.until(
    () => world.answers('go.example.net'),
    (set) => !set.includes('192.0.2.11'),
    'out of the answers',
  );
  await allAnnounced(world);
  await world.pass(5_000);
  const [change, ...more] = world.healthEvents().slice(3);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [change!.target, change!.from.state, change!.to.state, change!.reason],
    ['eu-b', 'up', 'down', 'down by 2 of 3 vantages (eu, us): connection refused'],
  );
  assert.deepEqual(
    change!.evidence.map(({ vantage, fresh }) => [vantage, fresh]),
    [
      ['eu', true],
      ['us', true],
    ],
  );
  const records = world.recordEvents();
  assert.equal(records.length, 2);
  assert.match(records[1]!.why.join(), /health web\/eu-b: up -> down, down by 2 of 3/);
  assert.deepEqual(
    records[1]!.changes.map(({ owner, type }) => `${owner}|${type}`),
    // AAAA for its TTL: the policy has not settled.
    ['go.example.net|A', 'go.example.net|AAAA'],
  );
});

test('a prober that dies takes no target with it', async () => {
  const { world } = await settledWorld();
  await using _world = world;
  const { generation } = await world.store.writer.readAll();
  world.silence('eu');
  world.silence('us');
  await world.pass(20_000);
  assert.equal((await world.store.writer.readAll()).generation, generation);
  assert.equal(world.healthEvents().length, 3);
});

test('nothing is published before health is known, and after 10 s stored verdicts stand in', async () => {
  await using world = await startWorld();
  const controller = await world.start({ yaml: EXAMPLE_YAML });
  await world.until(async () => (await controller.status()).controller.configRevision !== undefined);
  await world.pass(CONVERGE_WITHIN_MS - 2_000);
  assert.equal((await world.store.writer.readAll()).generation, 0);
  assert.equal(controller.ready(), false);
  await world.until(async () => (await world.store.writer.readAll()).generation > 0);
  assert.equal(controller.ready(), true);
  assert.ok((await controller.status()).targets.some(({ state }) => state === 'unknown'));
});

test('a restart keeps the verdicts, though no prober is left to confirm them', async () => {
  const { world, eu, us, controller } = await settledWorld();
  await using _world = world;
  await eu.says({ 'eu-b': 'down' });
  await us.says({ 'eu-b': 'down' });
  await world.until(
    () => world.answers('go.example.net'),
    (set) => !set.includes('192.0.2.11'),
  );
  await allAnnounced(world);
  await controller.stop();
  world.silence('eu');
  world.silence('us');
  const { generation } = await world.store.writer.readAll();
  const next = await world.start({ yaml: EXAMPLE_YAML });
  await world.until(async () => (await next.status()).controller.converged);
  await world.pass(3_000);
  const { targets } = await next.status();
  assert.equal(targets.find(({ target }) => target === 'eu-b')!.state, 'down');
  assert.equal((await world.store.writer.readAll()).generation, generation, 'nothing was published anew');
  assert.equal(world.healthEvents().length, 4);
  assert.equal(world.recordEvents().length, 2);
});

test('what was published but not announced is announced by the next leader, once', async () => {
  const { world, eu, us, controller } = await settledWorld();
  await using _world = world;
  // The old leader dies after the store took the publication and before any event was appended.
  const events = await world.client.stream(streams.events, {
    create: true,
    signal: AbortSignal.timeout(5_000),
  });
  const before = await events.last(subjects.recordsChanged('example.net'));
  const dying = crashAfterPublish(world, controller);
  await eu.says({ 'eu-b': 'down' });
  await us.says({ 'eu-b': 'down' });
  await dying;
  const { generation } = await world.store.writer.readAll();
  assert.equal((await events.last(subjects.recordsChanged('example.net')))?.sequence, before?.sequence);
  const next = await world.start({ yaml: EXAMPLE_YAML });
  await world.until(async () => (await next.status()).controller.leader);
  await allAnnounced(world);
  await world.pass(3_000);
  const announced = world.recordEvents().filter((event) => event.generation === generation);
  assert.equal(announced.length, 1);
  assert.match(announced[0]!.why.join(), /eu-b/);
  assert.equal(
    world.healthEvents().filter(({ to }) => to.state === 'down').length,
    1,
    'nor is the verdict lost',
  );
});

/** Cuts a controller off from NATS the moment the store has taken its next publication, for good. */
async function crashAfterPublish(world: World, controller: ControllerHandle): Promise<void> {
  const reader = world.store.reader();
  await using _reader = reader;
  const position = await reader.position();
  const original = { ...world.store.writer };
  world.store.writer.publish = async (publication, token) => {
    const outcome = await original.publish(publication, token);
    controller.messaging.setReachable(false);
    return outcome;
  };
  await world.until(async () => (await reader.changesAfter(position, 0)).length > 0);
  Object.assign(world.store.writer, original);
  await controller.stop();
}

test('a leader that was paused is refused by the store and stops leading', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  const { generation } = await world.store.writer.readAll();
  // Another controller wrote under a newer token.
  const newer = { createdAtMs: Number.MAX_SAFE_INTEGER, revision: 1 };
  await world.store.writer.tick(1, newer);
  const [eu, us] = [world.prober('eu'), world.prober('us')];
  await world.pass(1_000);
  await eu.says({ ...ALL_UP, 'eu-b': 'down' });
  await us.says({ ...ALL_UP, 'eu-b': 'down' });
  await world.until(() => controller.log.some(({ message }) => message === 'not leading any more'));
  assert.equal((await world.store.writer.readAll()).generation, generation);
});

test('a store that was wiped is filled again, under a higher generation and with no lower serial', async () => {
  const { world } = await settledWorld();
  await using _world = world;
  const before = await world.store.writer.readAll();
  world.store.wipe();
  await world.until(async () => (await world.store.writer.readAll()).generation > before.generation);
  const after = await world.store.writer.readAll();
  const [old, renewed] = [before, after].map(({ zones }) => zones.get('example.net')!);
  assert.deepEqual(renewed!.recordSets, old!.recordSets);
  assert.ok(renewed!.facts!.soa.serial > old!.facts!.soa.serial);
});

test('a store that is wiped after the wall clock went back is filled under a higher generation all the same', async () => {
  const { world } = await settledWorld();
  await using _world = world;
  const before = await world.store.writer.readAll();
  world.clock.jumpWallClock(-3_600_000);
  world.store.wipe();
  await world.until(async () => (await world.store.writer.readAll()).zones.size > 0);
  assert.ok((await world.store.writer.readAll()).generation > before.generation);
});

test('a new leader tells nothing again that was told so long ago that its event is gone', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  await world.until(() => world.events.some(({ type }) => type === 'signpost.config.changed.v1'));
  await controller.stop();
  const told = world.events.length;
  world.clock.jumpWallClock(streams.events.maxAgeMs + 60_000);
  const next = await world.start({ yaml: EXAMPLE_YAML });
  await world.until(async () => (await next.status()).controller.leader);
  await world.until(async () => (await next.status()).controller.converged);
  await world.pass(3_000);
  assert.deepEqual(
    world.events.slice(told).map(({ type }) => type),
    [],
  );
});

test('after a restart a publication names only what changed since', async () => {
  const { world, eu, us, controller } = await settledWorld();
  await using _world = world;
  await controller.stop();
  const next = await world.start({ yaml: EXAMPLE_YAML });
  await world.until(async () => (await next.status()).controller.leader);
  await eu.says({ 'eu-b': 'down' });
  await us.says({ 'eu-b': 'down' });
  await world.until(
    () => world.recordEvents().length,
    (count) => count === 2,
  );
  const why = world.recordEvents()[1]!.why.filter((line) => line.startsWith('health'));
  assert.deepEqual(
    why.map((line) => line.split(':')[0]),
    ['health web/eu-b'],
  );
});

test('a store that another writer moved is read anew and put right', async () => {
  const { world } = await settledWorld();
  await using _world = world;
  const before = await world.store.writer.readAll();
  const gone = { zone: 'example.net', owner: 'go.example.net', type: 'A', before: null, after: null };
  const foreign = {
    base: before.generation,
    generation: (before.generation + 1) as typeof before.generation,
    atMs: 0,
    why: [],
    changes: [gone],
    zones: {},
  };
  const { token } = await tokenOf(world);
  assert.deepEqual(await world.store.writer.publish(foreign, token), { kind: 'published' });
  await world.until(
    () => world.answers('go.example.net'),
    (set) => set.includes('192.0.2.11'),
    'put right',
  );
});

async function tokenOf(world: World) {
  const signal = AbortSignal.timeout(5_000);
  const lease = await world.client.bucket(buckets.lease, { create: true, signal });
  return { token: { createdAtMs: lease.createdAtMs, revision: 1 } };
}

test('while the store is away nothing is lost: the change is published when it is back', async () => {
  const { world, eu, us, controller } = await settledWorld();
  await using _world = world;
  world.store.setReachable(false);
  await eu.says({ 'eu-b': 'down' });
  await us.says({ 'eu-b': 'down' });
  await world.until(
    () => world.healthEvents().length,
    (count) => count === 4,
    'health events go on',
  );
  await world.until(async () => !(await controller.status()).controller.storeConnected);
  world.store.setReachable(true);
  await world.until(
    () => world.answers('go.example.net'),
    (set) => !set.includes('192.0.2.11'),
  );
  await world.until(async () => (await controller.status()).controller.storeConnected);
});

test('a store that answers and refuses to be written is told with its reason, until it takes changes again', async () => {
  await using world = await startWorld();
  const eu = world.prober('eu');
  const us = world.prober('us');
  let refuses = false;
  const writer: RecordWriter = {
    ...world.store.writer,
    tick: async (...tick) => {
      if (refuses) throw new StoreError("tick: OOM command not allowed when used memory > 'maxmemory'");
      return world.store.writer.tick(...tick);
    },
  };
  const controller = await world.start({ yaml: EXAMPLE_YAML, writer });
  await eu.says({ 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' });
  await us.says({ 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' });
  await world.until(
    () => world.answers('go.example.net'),
    (set) => set.includes('192.0.2.11'),
  );
  const problem = async () => (await controller.status()).controller.storeProblem;
  assert.equal(await problem(), undefined);
  refuses = true;
  await world.until(problem, (told) => told?.startsWith('tick: OOM'), 'the refusal is told');
  await world.pass(30_000);
  assert.equal(
    toldOf(controller, 'the record store failed, trying again'),
    1,
    'one line, not one an attempt',
  );
  await world.pass(60_000);
  assert.equal(toldOf(controller, 'the record store failed, trying again'), 2, 'and again after a minute');
  refuses = false;
  await world.until(problem, (told) => told === undefined, 'it is over');
});

const toldOf = ({ log }: ControllerHandle, line: string) =>
  log.filter(({ message }) => message === line).length;

test('bad messages are each counted, and told once a minute of each kind', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  for (let i = 0; i < 500; i += 1) world.client.core.publish(subjects.targetLoad('eu-a'), Buffer.from('{}'));
  await world.until(
    () => controller.metrics(),
    (text) => /signpost_reports_total{outcome="dropped"} 500\b/.test(text),
    'all are counted',
  );
  assert.equal(toldOf(controller, 'message dropped, it cannot be understood'), 1);
});

test('while NATS is away verdicts freeze; what changed meanwhile follows when it is back', async () => {
  const { world, eu, us, controller } = await settledWorld();
  await using _world = world;
  controller.messaging.setReachable(false);
  await eu.says({ 'eu-b': 'down' });
  await us.says({ 'eu-b': 'down' });
  await world.pass(20_000);
  assert.ok((await world.answers('go.example.net')).includes('192.0.2.11'));
  const { controller: cut, targets } = await controller.status();
  assert.deepEqual([cut.leader, cut.messagingConnected], [false, false]);
  assert.ok(targets.every(({ state }) => state === 'up'));
  controller.messaging.setReachable(true);
  await world.until(
    () => world.answers('go.example.net'),
    (set) => !set.includes('192.0.2.11'),
  );
});

test('an emptied NATS is filled again from what the controller knows', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  const { generation } = await world.store.writer.readAll();
  world.server.wipe();
  const signal = AbortSignal.timeout(5_000);
  const config = await world.client.bucket(buckets.config, { create: true, signal });
  const probes = await world.client.bucket(buckets.probes, { create: true, signal });
  const verdicts = await world.client.bucket(buckets.verdicts, { create: true, signal });
  await world.until(async () => (await config.get(MANIFEST_KEY)) !== undefined, Boolean, 'configuration');
  await world.until(async () => (await probes.keys()).length === 3, Boolean, 'assignments');
  const pairs = async () => (await verdicts.keys()).filter((key) => !key.startsWith(VANTAGE_KEYS));
  await world.until(async () => (await pairs()).length === 3, Boolean, 'verdicts');
  assert.equal((await controller.status()).targets.length, 4);
  assert.equal((await world.store.writer.readAll()).generation, generation);
});

test('a standby takes over at once after a clean stop, and within 5 s after a crash', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  const standby = await world.start({ yaml: EXAMPLE_YAML });
  await world.until(async () => (await standby.status()).controller.converged);
  assert.equal((await standby.status()).controller.leader, false);
  await controller.stop();
  const stoppedMs = world.clock.monotonic();
  await world.until(async () => (await standby.status()).controller.leader);
  assert.ok(world.clock.monotonic() - stoppedMs <= 1_000);

  const third = await world.start({ yaml: EXAMPLE_YAML });
  await world.until(async () => (await third.status()).controller.converged);
  standby.messaging.setReachable(false);
  const crashedMs = world.clock.monotonic();
  await world.until(async () => (await third.status()).controller.leader);
  assert.ok(world.clock.monotonic() - crashedMs <= 5_000);
  assert.equal((await standby.status()).controller.leader, false);
});

test('never do two controllers lead at a time', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  const other = await world.start({ yaml: EXAMPLE_YAML });
  for (let i = 0; i < 120; i += 1) {
    if (i % 30 === 10) controller.messaging.setReachable(false);
    if (i % 30 === 20) controller.messaging.setReachable(true);
    await world.pass(500);
    const leaders = [await controller.status(), await other.status()].filter(
      (status) => status.controller.leader,
    );
    assert.ok(leaders.length <= 1);
  }
});

test('a pair that is no longer configured leaves the stream and the verdicts', async () => {
  const { world } = await settledWorld();
  await using _world = world;
  const signal = AbortSignal.timeout(5_000);
  const health = await world.client.stream(streams.health, { create: true, signal });
  const verdicts = await world.client.bucket(buckets.verdicts, { create: true, signal });
  const subject = subjects.healthReport('web', 'us-a', 'eu', 'p1');
  assert.notEqual(await health.last(subject), undefined);
  const without = EXAMPLE_YAML.replace('us: { monitor: web, members', 'us: { members');
  await writeFile(world.file('signpost.yaml'), without);
  await world.until(async () => (await health.last(subject)) === undefined);
  await world.until(async () => !(await verdicts.keys()).includes('web.us-a'));
});

test('the first cause of a new configuration is its revision; a pair that comes back with it was not up before', async () => {
  const { world } = await settledWorld();
  await using _world = world;
  const write = async (yaml: string, isThere: boolean) => {
    await writeFile(world.file('signpost.yaml'), yaml);
    await world.until(
      () => world.answers('new.example.net'),
      (set) => set.length > 2 === isThere,
    );
    await allAnnounced(world);
    return world
      .recordEvents()
      .findLast(({ changes }) => changes.some(({ owner }) => owner === 'new.example.net'));
  };
  const renamed = EXAMPLE_YAML.replaceAll(/\bweb\b/g, 'other').replace(
    'go: {',
    'new: { steer: global }\n      go: {',
  );
  const added = await write(renamed, true);
  assert.match(added!.why[0]!, /^configuration revision \d+$/);
  const signal = AbortSignal.timeout(5_000);
  const verdicts = await world.client.bucket(buckets.verdicts, { create: true, signal });
  await world.until(async () => !(await verdicts.keys()).some((key) => key.startsWith('web.')));
  const removed = await write(EXAMPLE_YAML, false);
  assert.match(removed!.why[0]!, /^configuration revision \d+$/);
  assert.ok(!removed!.why.some((line) => line.includes('up -> unknown')), removed!.why.join('; '));
});

test('bad messages are counted and dropped, and what they claim to be about is checked', async () => {
  const { world, controller } = await settledWorld();
  await using _world = world;
  const signal = AbortSignal.timeout(5_000);
  const health = await world.client.stream(streams.health, { create: true, signal });
  const good = await health.last(subjects.healthReport('web', 'eu-b', 'eu', 'p1'));
  await health.append(subjects.healthReport('web', 'eu-b', 'us', 'forged'), good!.data, { id: 'forged' });
  await health.append(subjects.healthReport('web', 'eu-b', 'us', 'x'), new TextEncoder().encode('{'), {
    id: 'x',
  });
  world.client.core.publish(subjects.proberHeartbeat('us', 'p1'), Uint8Array.of(0xff));
  await world.until(
    () => controller.metrics(),
    (text) => /signpost_reports_total\{[^}]*outcome="dropped"[^}]*\} 3/.test(text),
  );
});

test('the events carry the trace of the report that caused them', async () => {
  const { world, eu, us } = await settledWorld();
  await using _world = world;
  propagation.setGlobalPropagator(plainPropagator);
  after(() => propagation.disable());
  await eu.says({ 'eu-b': 'down' });
  const traceId = '0af7651916cd43dd8448eb211c80319c';
  await us.says({ 'eu-b': 'down' }, { traceparent: `00-${traceId}-b7ad6b7169203331-01` });
  await world.until(
    () => world.recordEvents().length,
    (count) => count === 2,
  );
  const told = world.events.filter(({ type }) => type !== 'signpost.vantage.changed.v1').slice(-2);
  assert.deepEqual(
    told.map(({ type, headers }) => [type, headers['traceparent']?.includes(traceId)]),
    [
      ['signpost.health.changed.v1', true],
      ['signpost.records.changed.v1', true],
    ],
  );
});

/** W3C trace context, as far as a test needs it; the real one comes with the SDK. */
const plainPropagator: TextMapPropagator = {
  fields: () => ['traceparent'],
  inject: (context, carrier, setter) => {
    const span = trace.getSpanContext(context);
    if (span !== undefined) setter.set(carrier, 'traceparent', `00-${span.traceId}-${span.spanId}-01`);
  },
  extract: (context, carrier, getter) => {
    const [, traceId, spanId] = String(getter.get(carrier, 'traceparent') ?? '').split('-');
    if (traceId === undefined || spanId === undefined) return context;
    return trace.setSpanContext(context, { traceId, spanId, traceFlags: 1, isRemote: true });
  },
};
