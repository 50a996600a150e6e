import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type ClientSystem, NOWHERE, type Place, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import { Query } from '@signpost/dns/query';

import { QueryClient } from './view-client.ts';

const LONDON: Place = { continent: 'EU', country: 'GB', subdivision: '', prefixLength: 20 };
const SYSTEM: ClientSystem = { asn: 64_500, prefixLength: 16 };

/** Remembers the addresses that were looked up. */
function finderOf<Found>(found: Found) {
  const asked: string[] = [];
  return {
    asked,
    lookup: (address: Uint8Array): Found => {
      asked.push(address.join('.'));
      return found;
    },
  };
}

test('place and autonomous system are looked up when asked for, each once per query', () => {
  const client = new QueryClient();
  const [places, systems] = [finderOf(LONDON), finderOf(SYSTEM)];
  client.places = places;
  client.systems = systems;
  client.look(new Query(), Uint8Array.of(192, 0, 2, 1));
  assert.deepEqual([places.asked, systems.asked], [[], []]);
  assert.equal(client.system(), SYSTEM);
  assert.equal(client.system(), SYSTEM);
  assert.deepEqual([places.asked, systems.asked], [[], ['192.0.2.1']]);
  assert.equal(client.place(), LONDON);
  client.look(new Query(), Uint8Array.of(192, 0, 2, 2));
  client.system();
  client.place();
  client.place();
  assert.deepEqual(systems.asked, ['192.0.2.1', '192.0.2.2']);
  assert.deepEqual(places.asked, ['192.0.2.1', '192.0.2.2']);
});

test('without databases nothing is known, by no bits', () => {
  const client = new QueryClient();
  client.look(new Query(), Uint8Array.of(192, 0, 2, 1));
  assert.equal(client.place(), NOWHERE);
  assert.equal(client.system(), UNKNOWN_SYSTEM);
});

test('an address of IPv6 is looked up whole, and that of the query before is forgotten', () => {
  const client = new QueryClient();
  const systems = finderOf(SYSTEM);
  client.systems = systems;
  client.look(new Query(), new Uint8Array(16).fill(1));
  client.system();
  client.look(new Query(), Uint8Array.of(192, 0, 2, 1));
  client.system();
  assert.deepEqual(systems.asked, [Array(16).fill(1).join('.'), '192.0.2.1']);
});
