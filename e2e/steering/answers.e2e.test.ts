/** How long answers last, how many there are, what load and shares do to them, and how far ECS says they hold. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LoadView } from '@signpost/policy/load-view';
import type { OverrideView } from '@signpost/policy/override-view';
import { UNCORRECTED } from '@signpost/policy/share-view';

import { CLIENTS, networks, startSteeringWorld } from './steering-world.ts';

const US = ['198.51.100.10', '198.51.100.11'];

function near(actual: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} +- ${tolerance}`);
}

test('answers by health, load and shares', async (t) => {
  const world = await startSteeringWorld(t, (yaml) =>
    yaml.replace('affinity: { v4: 24, v6: 56 }', 'affinity: { v4: 16, v6: 56 }'),
  );
  const ttlOf = async (name: string) =>
    (await world.ask(name)).answers.map((answer) => (answer as { ttl: number }).ttl);
  const scopeOf = async (name: string, subnet: string) =>
    (await world.ask(name, { subnet })).edns?.clientSubnet?.scopePrefixLength;

  await t.test('TTL follows health: short while one is suspect and for a while after a change', async () => {
    assert.deepEqual(await ttlOf('weighted'), [60]);
    await world.serve({ 'eu-b': 'suspect' });
    assert.deepEqual(await ttlOf('weighted'), [10]);
    const changedMs = 1_000_000;
    await world.serve({ 'eu-b': { changedMs } }, { nowMs: changedMs + 59_000 });
    assert.deepEqual(await ttlOf('weighted'), [10]);
    await world.serve({ 'eu-b': { changedMs } }, { nowMs: changedMs + 61_000 });
    assert.deepEqual(await ttlOf('weighted'), [60]);
  });

  await t.test('TTL is lowered one old TTL ahead of planned work', async () => {
    const overrides: OverrideView = {
      inForce: () => undefined,
      beginsWithin: (target, seconds) => target === 'eu-a' && seconds >= 60,
    };
    await world.serve({}, { overrides });
    assert.deepEqual(await ttlOf('weighted'), [10]);
    assert.deepEqual(await ttlOf('fail-open'), [60], 'only of what it concerns');
    await world.serve();
  });

  await t.test('as many answers as select says, in the order of the pool with pick: ordered', async () => {
    assert.deepEqual(await world.addresses('in-order'), ['192.0.2.10', '192.0.2.11']);
    assert.equal((await world.addresses('weighted')).length, 1);
    await world.serve({ 'eu-b': 'down' });
    assert.deepEqual(await world.addresses('in-order'), ['192.0.2.10'], 'what is down is not among them');
    await world.serve();
  });

  await t.test('a target that is a host name is answered with a CNAME for every type', async () => {
    for (const type of ['A', 'AAAA', 'TXT']) {
      const { answers } = await world.ask('hosted', { type });
      assert.deepEqual(
        answers.map((answer) => [answer.type, (answer as { data: unknown }).data]),
        [['CNAME', 'shop.cdn.example.org']],
      );
    }
  });

  await t.test(
    'a pool above soft keeps its share of networks and sends the rest where there is room',
    async () => {
      const load: LoadView = {
        keepOf: (pool) => (pool === 'eu' ? 0.6 : 1),
        roomBeside: () => new Map([['us', 100]]),
      };
      await world.serve({}, { load });
      const clients = networks(2_000);
      const shares = await world.shares('spread', clients);
      near((shares[US[0]!] ?? 0) + (shares[US[1]!] ?? 0), 0.4, 4 * Math.sqrt((0.6 * 0.4) / clients.length));
      await world.serve({}, { load: { ...load, keepOf: (pool) => (pool === 'eu' ? 0.5 : 1) } });
      const more = await Promise.all(
        clients.slice(0, 400).map((client) => world.addresses('spread', client)),
      );
      await world.serve({}, { load });
      const fewer = await Promise.all(
        clients.slice(0, 400).map((client) => world.addresses('spread', client)),
      );
      const moved = fewer.filter(([address], i) => US.includes(address!) && !US.includes(more[i]![0]!));
      assert.deepEqual(moved, [], 'who was sent away stays away while more are');
      await world.serve();
    },
  );

  await t.test('weights of clients are corrected, those of queries are not', async () => {
    const shares = {
      ...UNCORRECTED,
      factorOf: (_p: string, _q: string, target: string) => (target === 'eu-b' ? 3 : 1),
    };
    await world.serve({}, { shares });
    const queries = 2_000;
    const client = Array<string>(queries).fill(CLIENTS.tokyo);
    const corrected = await world.shares('corrected', client);
    near(corrected['192.0.2.11']!, 60 / 140, 4 * Math.sqrt((0.43 * 0.57) / queries));
    const plain = await world.shares('weighted', client);
    near(plain['192.0.2.11']!, 0.2, 4 * Math.sqrt((0.2 * 0.8) / queries));
    await world.serve();
  });

  await t.test(
    'the scope is what the decision took: none, a place, a network, the key of affinity',
    async () => {
      const scopes = Object.fromEntries(
        await Promise.all(
          ['weighted', 'geo', 'nearest', 'split', 'sticky', 'networks', 'near-vantages'].map(
            async (name) => [name, await scopeOf(name, CLIENTS.tokyo)] as const,
          ),
        ),
      );
      assert.deepEqual(scopes, {
        weighted: 0,
        geo: 24,
        nearest: 24,
        split: 24,
        sticky: 16,
        networks: 16, // of no system, which 16 bits tell from the one network of the database
        'near-vantages': 24,
      });
      assert.equal(await scopeOf('networks', '10.1.2.0/24'), 8);
    },
  );

  await t.test(
    'the key of affinity is as wide as is said: neighbours of a /16 share their target',
    async () => {
      const targets = await Promise.all(
        Array.from({ length: 40 }, (_, i) => world.addresses('sticky', `100.70.${i}.0/24`)),
      );
      assert.equal(new Set(targets.map(String)).size, 1);
      const others = await Promise.all(
        Array.from({ length: 60 }, (_, i) => world.addresses('sticky', `100.${i + 64}.0.0/24`)),
      );
      assert.equal(new Set(others.map(String)).size, 2);
    },
  );

  await t.test('what is served though all is down is told as an extended error (RFC 8914)', async () => {
    await world.serve({ 'us-a': 'down', 'us-b': 'down' });
    const { edns, rcode, answers } = await world.ask('fail-open', { edns: true });
    assert.deepEqual([rcode, answers.length], ['NOERROR', 1]);
    assert.equal(edns?.errors.length, 1);
    await world.serve();
  });
});
