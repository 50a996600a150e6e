import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HealthReport } from '@signpost/contracts/health-report';
import { FRESH_FOR_MS } from '@signpost/contracts/heartbeats';
import fc from 'fast-check';

import { beatOf, report } from '../testing/reports.ts';
import { evolveFleet, forget, MAX_PROBERS, type Observation } from './evolve-fleet.ts';
import { EMPTY_FLEET, freshReport, type Fleet } from './fleet.ts';
import { GONE_AFTER_MS, staleReports } from './stale-reports.ts';

const everything = () => true;
const reported = (fields: Parameters<typeof report>[0]): Observation => ({
  kind: 'report',
  report: report(fields),
});
const evolve = (fleet: Fleet, observations: readonly Observation[], nowMs = 0) =>
  evolveFleet(fleet, observations, everything, nowMs).fleet;
const vote = (fleet: Fleet, nowMs: number) => {
  const view = fleet.probers.get('eu/p1');
  return view === undefined ? undefined : freshReport(view, 'web.eu-b', nowMs)?.families.ipv4?.state;
};

test('a replayed report alone proves nothing', () => {
  const fleet = evolve(EMPTY_FLEET, [reported({ vantage: 'eu', states: { ipv4: 'down' } })]);
  assert.equal(vote(fleet, 0), undefined);
});

test('a report counts while the heartbeat of the same incarnation is fresh, and no longer', () => {
  const sent = report({ vantage: 'eu', states: { ipv4: 'up' } });
  const fleet = evolve(EMPTY_FLEET, [
    { kind: 'report', report: sent },
    { kind: 'beat', beat: beatOf([sent], 100, { vantage: 'eu' }) },
  ]);
  assert.equal(vote(fleet, 100 + FRESH_FOR_MS), 'up');
  assert.equal(vote(fleet, 101 + FRESH_FOR_MS), undefined);
  const restarted = evolve(fleet, [
    { kind: 'beat', beat: beatOf([], 200, { vantage: 'eu', incarnation: 2 }) },
  ]);
  assert.equal(vote(restarted, 200), undefined);
});

test('a heartbeat of an earlier incarnation does not bring its reports back', () => {
  const sent = report({ vantage: 'eu', states: { ipv4: 'up' } });
  const old: Observation = { kind: 'beat', beat: beatOf([sent], 300, { vantage: 'eu' }) };
  const restarted: Observation = { kind: 'beat', beat: beatOf([], 200, { vantage: 'eu', incarnation: 2 }) };
  assert.equal(vote(evolve(EMPTY_FLEET, [{ kind: 'report', report: sent }, restarted, old]), 300), undefined);
});

test('a prober that was started anew after its wall clock was set back has a vote once the one before is silent', () => {
  const before = report({ vantage: 'eu', incarnation: 9, states: { ipv4: 'up' } });
  const early = report({ vantage: 'eu', incarnation: 3, states: { ipv4: 'down' } });
  const beatAt = (sent: HealthReport, heardAtMs: number): Observation => ({
    kind: 'beat',
    beat: beatOf([sent], heardAtMs, { vantage: 'eu', incarnation: sent.incarnation }),
  });
  let fleet = evolve(EMPTY_FLEET, [{ kind: 'report', report: before }, beatAt(before, 0)]);
  fleet = evolve(fleet, [{ kind: 'report', report: early }, beatAt(early, FRESH_FOR_MS)]);
  assert.equal(vote(fleet, FRESH_FOR_MS), 'up', 'so far it may be a message that is late');
  const first = evolveFleet(fleet, [beatAt(early, FRESH_FOR_MS + 1)], everything, 0);
  const asked = evolveFleet(first.fleet, [beatAt(early, FRESH_FOR_MS + 2)], everything, 0);
  assert.deepEqual(asked.resend, [{ vantage: 'eu', prober: 'p1' }], 'for what it said until then');
  const again = { ...early, sequence: 2 };
  fleet = evolve(asked.fleet, [{ kind: 'report', report: again }, beatAt(again, FRESH_FOR_MS + 3)]);
  assert.equal(vote(fleet, FRESH_FOR_MS + 3), 'down');
});

test('the newest report stands, in whatever order and how often reports come', () => {
  const reports = fc.array(
    fc.record({ incarnation: fc.integer({ min: 1, max: 3 }), sequence: fc.integer({ min: 1, max: 9 }) }),
    { minLength: 1, maxLength: 12 },
  );
  fc.assert(
    fc.property(reports, fc.func(fc.integer()), (orders, shuffle) => {
      const observations = orders.map(({ incarnation, sequence }) =>
        reported({
          vantage: 'eu',
          incarnation,
          sequence,
          states: { ipv4: 'up' },
          reason: `${incarnation}.${sequence}`,
        }),
      );
      const shuffled = observations.toSorted((a, b) => shuffle(a) - shuffle(b));
      const plain = evolve(EMPTY_FLEET, observations).probers.get('eu/p1')!.reports;
      let oneByOne = EMPTY_FLEET;
      for (const observation of [...shuffled, ...observations]) oneByOne = evolve(oneByOne, [observation]);
      assert.deepEqual(oneByOne.probers.get('eu/p1')!.reports, plain);
    }),
  );
});

test('whatever is lost, doubled or late: the fleet is that of the last report of each pair and prober', () => {
  const sent = fc.array(
    fc.record({
      vantage: fc.constantFrom('eu', 'us'),
      prober: fc.constantFrom('p1', 'p2'),
      target: fc.constantFrom('a', 'b', 'c'),
      state: fc.constantFrom('up' as const, 'suspect' as const, 'down' as const),
      flips: fc.nat(9),
    }),
    { minLength: 1, maxLength: 20 },
  );
  fc.assert(
    fc.property(sent, fc.func(fc.integer()), fc.func(fc.boolean()), (fields, shuffle, lost) => {
      const reports = fields.map(({ state, ...rest }, i) =>
        report({ ...rest, sequence: i + 1, states: { ipv4: state } }),
      );
      const last = new Map(
        reports.map((each) => [`${each.vantage}/${each.prober} ${each.target}`, each] as const),
      );
      const arrived = [...reports, ...reports, ...reports]
        .filter((each, i) => !lost([each, i]))
        .toSorted((a, b) => shuffle(a) - shuffle(b));
      const observations = [...arrived, ...last.values(), ...arrived].map((each): Observation => ({
        kind: 'report',
        report: each,
      }));
      let fleet = EMPTY_FLEET;
      for (const observation of observations) fleet = evolve(fleet, [observation]);
      const held = [...fleet.probers.values()].flatMap((view) => [...view.reports.values()]);
      const bySequence = (a: HealthReport, b: HealthReport) => a.sequence - b.sequence;
      assert.deepEqual(held.toSorted(bySequence), [...last.values()].toSorted(bySequence));
    }),
  );
});

test('evolving leaves the fleet it began with as it was', () => {
  const before = evolve(EMPTY_FLEET, [reported({ vantage: 'eu', states: { ipv4: 'up' } })]);
  const copy = structuredClone(before);
  evolve(before, [
    reported({ vantage: 'eu', sequence: 2, states: { ipv4: 'down' } }),
    reported({ vantage: 'eu', sequence: 3, target: 'us-a', states: { ipv4: 'down' } }),
  ]);
  assert.deepEqual(before, copy);
});

test('a digest is compared only once the sequence of the heartbeat was received; two mismatches ask for a resend', () => {
  const first = report({ vantage: 'eu', sequence: 1, states: { ipv4: 'up' } });
  const lost = report({ vantage: 'eu', sequence: 2, target: 'us-a', states: { ipv4: 'up' } });
  const third = report({ vantage: 'eu', sequence: 3, target: 'eu-a', states: { ipv4: 'up' } });
  const beat: Observation = { kind: 'beat', beat: beatOf([first, lost, third], 0, { vantage: 'eu' }) };
  const behind = evolveFleet(
    EMPTY_FLEET,
    [{ kind: 'report', report: first }, beat, beat, beat],
    everything,
    0,
  );
  assert.deepEqual(behind.resend, []);
  const received = evolveFleet(behind.fleet, [{ kind: 'report', report: third }, beat], everything, 0);
  assert.deepEqual(received.resend, []);
  const asked = evolveFleet(received.fleet, [beat], everything, 0);
  assert.deepEqual(asked.resend, [{ vantage: 'eu', prober: 'p1' }]);
  const healed = evolveFleet(asked.fleet, [{ kind: 'report', report: lost }, beat, beat], everything, 0);
  assert.deepEqual(healed.resend, []);
});

test('a pair that a prober no longer checks is dropped instead of asked for', () => {
  const kept = report({ vantage: 'eu', sequence: 2, states: { ipv4: 'up' } });
  const removed = report({ vantage: 'eu', sequence: 1, target: 'gone', states: { ipv4: 'up' } });
  const fleet = evolve(EMPTY_FLEET, [
    { kind: 'report', report: removed },
    { kind: 'report', report: kept },
  ]);
  const beat: Observation = { kind: 'beat', beat: beatOf([kept], 0, { vantage: 'eu' }) };
  const assigned = (pair: string) => pair !== 'web.gone';
  const { fleet: after, resend } = evolveFleet(fleet, [beat, beat, beat], assigned, 0);
  assert.deepEqual(resend, []);
  assert.deepEqual([...after.probers.get('eu/p1')!.reports.keys()], ['web.eu-b']);
});

test('made-up probers cannot fill the memory', () => {
  const observations = Array.from({ length: MAX_PROBERS + 10 }, (_, i) =>
    reported({ vantage: 'eu', prober: `p${i}`, states: { ipv4: 'up' } }),
  );
  assert.equal(evolve(EMPTY_FLEET, observations).probers.size, MAX_PROBERS);
});

test('reports of removed pairs and of probers gone for an hour are stale, others are not', () => {
  const sent = report({ vantage: 'eu', states: { ipv4: 'up' } });
  const gone = report({ vantage: 'us', states: { ipv4: 'up' } });
  const removed = report({ vantage: 'eu', target: 'gone', sequence: 2, states: { ipv4: 'up' } });
  const fleet = evolve(EMPTY_FLEET, [
    { kind: 'report', report: sent },
    { kind: 'report', report: removed },
    { kind: 'report', report: gone },
    { kind: 'beat', beat: beatOf([sent], GONE_AFTER_MS, { vantage: 'eu' }) },
  ]);
  const stale = staleReports(fleet, (pair) => pair !== 'web.gone', GONE_AFTER_MS + 1);
  assert.deepEqual(stale, { reports: [removed, gone], probers: [{ vantage: 'us', prober: 'p1' }] });
  const left = forget(fleet, stale.reports, stale.probers);
  assert.deepEqual([...left.probers.keys()], ['eu/p1']);
  assert.deepEqual([...left.probers.get('eu/p1')!.reports.values()], [sent]);
});
