import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { DampingConfiguration } from '@signpost/contracts/configuration';
import type { HealthState } from '@signpost/contracts/health';
import fc from 'fast-check';

import { dampFlaps, highestPenalty, MAX_HALF_LIVES, penaltyAt, type Damped } from './damp-flaps.ts';

const SETTINGS: DampingConfiguration = { half_life: 300_000, suppress: 3, reuse: 1 };
const START = 1_000_000_000_000;

/** Goes on from what was before, with so many flips, at `wallMs`. */
function damp(
  last: Damped | undefined,
  state: HealthState,
  flips: number,
  wallMs: number,
  settings: DampingConfiguration = SETTINGS,
): Damped {
  return dampFlaps({ judged: { ipv4: state }, last, flips, counted: {}, settings, wallMs });
}

/** So many times down and up again, `everyMs` apart; ends up, if it may. */
function flap(times: number, everyMs = 1_000): { damped: Damped; nowMs: number } {
  let damped = damp(undefined, 'up', 0, START);
  let nowMs = START;
  for (let i = 0; i < times; i += 1) {
    damped = damp(damped, 'down', 1, (nowMs += everyMs));
    damped = damp(damped, 'up', 1, (nowMs += everyMs));
  }
  return { damped, nowMs };
}

test('one down and up again adds 1; a target that did so once or twice comes back at once', () => {
  assert.equal(Math.round(flap(1, 1).damped.flaps.penalty * 1_000), 1_000);
  assert.deepEqual(flap(2).damped.families, { ipv4: 'up' });
  assert.equal(flap(2).damped.dampedUntilMs, undefined);
});

test('from `suppress` on what is down stays down, until exactly when the penalty is below `reuse`', () => {
  const { damped, nowMs } = flap(4);
  assert.deepEqual(damped.families, { ipv4: 'down' });
  const untilMs = damped.dampedUntilMs!;
  assert.ok(untilMs > nowMs);
  const before = damp(damped, 'up', 0, untilMs - 3);
  assert.deepEqual([before.families, before.dampedUntilMs], [{ ipv4: 'down' }, untilMs]);
  assert.deepEqual(damp(before, 'up', 0, untilMs).families, { ipv4: 'up' });
});

test('what is up when the penalty gets high serves on, and stays out only once it is down', () => {
  let damped = damp(undefined, 'up', 0, START);
  damped = damp(damped, 'up', 8, START);
  assert.deepEqual([damped.families, damped.dampedUntilMs], [{ ipv4: 'up' }, undefined]);
  damped = damp(damped, 'down', 1, START + 1);
  assert.ok(damped.dampedUntilMs! > START);
  assert.deepEqual(damp(damped, 'up', 1, START + 2).families, { ipv4: 'down' });
});

test('families are kept down apart', () => {
  const settings = { ...SETTINGS, suppress: 1 };
  const judged = { ipv4: 'down', ipv6: 'up' } as const;
  const down = dampFlaps({ judged, last: undefined, flips: 4, counted: {}, settings, wallMs: START });
  const up = { ipv4: 'up', ipv6: 'up' } as const;
  const after = dampFlaps({ judged: up, last: down, flips: 0, counted: {}, settings, wallMs: START + 1 });
  assert.deepEqual(after.families, { ipv4: 'down', ipv6: 'up' });
});

test('a wall clock that was set back neither raises a penalty nor keeps a target out for longer than the bound', () => {
  const { damped } = flap(20);
  const back = damp(damped, 'up', 0, START - 3_600_000);
  assert.ok(back.flaps.penalty <= damped.flaps.penalty);
  assert.ok(back.dampedUntilMs! <= START - 3_600_000 + MAX_HALF_LIVES * SETTINGS.half_life + 2);
});

const anySettings = fc
  .record({
    half_life: fc.integer({ min: 1, max: 3_600_000 }),
    reuse: fc.double({ min: 0.01, max: 10, noNaN: true }),
    times: fc.double({ min: 1, max: 16, noNaN: true }),
  })
  .map(({ half_life, reuse, times }) => ({ half_life, reuse, suppress: reuse * times }));
const anySteps = fc.array(
  fc.record({
    afterMs: fc.integer({ min: -5_000, max: 600_000 }),
    flips: fc.double({ min: 0, max: 50, noNaN: true }),
    state: fc.constantFrom<HealthState>('up', 'down', 'suspect', 'unknown'),
  }),
  { maxLength: 30 },
);

test('a penalty is never negative, never above its bound, and halves in each half-life', () => {
  fc.assert(
    fc.property(anySettings, anySteps, (settings, steps) => {
      let damped: Damped | undefined;
      let nowMs = START;
      for (const { afterMs, flips, state } of steps) {
        nowMs = Math.max(0, nowMs + afterMs);
        damped = damp(damped, state, flips, nowMs, settings);
        const { penalty, atMs } = damped.flaps;
        assert.ok(penalty >= 0 && penalty <= highestPenalty(settings) * (1 + 1e-9));
        const later = penaltyAt(damped.flaps, settings, atMs + settings.half_life);
        assert.ok(Math.abs(later - penalty / 2) <= penalty * 1e-9);
        if (damped.dampedUntilMs === undefined) continue;
        assert.ok(damped.dampedUntilMs <= nowMs + MAX_HALF_LIVES * settings.half_life + 2);
        assert.equal(damped.families.ipv4, 'down');
      }
    }),
  );
});

test('looking at it more often changes nothing: decay is a matter of time alone', () => {
  fc.assert(
    fc.property(
      anySteps,
      fc.array(fc.integer({ min: 0, max: 600_000 }), { maxLength: 5 }),
      (steps, looks) => {
        const forward = steps.map((step) => ({ ...step, afterMs: Math.abs(step.afterMs) }));
        const run = (between: readonly number[]) => {
          let damped: Damped | undefined;
          let nowMs = START;
          for (const { afterMs, flips, state } of forward) {
            for (const share of between) {
              const look = nowMs + (afterMs * share) / 600_001;
              if (damped !== undefined) damped = damp(damped, damped.flaps.judged.ipv4!, 0, look);
            }
            damped = damp(damped, state, flips, (nowMs += afterMs));
          }
          return damped;
        };
        const [often, seldom] = [run(looks.toSorted((a, b) => a - b)), run([])];
        assert.deepEqual(often?.flaps.penalty, seldom?.flaps.penalty);
      },
    ),
  );
});
