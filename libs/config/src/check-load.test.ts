/** Pools with load, policies that spill by room, and whether anybody's room is known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationSchema } from '@signpost/contracts/configuration';

import { loadWarnings, poolsBeside } from './check-load.ts';
import { partsOf } from './readable-parts.ts';

const LOAD = { soft: 60, hard: 80 };

function configurationOf(limited: readonly string[], policies: Record<string, unknown>) {
  const names = ['a', 'b', 'c'];
  const pool = (name: string) => ({
    members: [{ target: name }],
    ...(limited.includes(name) && { load: LOAD }),
  });
  return configurationSchema.parse({
    apiVersion: 'signpost/v1',
    targets: Object.fromEntries(names.map((name) => [name, { a: '192.0.2.1' }])),
    pools: Object.fromEntries(names.map((name) => [name, pool(name)])),
    policies,
  });
}

function warningsOf(limited: readonly string[], policies: Record<string, unknown>): string[] {
  const parts = partsOf(configurationOf(limited, policies));
  return loadWarnings(parts).map(({ path, message }) => `${path.join('/')}: ${message.split(',')[0]}`);
}

test('a pool with load has another one beside it, or it keeps everybody', () => {
  const both = { rules: [{ try: ['a', 'b'] }] };
  assert.deepEqual(warningsOf(['a', 'b'], { both }), []);
  assert.deepEqual(warningsOf(['a'], { both }), ['pools/a/load: it keeps all its clients whatever its load']);
  const apart = {
    rules: [{ when: { geos: ['EU'] }, try: ['a', 'c'] }, { try: [{ weighted: { b: 1, c: 1 } }] }],
  };
  assert.deepEqual(warningsOf(['a', 'b'], { apart }), [
    'pools/a/load: it keeps all its clients whatever its load',
    'pools/b/load: it keeps all its clients whatever its load',
  ]);
  assert.deepEqual(
    warningsOf(['a', 'b'], { apart, near: { rules: [{ try: [{ nearest: ['a', 'b'] }] }] } }),
    [],
  );
});

test('who spills by room knows of some', () => {
  const spilling = { spill: 'headroom', rules: [{ try: ['a', 'b'] }] };
  assert.deepEqual(warningsOf([], { spilling }), [
    'policies/spilling/spill: none of its pools has load: { soft',
  ]);
  assert.deepEqual(warningsOf(['a', 'b'], { spilling }), []);
});

test('beside a pool are those of its rules whose room is known, also beside one without load itself', () => {
  const policies = { one: { rules: [{ try: ['c', 'b', 'a'] }] } };
  assert.deepEqual(
    [...poolsBeside(configurationOf(['a', 'b'], policies))],
    [
      ['a', ['b']],
      ['b', ['a']],
      ['c', ['a', 'b']],
    ],
  );
  assert.deepEqual([...poolsBeside(configurationOf([], policies))], []);
});
