/** Steering by load against simulated caches: it settles, wherever demand goes, and stays where it settled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { seededDraw } from '@signpost/testkit/seeded-draw';
import { scaled } from '@signpost/testkit/test-scale';
import fc from 'fast-check';

import { simulateLoad, type LoadSample, type LoadSimulation } from '../testing/load-simulation.ts';
import { LARGEST_STEP } from './load-settings.ts';

const POOLS = {
  eu: { limits: { soft: 6_000, hard: 8_000 }, demand: 5_000 },
  us: { limits: { soft: 9_000, hard: 12_000 }, demand: 4_000 },
  ap: { limits: { soft: 2_500, hard: 3_500 }, demand: 1_500 },
};
/** Of a change of demand, in TTLs; a step per TTL, and the smoothing. */
const SETTLES_WITHIN = 25;
const WATCHED_FOR = 25;

const mean = (samples: readonly LoadSample[], pool: string): number =>
  samples.reduce((sum, { load }) => sum + load.get(pool)!, 0) / samples.length;

/** How often `keep` turned back. */
function turns(samples: readonly LoadSample[], pool: string): number {
  const keeps = samples.map(({ keep }) => keep.get(pool)!);
  const moves = keeps.slice(1).flatMap((keep, index) => {
    const way = Math.sign(keep - keeps[index]!);
    return way === 0 ? [] : [way];
  });
  return moves.slice(1).filter((way, index) => way !== moves[index]).length;
}

function changed(simulation: LoadSimulation, ttlMs: number, demand: Record<string, number>) {
  Object.assign(simulation.caches.demand, demand);
  const from = simulation.samples.length;
  simulation.run(SETTLES_WITHIN * ttlMs);
  const settled = simulation.samples.length;
  simulation.run(WATCHED_FOR * ttlMs);
  return { settling: simulation.samples.slice(from, settled), after: simulation.samples.slice(settled) };
}

test('where others have room, a pool settles between soft and hard, at the share that the rule sheds there', () => {
  for (const ttlMs of [30_000, 60_000, 120_000, 300_000]) {
    const draw = seededDraw(ttlMs);
    const simulation = simulateLoad({ pools: POOLS, ttlMs, draw, resolversPerPool: 2_000 });
    const { after } = changed(simulation, ttlMs, { eu: 9_000 });
    const load = mean(after, 'eu');
    const keep = after.at(-1)!.keep.get('eu')!;
    assert.ok(load > 6_000 && load < 8_000, `TTL ${ttlMs}: ${load}`);
    const shed = (load - 6_000) / 2_000;
    assert.ok(Math.abs(1 - keep - shed) < 0.08, `TTL ${ttlMs}: keeps ${keep}, the rule sheds ${shed}`);
    assert.equal(turns(after, 'eu'), 0);
    const back = changed(simulation, ttlMs, { eu: 5_000 });
    assert.equal(back.after.at(-1)!.keep.get('eu'), 1, 'all come back once there is room');
  }
});

test('no change is larger than a step, and there is one per TTL at most', () => {
  const ttlMs = 60_000;
  const simulation = simulateLoad({ pools: POOLS, ttlMs, noise: 0.05, draw: seededDraw(5) });
  changed(simulation, ttlMs, { eu: 30_000, us: 100 });
  let changedAtMs = Number.NEGATIVE_INFINITY;
  for (const [index, { keep, atMs }] of simulation.samples.entries()) {
    const before = simulation.samples[index - 1]?.keep.get('eu') ?? 1;
    const now = keep.get('eu')!;
    if (before === now) continue;
    assert.ok(Math.abs(before - now) <= LARGEST_STEP + 1e-9, `${before} -> ${now}`);
    assert.ok(atMs - changedAtMs >= ttlMs, `after ${atMs - changedAtMs} ms`);
    changedAtMs = atMs;
  }
  assert.ok(simulation.state().pools.get('eu')!.keep < 0.6);
});

const demands = fc.record({
  eu: fc.integer({ min: 500, max: 14_000 }),
  us: fc.integer({ min: 500, max: 18_000 }),
  ap: fc.integer({ min: 500, max: 6_000 }),
});

test('demand that steps up and down, noise and caches that stretch TTLs set up no oscillation', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 30, max: 300 }),
      fc.constantFrom(1, 1.5, 2),
      fc.array(demands, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 1_000_000 }),
      (ttl, stretch, phases, seed) => {
        const ttlMs = ttl * 1_000;
        const options = { pools: POOLS, ttlMs, stretch, noise: 0.05, draw: seededDraw(seed) };
        const simulation = simulateLoad(options);
        simulation.run(5 * ttlMs);
        for (const demand of phases) {
          const { settling, after } = changed(simulation, ttlMs, demand);
          for (const pool of Object.keys(POOLS)) {
            assert.ok(turns(settling, pool) <= 6, `${pool} turned ${turns(settling, pool)} times on its way`);
            assert.ok(turns(after, pool) <= 2, `${pool} turned ${turns(after, pool)} times once settled`);
          }
          const total = demand.eu + demand.us + demand.ap;
          if (total > 0.9 * (6_000 + 9_000 + 2_500)) continue;
          for (const [pool, { limits }] of Object.entries(POOLS)) {
            const load = mean(after, pool);
            assert.ok(load < limits.hard, `${pool} carries ${load} with room elsewhere`);
          }
        }
      },
    ),
    { numRuns: scaled({ slice: 8, full: 400 }) },
  );
});
