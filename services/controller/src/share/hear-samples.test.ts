/** Samples on their way into the loop, and what the loop shows and publishes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { answersSampled, type AnswerSample } from '@signpost/contracts/answer-sample';
import { encodeEvent } from '@signpost/contracts/cloud-event';
import { subjects } from '@signpost/contracts/subjects';
import { encodeTargetLoad } from '@signpost/contracts/target-load';

import { EXAMPLE_YAML } from '../testing/example-configuration.ts';
import { startWorld } from '../testing/start-world.ts';

const WEIGHED = EXAMPLE_YAML.replace('  global:\n', '  global:\n    within: { weigh: clients }\n');

function samples(count: number): AnswerSample[] {
  return Array.from({ length: count }, (_, i) => ({
    atMs: 1,
    owner: 'go.example.net',
    type: 'A',
    policy: 'global',
    pool: 'eu',
    targets: [i % 4 === 0 ? 'eu-b' : 'eu-a'],
    resolver: `192.0.${i}.0/24`,
    sourceLength: 32,
    scope: 0,
    ttl: 30,
    weight: 1,
  }));
}

test('samples are taken from the zone they are of, are shown as estimates, and move nothing', async () => {
  await using world = await startWorld();
  await world.prober('eu').says({ 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' });
  await world.prober('us').says({ 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' });
  const controller = await world.start({ yaml: WEIGHED });
  await world.until(
    () => world.answers('go.example.net'),
    (set) => set.includes('192.0.2.11'),
  );
  const publish = (zone: string, subject: string, count: number) =>
    world.client.core.publish(
      subject,
      encodeEvent(answersSampled, {
        id: `n.${zone}`,
        source: '/signpost/authority/n',
        subject: zone,
        atMs: 1,
        data: { zone, node: 'n', samples: samples(count) },
      }),
    );
  publish('example.net', subjects.answersSampled('example.org'), 1);
  world.client.core.publish(subjects.answersSampled('example.net'), new TextEncoder().encode('{}'));
  publish('example.net', subjects.answersSampled('example.net'), 200);
  const before = await world.answers('go.example.net');
  const shown = await world.until(
    () => controller.metrics(),
    (text) => text.includes('kind="estimated"'),
  );
  const value = (kind: string, target: string) =>
    Number(
      new RegExp(`signpost_target_share_ratio\\{pool="eu",target="${target}",kind="${kind}"\\} (\\S+)`).exec(
        shown,
      )?.[1],
    );
  assert.deepEqual([value('wanted', 'eu-a'), value('wanted', 'eu-b')], [0.8, 0.2]);
  assert.ok(Math.abs(value('estimated', 'eu-b') - 0.25) < 0.01);
  assert.equal(controller.log.filter(({ message }) => message.startsWith('message dropped')).length, 2);
  await world.pass(120_000);
  assert.equal(await world.answers('go.example.net'), before);
});

test('pushed loads that are not as the weights say move the published weights', async () => {
  await using world = await startWorld();
  await world.prober('eu').says({ 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' });
  await world.prober('us').says({ 'eu-a': 'up', 'eu-b': 'up', 'us-a': 'up' });
  const controller = await world.start({ yaml: WEIGHED });
  await world.until(
    () => world.answers('go.example.net'),
    (set) => set.includes('"target":"eu-b","weight":20'),
  );
  // 80/20 was asked for, 60/40 came.
  for (let pushes = 0; pushes < 30; pushes += 1) {
    world.client.core.publish(subjects.targetLoad('eu-a'), encodeTargetLoad({ load: 600 }));
    world.client.core.publish(subjects.targetLoad('eu-b'), encodeTargetLoad({ load: 400 }));
    await world.pass(5_000);
  }
  const weights = /"target":"eu-a","weight":(\d+).*"target":"eu-b","weight":(\d+)/.exec(
    await world.answers('go.example.net'),
  );
  const [, a, b] = weights!.map(Number);
  assert.ok(b! / a! < 0.2, `${weights?.[0]}`);
  assert.match(await controller.metrics(), /signpost_target_weight_factor\{pool="eu",target="eu-b"\} 0\.\d+/);
  assert.ok(
    world
      .recordEvents()
      .some(({ why }) => why.includes('clients: weights of the targets of pool eu corrected')),
  );
});
