import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Place } from '@signpost/contracts/place';

import { NetworkCache } from './network-cache.ts';
import { placeRecords } from './read-place.ts';

const PLACE: Place = { continent: 'EU', country: 'GB', subdivision: '', prefixLength: 24 };

/** Tells neighbouring records apart. */
function placeOf(record: number, prefixLength: number): Place {
  return { ...PLACE, subdivision: String(record % 1000), prefixLength };
}

function newCache(nodeCount = 1_000): NetworkCache<Place> {
  return new NetworkCache((place) => placeRecords.keyOf(place), nodeCount);
}

test('with far more pairs than slots, a hit is always the place of exactly that pair', () => {
  const cache = newCache();
  const records = Array.from({ length: 20_000 }, (_, i) => 4_294_967_295 - i * 31);
  const lengths = [0, 24, 128];
  for (const record of records) for (const length of lengths) cache.set(record, placeOf(record, length));
  let hits = 0;
  for (const record of records) {
    for (const length of lengths) {
      const place = cache.get(record, length);
      if (place === undefined) continue;
      hits += 1;
      assert.deepEqual(place, placeOf(record, length));
    }
  }
  assert.ok(hits > 1000, `${hits} hits`);
  assert.ok(hits < records.length * lengths.length);
});

test('equal facts at equal length are one frozen place, whatever their record', () => {
  const cache = newCache();
  const place = cache.set(1000, { ...PLACE });
  assert.equal(cache.set(2000, { ...PLACE }), place);
  assert.equal(cache.get(2000, 24), place);
  assert.ok(Object.isFrozen(place));
  assert.notEqual(cache.set(1000, { ...PLACE, prefixLength: 25 }), place);
  assert.notEqual(cache.set(1000, { ...PLACE, location: { latitude: 1, longitude: 2 } }), place);
});

test('what was never set is not found', () => {
  const cache = newCache();
  assert.equal(cache.get(1, 0), undefined);
  assert.equal(cache.get(4_294_967_295, 128), undefined);
});

test('a large file gets more slots, so that fewer of its networks take each other away', () => {
  const kept = (nodeCount: number): number => {
    const cache = newCache(nodeCount);
    const records = Array.from({ length: 50_000 }, (_, i) => 1_000_000 + i * 17);
    for (const record of records) cache.set(record, placeOf(record, 24));
    return records.filter((record) => cache.get(record, 24) !== undefined).length;
  };
  assert.ok(kept(1_000) <= 1 << 14);
  assert.ok(kept(5_000_000) > 40_000, `${kept(5_000_000)} of 50,000`);
});
