/** What policies are made of: nesting, an order per rule, thresholds, and what is answered when all is down. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { checkConfiguration } from '@signpost/config/check-configuration';

import { startSteeringWorld } from './steering-world.ts';

const EU_DOWN = { 'eu-a': 'down', 'eu-b': 'down' } as const;
const US_DOWN = { 'us-a': 'down', 'us-b': 'down' } as const;
const ALL_DOWN = { ...EU_DOWN, ...US_DOWN, 'ap-a': 'down' } as const;

test('composition, thresholds and the end of all stages', async (t) => {
  const world = await startSteeringWorld(t);

  await t.test('a nested policy has rules and picks of its own, and fails to the next stage', async () => {
    assert.equal((await world.addresses('nested', 'frankfurt')).length, 2, 'round robin, two of them');
    assert.match((await world.addresses('nested', 'london'))[0]!, /^198\.51\.100\./);
    assert.deepEqual(await world.addresses('nested', 'tokyo'), ['203.0.113.10']);
    await world.serve(EU_DOWN);
    assert.deepEqual(await world.addresses('nested', 'frankfurt'), ['203.0.113.10'], 'the next stage');
    assert.match((await world.addresses('nested', 'london'))[0]!, /^198\.51\.100\./);
    await world.serve(US_DOWN);
    assert.deepEqual(
      await world.addresses('nested', 'london'),
      ['203.0.113.10'],
      'not the other rule of the nested policy',
    );
    await world.serve();
  });

  await t.test('each rule has its own order of failover', async () => {
    await world.serve(EU_DOWN);
    assert.match((await world.addresses('geo', 'frankfurt'))[0]!, /^198\.51\.100\./, 'eu, us, ap');
    await world.serve({ 'ap-a': 'down' });
    assert.match((await world.addresses('geo', 'tokyo'))[0]!, /^192\.0\.2\./, 'ap, eu');
    await world.serve();
  });

  await t.test('a pool below min_up counts as down, and serves as the last resort', async () => {
    await world.serve({ 'eu-a': 'down' });
    assert.match((await world.addresses('ordered', 'tokyo'))[0]!, /^198\.51\.100\./, '20 % of weight is up');
    await world.serve({ 'eu-a': 'down', ...US_DOWN, 'ap-a': 'down' });
    assert.deepEqual(await world.addresses('ordered', 'tokyo'), ['192.0.2.11']);
    await world.serve({ 'eu-b': 'down' });
    assert.deepEqual(await world.addresses('ordered', 'tokyo'), ['192.0.2.10'], '80 % of weight is up');
    await world.serve();
  });

  await t.test('all down: fail open, last healthy, fallback, no data, SERVFAIL', async () => {
    await world.serve({
      'eu-a': { state: 'down', changedMs: 1_000 },
      'eu-b': { state: 'down', changedMs: 900_000 },
      'us-a': { state: 'down', changedMs: 100_000 },
      'us-b': { state: 'down', changedMs: 100_000 },
      'ap-a': 'down',
    });
    assert.match((await world.addresses('fail-open'))[0]!, /^198\.51\.100\./);
    assert.deepEqual(await world.addresses('last-known'), ['192.0.2.11']);
    assert.deepEqual(await world.addresses('apologise'), ['203.0.113.99']);
    const denied = await world.ask('no-data');
    assert.deepEqual([denied.rcode, denied.answers.length], ['NOERROR', 0]);
    assert.equal((await world.ask('serv-fail')).rcode, 'SERVFAIL');
    await world.serve();
    assert.equal((await world.ask('serv-fail')).rcode, 'NOERROR');
  });

  await t.test(
    'the same pool for both families; what it lacks is no answer, never another region',
    async () => {
      assert.deepEqual(await world.addresses('ordered', 'tokyo', 'AAAA').then((got) => got.length), 1);
      await world.serve({ 'eu-a': { ipv6: 'down' }, 'eu-b': { ipv6: 'down' } });
      assert.deepEqual(await world.addresses('ordered', 'tokyo', 'AAAA'), []);
      assert.match((await world.addresses('ordered', 'tokyo'))[0]!, /^192\.0\.2\./);
      await world.serve();
    },
  );

  await t.test('a name that nobody answers for is not taken down by it', async () => {
    await world.serve(ALL_DOWN);
    for (const name of ['weighted', 'ordered', 'nearest', 'sticky', 'split', 'nested']) {
      assert.notDeepEqual(await world.addresses(name, 'tokyo'), [], name);
    }
    await world.serve();
  });
});

test('policies that lead back to themselves are a mistake, with the way', async () => {
  const yaml = await readFile('docs/examples/steering.yaml', 'utf8');
  const looped = yaml.replace(
    '- { try: [eu] }\n    within: { pick: round_robin',
    '- { try: [ { policy: nested } ] }\n    within: { pick: round_robin',
  );
  assert.notEqual(looped, yaml);
  const checked = checkConfiguration(looped, 'steering.yaml');
  assert.ok(!checked.ok);
  assert.match(checked.mistakes[0]!.message, /leads back to policy "europe" \(europe > nested > europe\)/);
});
