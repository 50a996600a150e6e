import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationSchema } from '@signpost/contracts/configuration';
import type { HealthState } from '@signpost/contracts/health';

import { evolveFleet, type Observation } from '../fleet/evolve-fleet.ts';
import { EMPTY_FLEET } from '../fleet/fleet.ts';
import { votersOf } from '../fleet/voters.ts';
import { beatOf, report } from '../testing/reports.ts';
import { buildTopology } from '../topology/topology.ts';
import {
  disbelievedOf,
  judgeVantages,
  QUARANTINE_HOLD_MS,
  SILENT_AFTER_MS,
  type VantageViews,
} from './judge-vantages.ts';

const NAMES = ['ap', 'eu', 'us'];

function topologyOf(targets: number, vantages = NAMES) {
  const names = Array.from({ length: targets }, (_, i) => `t${i}`);
  return buildTopology(
    configurationSchema.parse({
      apiVersion: 'signpost/v1',
      vantages: Object.fromEntries(vantages.map((name) => [name, {}])),
      monitors: { web: { type: 'tcp', port: 80 } },
      targets: Object.fromEntries(names.map((name) => [name, { a: '192.0.2.1' }])),
      pools: { all: { monitor: 'web', members: names.map((target) => ({ target })) } },
    }),
  );
}

/** Per vantage the state of each target, in order; a vantage that is not named is silent. */
type Sees = Readonly<Record<string, readonly HealthState[]>>;

function fleetOf(sees: Sees, nowMs: number, sinceMs: Readonly<Record<string, number>>) {
  const observations = Object.entries(sees).flatMap(([vantage, states]): Observation[] => {
    const reports = states.map((state, i) =>
      report({
        vantage,
        target: `t${i}`,
        sequence: i + 1,
        states: { ipv4: state },
        ...(sinceMs[vantage] === undefined ? {} : { sinceMs: sinceMs[vantage] }),
      }),
    );
    return [
      ...reports.map((sent) => ({ kind: 'report' as const, report: sent })),
      { kind: 'beat', beat: beatOf(reports, nowMs, { vantage }) },
    ];
  });
  return evolveFleet(EMPTY_FLEET, observations, () => true, nowMs).fleet;
}

function judge(
  sees: Sees,
  nowMs = 0,
  before: VantageViews = new Map(),
  targets = 10,
  sinceMs: Readonly<Record<string, number>> = {},
): VantageViews {
  const vantages = NAMES;
  return judgeVantages(
    before,
    {
      topology: topologyOf(targets, vantages),
      voters: votersOf(fleetOf(sees, nowMs, sinceMs), nowMs),
      changed: true,
      hearingSinceMs: 0,
      frozenOf: () => 4,
    },
    { monotonicMs: nowMs, wallMs: 1_000 + nowMs },
  );
}

/** Within this everybody has looked: the timeout of the monitor, a burst, and the way here. */
const LOOK_MS = 5_000;

/** After it was so for long enough. */
function judgeLasting(sees: Sees, nowMs = 0, before: VantageViews = new Map(), targets = 10): VantageViews {
  return judge(sees, nowMs, judge(sees, nowMs - LOOK_MS, before, targets), targets);
}

const states = (views: VantageViews) =>
  Object.fromEntries([...views].map(([vantage, { standing }]) => [vantage, standing.state]));
const all = (state: HealthState, count = 10): HealthState[] => Array<HealthState>(count).fill(state);
const some = (failing: number, of = 10, state: HealthState = 'down'): HealthState[] => [
  ...all(state, failing),
  ...all('up', of - failing),
];

test('a vantage that alone sees most targets fail is quarantined, with what it saw', () => {
  const views = judgeLasting({ eu: all('up'), us: all('down'), ap: all('up') });
  assert.deepEqual(states(views), { ap: 'voting', eu: 'voting', us: 'quarantined' });
  const { standing } = views.get('us')!;
  assert.equal(
    standing.reason,
    'it sees 10 of 10 targets fail, and for 10 of them most of the other vantages disagree',
  );
  assert.deepEqual(standing.evidence, { probers: 1, targets: 10, failing: 10, contradicted: 10, frozen: 4 });
  assert.equal(standing.sinceMs, 1_000);
});

test('the first to see targets fail is doubted until the others have looked, and is no worse off when they agree', () => {
  const first = { eu: all('up'), us: all('down'), ap: all('up') };
  let views = judge(first);
  assert.deepEqual([states(views)['us'], ...disbelievedOf(views)], ['voting', 'us']);
  views = judge(first, LOOK_MS - 1, views);
  assert.deepEqual([states(views)['us'], ...disbelievedOf(views)], ['voting', 'us']);
  views = judge({ eu: all('down'), us: all('down'), ap: all('suspect') }, LOOK_MS, views);
  assert.deepEqual([states(views)['us'], ...disbelievedOf(views)], ['voting']);
});

test('who is last to see targets come back is not contradicted by those who were first', () => {
  const back = { eu: all('up'), us: all('down'), ap: all('up') };
  const sinceMs = { eu: 20, us: 10, ap: 30 };
  const views = judge(back, 0, new Map(), 10, sinceMs);
  assert.deepEqual([...disbelievedOf(views)], []);
  assert.equal(states(judge(back, LOOK_MS, views, 10, sinceMs))['us'], 'voting');
});

test('suspicions count as failures; half of the targets, or fewer than five, are not enough', () => {
  const us = (sees: HealthState[], targets = 10) =>
    states(judgeLasting({ eu: all('up', targets), us: sees, ap: all('up', targets) }, 0, new Map(), targets))[
      'us'
    ];
  assert.equal(us(some(6, 10, 'suspect')), 'quarantined');
  assert.equal(us(some(5)), 'voting');
  assert.equal(us(all('down', 4), 4), 'voting');
  assert.equal(us(all('down', 5), 5), 'quarantined');
});

test('who sees what the others see is believed', () => {
  assert.deepEqual(states(judge({ eu: all('down'), us: all('down'), ap: all('down') })), {
    ap: 'voting',
    eu: 'voting',
    us: 'voting',
  });
  // Seven of ten fail for it, but the others contradict three of those only.
  assert.equal(states(judge({ eu: some(4), us: some(7), ap: some(4) }))['us'], 'voting');
});

test('against a tie of the others nobody is quarantined, nor is a lone vantage ever', () => {
  assert.deepEqual(states(judge({ eu: all('down'), us: all('down'), ap: all('up') })), {
    ap: 'voting',
    eu: 'voting',
    us: 'voting',
  });
  assert.equal(states(judge({ us: all('down') }))['us'], 'voting');
});

test('a quarantined vantage has no say about another', () => {
  const first = judgeLasting({ eu: all('up'), us: all('down'), ap: all('up') });
  // Were us asked, it would be one against one for ap.
  const next = judgeLasting({ eu: all('up'), us: all('down'), ap: all('down') }, LOOK_MS, first);
  assert.deepEqual(states(next), { ap: 'quarantined', eu: 'voting', us: 'quarantined' });
});

test('it votes again once it was well for the hold time, and not before', () => {
  const [bad, good] = [
    { eu: all('up'), us: all('down'), ap: all('up') },
    { eu: all('up'), us: all('up'), ap: all('up') },
  ];
  let views = judgeLasting(bad);
  views = judge(good, 1_000, views);
  assert.equal(states(views)['us'], 'quarantined');
  views = judge(bad, 10_000, views);
  views = judge(good, 20_000, views);
  views = judge(good, 19_999 + QUARANTINE_HOLD_MS, views);
  assert.equal(states(views)['us'], 'quarantined', 'a relapse begins the hold time anew');
  views = judge(good, 20_000 + QUARANTINE_HOLD_MS, views);
  assert.equal(states(views)['us'], 'voting');
  assert.equal(views.get('us')!.standing.reason, 'it sees what the other vantages see: 0 of 10 targets fail');
});

test('a silence is told once it lasts, and is no way out of quarantine', () => {
  const [bad, without, good] = [
    { eu: all('up'), us: all('down'), ap: all('up') },
    { eu: all('up'), ap: all('up') },
    { eu: all('up'), us: all('up'), ap: all('up') },
  ];
  let views = judgeLasting(bad);
  views = judge(without, 1_000, views);
  assert.equal(states(views)['us'], 'quarantined', 'a hiccup is not told');
  views = judge(without, 1_000 + SILENT_AFTER_MS, views);
  assert.equal(states(views)['us'], 'silent');
  assert.match(views.get('us')!.standing.reason, /4 verdicts are frozen/);
  views = judge(good, 100_000, views);
  assert.equal(states(views)['us'], 'quarantined');
  views = judge(good, 100_000 + QUARANTINE_HOLD_MS, views);
  assert.equal(states(views)['us'], 'voting');
});

test('while NATS is not reached nobody is called silent', () => {
  const before = judge({ eu: all('up'), us: all('up'), ap: all('up') });
  const input = {
    topology: topologyOf(10),
    voters: new Map(),
    changed: true,
    hearingSinceMs: undefined,
    frozenOf: () => 0,
  };
  let views = before;
  for (const nowMs of [5_000, 50_000]) {
    views = judgeVantages(views, input, { monotonicMs: nowMs, wallMs: nowMs });
  }
  assert.deepEqual(states(views), { ap: 'voting', eu: 'voting', us: 'voting' });
});
