import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HealthReport } from '@signpost/contracts/health-report';
import type { Flaps } from '@signpost/contracts/verdict';
import fc from 'fast-check';

import { evolveFleet, type Observation } from '../fleet/evolve-fleet.ts';
import { EMPTY_FLEET, type Fleet } from '../fleet/fleet.ts';
import { votersOf } from '../fleet/voters.ts';
import { beatOf, report } from '../testing/reports.ts';
import type { MonitoredPair } from '../topology/monitored-pairs.ts';
import { countFlips } from './count-flips.ts';
import { freshReports } from './judge-votes.ts';

const NOBODY: ReadonlySet<string> = new Set();

function saying(flips: Readonly<Record<string, number>>, incarnation = 1) {
  return new Map<string, HealthReport[]>(
    Object.entries(flips).map(([vantage, count]) => [
      vantage,
      [report({ vantage, incarnation, states: { ipv4: 'up' }, flips: count })],
    ]),
  );
}

test('flips are those since the last count, on average over the vantages that report', () => {
  const first = countFlips(saying({ eu: 7, us: 3, ap: 0 }), NOBODY, {});
  assert.equal(first.flips, 0, 'what was before we looked is nobody knows when');
  const next = countFlips(saying({ eu: 9, us: 4, ap: 0 }), NOBODY, first.counted);
  assert.equal(next.flips, 1);
  assert.deepEqual(countFlips(saying({ eu: 9, us: 4, ap: 0 }), NOBODY, next.counted), {
    flips: 0,
    counted: next.counted,
  });
});

test('a prober that was started anew counts from zero, and an older process of it not at all', () => {
  const { counted } = countFlips(saying({ eu: 7 }), NOBODY, {});
  const restarted = countFlips(saying({ eu: 2 }, 2), NOBODY, counted);
  assert.equal(restarted.flips, 2);
  assert.equal(countFlips(saying({ eu: 8 }, 1), NOBODY, restarted.counted).flips, 0);
});

test('a target of two families that goes down in both flips once', () => {
  const both = (flips: number) =>
    new Map([['eu', [report({ vantage: 'eu', states: { ipv4: 'up', ipv6: 'up' }, flips })]]]);
  const { counted } = countFlips(both(0), NOBODY, {});
  assert.equal(countFlips(both(2), NOBODY, counted).flips, 1);
});

test('what a quarantined vantage sees is not counted, then or later', () => {
  const { counted } = countFlips(saying({ eu: 0, us: 0 }), NOBODY, {});
  const apart = countFlips(saying({ eu: 10, us: 1 }), new Set(['eu']), counted);
  assert.equal(apart.flips, 1);
  assert.equal(countFlips(saying({ eu: 10, us: 1 }), NOBODY, apart.counted).flips, 0);
});

const PAIR: MonitoredPair = {
  monitor: 'web',
  target: 'eu-b',
  vantages: ['eu', 'us'],
  minReports: 1,
  families: ['ipv4'],
  rule: { kind: 'votes', quorum: 'majority', decide: 'global' },
  damping: undefined,
};

/** Takes messages one by one, as rounds of their own, and counts after each. */
function countAll(observations: readonly Observation[], start: { fleet: Fleet; counted: Flaps['counted'] }) {
  let { fleet, counted } = start;
  let flips = 0;
  for (const observation of observations) {
    ({ fleet } = evolveFleet(fleet, [observation], () => true, 0));
    const count = countFlips(freshReports(PAIR, votersOf(fleet, 0)), NOBODY, counted);
    ({ counted } = count);
    flips += count.flips;
  }
  return { fleet, counted, flips };
}

test('loss, repetition and order of reports change no count, if the last one of each prober comes', () => {
  const growing = fc
    .array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 8 })
    .map((steps) => steps.map((_, i) => steps.slice(0, i + 1).reduce((sum, step) => sum + step, 0)));
  fc.assert(
    fc.property(growing, growing, fc.func(fc.nat(4)), fc.func(fc.boolean()), (eu, us, shuffle, lost) => {
      const sent = [
        ...eu.map((flips, i) => ({ vantage: 'eu', flips, sequence: i + 2 })),
        ...us.map((flips, i) => ({ vantage: 'us', flips, sequence: i + 2 })),
      ];
      const reportOf = (fields: (typeof sent)[number]): Observation => ({
        kind: 'report',
        report: report({ ...fields, states: { ipv4: 'up' } }),
      });
      // Both are known and fresh before anything flips.
      const born = ['eu', 'us'].flatMap((vantage): Observation[] => {
        const first = report({ vantage, sequence: 1, states: { ipv4: 'up' } });
        return [
          { kind: 'report', report: first },
          { kind: 'beat', beat: beatOf([first], 0, { vantage }) },
        ];
      });
      const start = countAll(born, { fleet: EMPTY_FLEET, counted: {} });
      const whole = countAll(sent.map(reportOf), start);
      const last = [eu, us].map((flips, i) =>
        reportOf({ vantage: ['eu', 'us'][i]!, flips: flips.at(-1)!, sequence: flips.length + 1 }),
      );
      const mixed = [...sent, ...sent]
        .filter((each) => !lost(each))
        .toSorted((a, b) => shuffle(a) - shuffle(b))
        .map(reportOf);
      const other = countAll([...mixed, ...last, ...mixed], start);
      assert.ok(Math.abs(whole.flips - other.flips) < 1e-9);
      assert.deepEqual(other.counted, whole.counted);
      assert.deepEqual(other.fleet, whole.fleet);
      assert.ok(Math.abs(whole.flips - (eu.at(-1)! + us.at(-1)!) / 2) < 1e-9);
    }),
  );
});
