import assert from 'node:assert/strict';
import { test } from 'node:test';

import { drawChanges } from './changes-line.ts';

const one = { added: 0, removed: 0, changed: 0 };

test('what goes is told first, with the names of zones; nouns that stay are left out', () => {
  const nouns = {
    zones: { ...one, removed: 1 },
    targets: { ...one, removed: 3, added: 1 },
    policies: { ...one, changed: 1 },
  };
  assert.equal(
    drawChanges({ nouns, removedZones: ['old.example'] }),
    'takes away 1 zone (old.example) and 3 targets; adds 1 target; changes 1 policy',
  );
});

test('of many zones the first are named', () => {
  const removedZones = Array.from({ length: 7 }, (_, index) => `z${index}.example`);
  assert.equal(
    drawChanges({ nouns: { zones: { ...one, removed: 7 } }, removedZones }),
    'takes away 7 zones (z0.example, z1.example, z2.example, z3.example, z4.example and 2 more)',
  );
});

test('nothing of nouns is nothing to say', () => {
  assert.equal(drawChanges({ nouns: {}, removedZones: [] }), '');
});
