/** Which vantages see a pair otherwise than its verdict, and which of them are believed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HealthState } from '@signpost/contracts/health';
import type { FamilyStates } from '@signpost/contracts/verdict';
import * as fc from 'fast-check';

import { evolveFleet, type Observation } from '../fleet/evolve-fleet.ts';
import { EMPTY_FLEET } from '../fleet/fleet.ts';
import { votersOf } from '../fleet/voters.ts';
import { beatOf, report, type ReportFields } from '../testing/reports.ts';
import type { MonitoredPair } from '../topology/monitored-pairs.ts';
import { describeDissents, dissentsOf, type Dissents } from './dissent.ts';
import type { JudgedPair } from './judge-pair.ts';

const PAIR: MonitoredPair = {
  monitor: 'web',
  target: 'eu-b',
  vantages: ['ap', 'eu', 'us'],
  minReports: 2,
  families: ['ipv4', 'ipv6'],
  rule: { kind: 'votes', quorum: 'majority', decide: 'regional' },
  damping: undefined,
};

/** By `vantage` or `vantage/prober`; a word is what both families say. */
type Votes = Readonly<Record<string, HealthState | FamilyStates>>;

interface Case {
  readonly votes: Votes;
  readonly verdict: HealthState | FamilyStates;
  readonly settled?: boolean;
  readonly damped?: boolean;
  readonly disbelieved?: readonly string[];
  readonly before?: Dissents;
  readonly pair?: MonitoredPair;
}

const both = (states: HealthState | FamilyStates): FamilyStates =>
  typeof states === 'string' ? { ipv4: states, ipv6: states } : states;

function dissents({ votes, verdict, settled = true, damped, disbelieved = [], before, pair = PAIR }: Case) {
  const fields = Object.entries(votes).map(([who, states]): ReportFields => {
    const [vantage = '', prober = 'p1'] = who.split('/');
    const { ipv4, ipv6 } = both(states);
    return { vantage, prober, states: { ...(ipv4 && { ipv4 }), ...(ipv6 && { ipv6 }) } };
  });
  const observations = fields.flatMap((each): Observation[] => {
    const sent = report(each);
    return [
      { kind: 'report', report: sent },
      { kind: 'beat', beat: beatOf([sent], 0, sent) },
    ];
  });
  const { fleet } = evolveFleet(EMPTY_FLEET, observations, () => true, 0);
  const judged: JudgedPair = {
    settled,
    verdict: {
      monitor: 'web',
      target: 'eu-b',
      state: 'up',
      families: both(verdict),
      sinceMs: 0,
      reason: '',
      ...(damped === true && { dampedUntilMs: 1 }),
    },
  };
  return dissentsOf(pair, { voters: votersOf(fleet, 0), disbelieved: new Set(disbelieved) }, judged, before);
}

const described = (each: Case) => describeDissents(dissents(each));

test('a vantage that is sure of the contrary dissents, in the families it is sure of', () => {
  const votes = { ap: 'down', eu: 'up', us: 'up' } as const;
  assert.equal(described({ votes, verdict: 'up' }), 'ap: ipv4 down, ipv6 down');
  assert.equal(described({ votes, verdict: 'suspect' }), 'ap: ipv4 down, ipv6 down');
  assert.equal(described({ votes, verdict: 'down' }), 'eu: ipv4 up, ipv6 up; us: ipv4 up, ipv6 up');
  assert.equal(described({ votes: { ...votes, ap: { ipv6: 'down' } }, verdict: 'up' }), 'ap: ipv6 down');
  assert.equal(dissents({ votes, verdict: 'up' })!.get('ap')!.reason, 'because');
});

test('nothing else is dissent', () => {
  const votes = { ap: 'down', eu: 'up', us: 'up' } as const;
  const agreeing: Case[] = [
    { votes: { ...votes, ap: 'up' }, verdict: 'up' },
    { votes: { ...votes, ap: 'suspect' }, verdict: 'up' },
    { votes: { ...votes, ap: 'unknown' }, verdict: 'up' },
    { votes: { eu: 'up', us: 'up' }, verdict: 'up' },
    { votes, verdict: 'up', disbelieved: ['ap'] },
    { votes: { ...votes, 'ap/p2': 'up' }, verdict: 'up' },
    { votes: { ...votes, 'ap/p2': 'suspect' }, verdict: 'up' },
    { votes: { ap: 'up', eu: 'down', us: 'down' }, verdict: 'down', damped: true },
    {
      votes,
      verdict: 'up',
      pair: { ...PAIR, rule: { kind: 'votes', quorum: 'majority', decide: 'global' } },
    },
    { votes, verdict: 'up', pair: { ...PAIR, vantages: ['eu', 'us'] } },
  ];
  for (const each of agreeing) assert.equal(dissents(each), undefined, JSON.stringify(each));
  assert.notEqual(described({ votes: { ...votes, 'ap/p2': 'up', 'ap/p3': 'down' }, verdict: 'up' }), '');
});

test('while a verdict is frozen, dissent goes on as it was, as long as the vantage says the same', () => {
  const votes = { ap: 'down' } as const;
  const before: Dissents = new Map([['ap', { families: { ipv4: 'down' }, reason: '' }]]);
  const frozen = { votes, verdict: 'up', settled: false } as const;
  assert.equal(described(frozen), '');
  assert.equal(described({ ...frozen, before }), 'ap: ipv4 down');
  assert.equal(described({ ...frozen, votes: { ap: 'suspect' }, before }), '');
});

test('whatever vantages say: who dissents is believed and contradicts the verdict', () => {
  const state = fc.constantFrom<HealthState>('up', 'down', 'suspect', 'unknown');
  const votes = fc.dictionary(fc.constantFrom('ap', 'ap/p2', 'eu', 'eu/p2', 'us'), state);
  const disbelieved = fc.subarray(['ap', 'eu']);
  fc.assert(
    fc.property(votes, state, disbelieved, fc.boolean(), (said, verdict, without, damped) => {
      for (const [vantage, { families }] of dissents({
        votes: said,
        verdict,
        disbelieved: without,
        damped,
      }) ?? []) {
        assert.ok(!without.includes(vantage));
        const own = Object.entries(said).flatMap(([who, each]) =>
          who.split('/')[0] === vantage ? each : [],
        );
        for (const seen of Object.values(families)) {
          assert.ok(own.filter((each) => each === seen).length * 2 > own.length);
          if (verdict !== 'unknown') assert.notEqual(seen === 'down', verdict === 'down');
          assert.ok(!damped || verdict !== 'down');
        }
      }
    }),
  );
});
