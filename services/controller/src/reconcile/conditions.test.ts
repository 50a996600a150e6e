/** Conditions of rules over the whole loop: what time decides is published anew in time, what nobody can know is told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SteeredRecordSet } from '@signpost/contracts/record-set';

import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { startWorld } from '../testing/start-world.ts';

const MINUTE_MS = 60_000;

/** As a window has it, in UTC. */
const clockTime = (ms: number) => new Date(ms).toISOString().slice(11, 16);

async function startWith(when: (nowMs: number) => string) {
  const world = await startWorld();
  const prober = world.prober('eu');
  await prober.says({ 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' });
  const yaml = EXAMPLE_YAML.replace('when: { geos: [EU] }', `when: ${when(world.clock.now())}`);
  const controller = await world.start({ yaml });
  const rulesOf = async () => {
    const text = await world.answers('go.example.net');
    return text === '' ? undefined : (JSON.parse(text) as SteeredRecordSet).rules;
  };
  await world.until(rulesOf, Boolean, 'first publication');
  return { world, controller, rulesOf };
}

test('a rule with a time window is published when it opens and taken back when it closes, each once', async () => {
  const { world, rulesOf } = await startWith((nowMs) => {
    const [from, to] = [clockTime(nowMs + 2 * MINUTE_MS), clockTime(nowMs + 3 * MINUTE_MS)];
    return `{ geos: [EU], times: [ { from: "${from}", to: "${to}" } ] }`;
  });
  await using _world = world;
  const startMs = Math.floor(world.clock.now() / MINUTE_MS) * MINUTE_MS;
  const before = world.recordEvents().length;
  const changesAt = async (timeMs: number, from: number, to: number) => {
    await world.pass(timeMs - 500 - world.clock.now());
    assert.equal((await rulesOf())!.length, from, 'not before its time');
    await world.until(rulesOf, (rules) => rules!.length === to, 'the change');
    assert.ok(world.clock.now() >= timeMs && world.clock.now() < timeMs + 2_000, `at ${world.clock.now()}`);
  };
  await changesAt(startMs + 2 * MINUTE_MS, 1, 2);
  assert.deepEqual((await rulesOf())![0]!.when, [{ geos: ['EU'] }]);
  await changesAt(startMs + 3 * MINUTE_MS, 2, 1);
  const why = world
    .recordEvents()
    .slice(before)
    .flatMap((event) => event.why);
  const timed = 'time passed: TTLs settle, weights ramp up, time windows open and close';
  assert.deepEqual(why, [timed, timed]);
});

test('rules on autonomous systems are told of by a controller without a database of them', async () => {
  const { world, controller } = await startWith(() => '{ asns: [64500] }');
  await using _world = world;
  const warnings = controller.log.filter(({ level }) => level === 'warn');
  assert.match(
    warnings.map(({ message }) => message).join('\n'),
    /rules on autonomous systems .*SIGNPOST_ASN_DB/,
  );
  assert.deepEqual(warnings[0]!.fields, { policy: 'global' });
});
