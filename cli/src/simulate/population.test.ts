import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nowhere, type Place } from '@signpost/contracts/place';

import { seededChance } from './chance.ts';
import { drawPopulation, paretoSizes, type Resolver } from './population.ts';
import { readClients } from './read-clients.ts';
import { populationSchema } from './scenario.ts';

/** Even first octets are Germany, odd ones nowhere. */
const findPlace = ([first]: Uint8Array): Place =>
  first! % 2 === 0 ? { continent: 'EU', country: 'DE', subdivision: '', prefixLength: 8 } : nowhere(8);

function draw(settings: object, seed = 1, file?: string): Resolver[] {
  const read = file === undefined ? undefined : readClients(file, 'clients.csv');
  return drawPopulation({
    settings: populationSchema.parse(settings),
    ...(read?.ok === true && { clients: read.clients }),
    finder: { place: findPlace },
    chance: seededChance(seed, 'population'),
  });
}

const rateOf = ({ networks }: Resolver) => networks.reduce((sum, { ratePerMs }) => sum + ratePerMs, 0);

test('all of them together ask what the settings say, whoever is behind them', () => {
  for (const settings of [{}, { ecs: '30%', networks: 5 }, { alpha: 3, requests: 1_000, resolvers: 10 }]) {
    const total = draw(settings).reduce((sum, resolver) => sum + rateOf(resolver), 0);
    assert.ok(Math.abs(total - 1) < 1e-9, String(total));
  }
});

test('sizes have the tail of a Pareto distribution: n times the size, n^-alpha as many', () => {
  for (const alpha of [1.1, 2]) {
    const sizes = paretoSizes(100_000, alpha);
    for (const n of [2, 10, 50]) {
      const share = sizes.filter((size) => size > n).length / sizes.length;
      assert.ok(Math.abs(share - n ** -alpha) < 1e-4, `${alpha} ${n}`);
    }
  }
});

test('the largest of a thousand with alpha 1.1 has a sixth of all, as the largest public resolvers have', () => {
  const rates = draw({ resolvers: 1_000 }).map(rateOf);
  assert.ok(Math.max(...rates) > 0.15 && Math.max(...rates) < 0.18, String(Math.max(...rates)));
});

test('shares of habits and of ECS are kept to the resolver', () => {
  const resolvers = draw({
    resolvers: 200,
    ecs: '10%',
    networks: 4,
    ttl: [
      { share: '5%', at_least: '5m' },
      { share: '2.5%', times: 2 },
    ],
  });
  assert.equal(resolvers.filter(({ sendsSubnet }) => sendsSubnet).length, 20);
  assert.equal(resolvers.filter(({ habit }) => habit?.at_least === 300_000).length, 10);
  assert.equal(resolvers.filter(({ habit }) => habit?.times === 2).length, 5);
  for (const { sendsSubnet, networks } of resolvers) {
    assert.equal(networks.length, sendsSubnet ? 4 : 1);
    for (const { view } of networks) assert.equal(view.sourceLength, sendsSubnet ? 24 : 32);
  }
});

test('clients that are made up are where the geo database knows somebody', () => {
  for (const { networks } of draw({ resolvers: 100 })) assert.equal(networks[0]!.view.place().country, 'DE');
});

test('a file says who asks, how much and from where; what it leaves out is drawn', () => {
  const file = '192.0.2.0/24,30,US\n2001:db8::/32,70 # IPv6\n';
  const [first, second] = draw({ requests: 1_000 }, 1, file);
  assert.ok(Math.abs(rateOf(first!) - 0.3) < 1e-9);
  assert.deepEqual(
    [
      first!.networks[0]!.view.place().continent,
      first!.networks[0]!.view.family,
      second!.networks[0]!.view.family,
    ],
    ['NA', 4, 6],
  );
  assert.deepEqual([...second!.networks[0]!.view.address.subarray(0, 4)], [0x20, 0x01, 0x0d, 0xb8]);
  assert.equal(second!.networks[0]!.view.place().country, 'DE', 'as the database has it');
});

test('the same seed draws the same population, another one another', () => {
  const text = (resolvers: Resolver[]) =>
    JSON.stringify(resolvers.map((resolver) => [rateOf(resolver), [...resolver.networks[0]!.view.address]]));
  assert.equal(text(draw({}, 5)), text(draw({}, 5)));
  assert.notEqual(text(draw({}, 5)), text(draw({}, 6)));
});
