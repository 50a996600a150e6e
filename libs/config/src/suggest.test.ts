import assert from 'node:assert/strict';
import { test } from 'node:test';

import { closest, editDistance, suggest } from './suggest.ts';

test('counts insertions, removals, replacements and swaps', () => {
  assert.equal(editDistance('weight', 'weight'), 0);
  assert.equal(editDistance('wieght', 'weight'), 1);
  assert.equal(editDistance('weigt', 'weight'), 1);
  assert.equal(editDistance('weightt', 'weight'), 1);
  assert.equal(editDistance('', 'abc'), 3);
});

test('only what is near is suggested, the nearest first', () => {
  assert.equal(closest('inteval', ['timeout', 'interval']), 'interval');
  assert.equal(closest('EU', ['us', 'eu']), 'eu');
  assert.equal(closest('asia', ['eu', 'us']), undefined);
});

test('when nothing is near, what there is is listed, but not without end', () => {
  assert.equal(suggest('asia', ['eu', 'us'], 'pools'), 'pools: eu, us');
  assert.equal(suggest('asia', [], 'pools'), 'there are no pools');
  const many = Array.from({ length: 20 }, (_, i) => `pool-${i}`);
  assert.match(suggest('asia', many, 'pools'), /pool-11 and 8 more$/);
});
