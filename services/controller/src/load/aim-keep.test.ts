import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { aimKeep } from './aim-keep.ts';
import { LEAST_KEEP } from './load-settings.ts';

const POOL = { soft: 6_000, hard: 8_000, effective: 1, elsewhere: undefined };

const near = (actual: number, expected: number) =>
  assert.ok(Math.abs(actual - expected) < 1e-4, `${actual} is not ${expected}`);

test('up to soft all are kept; above, as many as the rule keeps at the load that is left', () => {
  assert.equal(aimKeep({ ...POOL, demand: 0 }), 1);
  assert.equal(aimKeep({ ...POOL, demand: 6_000 }), 1);
  // Solved by hand: k = hard / (hard - soft + demand).
  near(aimKeep({ ...POOL, demand: 8_000 }), 0.8);
  near(aimKeep({ ...POOL, demand: 14_000 }), 0.5);
});

test('the load that is left lies between soft and hard, whatever the demand', () => {
  fc.assert(
    fc.property(fc.double({ min: 6_001, max: 100_000, noNaN: true }), (demand) => {
      const keep = aimKeep({ ...POOL, demand });
      const load = keep * demand;
      assert.ok(keep >= LEAST_KEEP);
      assert.ok(load > 5_999 && load < 8_000, `${load}`);
      near(1 - keep, (load - 6_000) / 2_000);
    }),
  );
});

test('pools that are overloaded alike keep their own, and less than alike share the difference', () => {
  const alike = { load: 16_000, soft: 9_000, hard: 14_000 };
  assert.equal(aimKeep({ ...POOL, demand: 8_800, elsewhere: alike }), 1, 'both 1.4 times the way to hard');
  const less = aimKeep({ ...POOL, demand: 8_800, elsewhere: { ...alike, load: 12_000 } });
  const room = aimKeep({ ...POOL, demand: 8_800, elsewhere: { ...alike, load: 5_000 } });
  assert.ok(room < less && less < 1, `${room} < ${less}`);
  near(room, aimKeep({ ...POOL, demand: 8_800 }));
});

test('what is on its way already counts as being elsewhere', () => {
  const elsewhere = { load: 9_000, soft: 9_000, hard: 12_000 };
  const before = aimKeep({ ...POOL, demand: 8_000, effective: 1, elsewhere });
  const sent = (1 - before) * 8_000;
  const after = aimKeep({
    ...POOL,
    demand: 8_000,
    effective: before,
    elsewhere: { ...elsewhere, load: 9_000 + sent },
  });
  near(after, before);
});
