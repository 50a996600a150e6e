import assert from 'node:assert/strict';
import { test } from 'node:test';

import { PlaceCache } from './place-cache.ts';

const FACTS = { continent: 'EU', country: 'GB', subdivision: '' };

/** Facts that tell neighbouring records apart. */
function factsOf(record: number): typeof FACTS {
  return { ...FACTS, subdivision: String(record % 1000) };
}

test('with far more pairs than slots, a hit is always the place of exactly that pair', () => {
  const cache = new PlaceCache();
  const records = Array.from({ length: 20_000 }, (_, i) => 4_294_967_295 - i * 31);
  const lengths = [0, 24, 128];
  for (const record of records) for (const length of lengths) cache.set(record, length, factsOf(record));
  let hits = 0;
  for (const record of records) {
    for (const length of lengths) {
      const place = cache.get(record, length);
      if (place === undefined) continue;
      hits += 1;
      assert.deepEqual(place, { ...factsOf(record), prefixLength: length });
    }
  }
  assert.ok(hits > 1000, `${hits} hits`);
  assert.ok(hits < records.length * lengths.length);
});

test('equal facts at equal length are one place, whatever their record', () => {
  const cache = new PlaceCache();
  const place = cache.set(1000, 24, FACTS);
  assert.equal(cache.set(2000, 24, { ...FACTS }), place);
  assert.equal(cache.get(2000, 24), place);
  assert.notEqual(cache.set(1000, 25, FACTS), place);
  assert.notEqual(cache.set(1000, 24, { ...FACTS, location: { latitude: 1, longitude: 2 } }), place);
});

test('what was never set is not found', () => {
  const cache = new PlaceCache();
  assert.equal(cache.get(1, 0), undefined);
  assert.equal(cache.get(4_294_967_295, 128), undefined);
});
