import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decidingKey } from '@signpost/policy/client-rules';

import { builtTable } from '../testing/built-table.ts';
import { group, steeredSet } from '../testing/sample-zone.ts';
import { FlattenedRules } from './flattened-rules.ts';

const pools = [group('A', ['192.0.2.1']), group('A', ['192.0.2.2'])];
const set = steeredSet(pools, {
  rules: [{ when: [{ subnets: ['10.0.0.0/8'] }], branch: 1 }, { branch: 0 }],
});
const key = decidingKey(set)!;
const table = builtTable(set, { places: undefined as never, systems: undefined });

test('a table serves record sets that were there before it and those that come after', () => {
  const flattened = new FlattenedRules();
  const before = flattened.of(set);
  assert.equal(before.table, undefined);
  flattened.put(key, table);
  assert.equal(before.table, table);
  assert.equal(flattened.of({ ...set }), before);
  const alone = new FlattenedRules();
  alone.put(key, table);
  assert.equal(alone.of(set).table, table);
});

test('a table that is given up serves nobody', () => {
  const flattened = new FlattenedRules();
  const place = flattened.of(set);
  flattened.put(key, table);
  flattened.put(key, undefined);
  assert.equal(place.table, undefined);
});

test('with another database the tables built from the one before go, and no others', () => {
  const flattened = new FlattenedRules();
  const place = flattened.of(set);
  for (const [usesPlaces, usesSystems] of [
    [true, false],
    [false, true],
  ] as const) {
    const built = { ...table, usesPlaces, usesSystems };
    flattened.put(key, built);
    flattened.forget(usesPlaces ? 'usesSystems' : 'usesPlaces');
    assert.equal(place.table, built);
    flattened.forget(usesPlaces ? 'usesPlaces' : 'usesSystems');
    assert.equal(place.table, undefined);
  }
});
