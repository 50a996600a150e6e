import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Quorum } from '@signpost/contracts/configuration';
import { FAMILIES, HEALTH_STATES, type HealthState } from '@signpost/contracts/health';
import { FRESH_FOR_MS } from '@signpost/contracts/heartbeats';
import type { Verdict } from '@signpost/contracts/verdict';
import fc from 'fast-check';

import { evolveFleet, type Observation } from '../fleet/evolve-fleet.ts';
import { EMPTY_FLEET, type Fleet } from '../fleet/fleet.ts';
import { beatOf, report, type ReportFields } from '../testing/reports.ts';
import { sightOf } from '../testing/sight.ts';
import type { MonitoredPair } from '../topology/monitored-pairs.ts';
import { evidenceOf } from './evidence.ts';
import { judgePair } from './judge-pair.ts';

const CLOCKS = { monotonicMs: 1_000, wallMs: 5_000 };

function pairOf(
  vantages: readonly string[],
  minReports = Math.floor(vantages.length / 2) + 1,
  quorum: Quorum = 'majority',
): MonitoredPair {
  return {
    monitor: 'web',
    target: 'eu-b',
    vantages,
    minReports,
    families: ['ipv4'],
    rule: { kind: 'votes', quorum, decide: 'global' },
    damping: undefined,
  };
}

function fleetOf(votes: readonly ReportFields[], heardAtMs = CLOCKS.monotonicMs): Fleet {
  const observations = votes.flatMap((fields): Observation[] => {
    const sent = report(fields);
    return [
      { kind: 'report', report: sent },
      { kind: 'beat', beat: beatOf([sent], heardAtMs, sent) },
    ];
  });
  return evolveFleet(EMPTY_FLEET, observations, () => true, heardAtMs).fleet;
}

const seen = (fleet: Fleet) => sightOf(fleet, CLOCKS.monotonicMs);

function last(state: HealthState): Verdict {
  return { monitor: 'web', target: 'eu-b', state, families: { ipv4: state }, sinceMs: 7, reason: 'before' };
}

function judge(
  votes: Readonly<Record<string, HealthState>>,
  before: HealthState,
  minReports?: number,
  quorum?: Quorum,
) {
  const fields = Object.entries(votes).map(([vantage, state]) => ({
    vantage,
    states: { ipv4: state },
    reason: 'connection refused',
  }));
  const { verdict } = judgePair(
    pairOf(['ap', 'eu', 'us'], minReports, quorum),
    seen(fleetOf(fields)),
    last(before),
    CLOCKS,
  );
  return [verdict.state, verdict.reason];
}

test('the majority of the vantages decides, and says who and why', () => {
  assert.deepEqual(judge({ eu: 'down', us: 'down', ap: 'up' }, 'up'), [
    'down',
    'down by 2 of 3 vantages (eu, us): connection refused',
  ]);
  assert.equal(judge({ eu: 'down', us: 'up', ap: 'up' }, 'down')[0], 'up');
});

test('with too few votes, or a tie, the last verdict stands', () => {
  assert.deepEqual(judge({ eu: 'down' }, 'up'), ['up', 'too few votes (1 of 2 needed): last verdict stands']);
  assert.deepEqual(judge({ eu: 'down', us: 'up' }, 'up'), [
    'up',
    '1 votes for up, 1 for down: last verdict stands',
  ]);
  assert.deepEqual(judge({}, 'unknown'), ['unknown', 'too few votes (0 of 2 needed): nothing is known yet']);
});

test('min_reports below the majority lets fewer vantages decide, above it needs more to vote', () => {
  assert.equal(judge({ eu: 'down' }, 'up', 1)[0], 'down');
  assert.equal(judge({ eu: 'down', us: 'down' }, 'up', 3)[0], 'up');
  assert.equal(judge({ eu: 'down', us: 'down', ap: 'up' }, 'up', 3)[0], 'down');
});

test('any, all and n say how many vantages must see it down', () => {
  assert.deepEqual(judge({ eu: 'down', us: 'up', ap: 'up' }, 'up', undefined, 'any'), [
    'down',
    'down by 1 of 3 vantages (eu), quorum any: connection refused; not so by ap, us',
  ]);
  assert.deepEqual(judge({ eu: 'down', us: 'down', ap: 'up' }, 'down', undefined, 'all'), [
    'up',
    'up by 1 of 3 vantages (ap), quorum all: connection refused; down by eu, us',
  ]);
  assert.equal(judge({ eu: 'down', us: 'down', ap: 'down' }, 'up', undefined, 'all')[0], 'down');
  assert.equal(judge({ eu: 'down', us: 'up', ap: 'up' }, 'up', undefined, 2)[0], 'up');
  assert.equal(judge({ eu: 'down', us: 'down', ap: 'up' }, 'up', undefined, 2)[0], 'down');
});

test('who is silent neither brings a target down nor back while it is open what the vantages would say', () => {
  assert.deepEqual(judge({ eu: 'down', us: 'down' }, 'up', undefined, 'all'), [
    'up',
    'quorum all not reached (2 of 3 votes for down, 0 of 1 for up): last verdict stands',
  ]);
  assert.deepEqual(judge({ eu: 'down', us: 'up' }, 'down', undefined, 2), [
    'down',
    'quorum 2 not reached (1 of 2 votes for down, 1 of 2 for up): last verdict stands',
  ]);
  assert.equal(judge({ eu: 'up', us: 'up' }, 'down', 2, 'any')[0], 'up', 'min_reports suffice');
  assert.equal(judge({ eu: 'up', us: 'up' }, 'down', 3, 'any')[0], 'down');
});

test('a suspicion makes an up target suspect, but raises none that is down or unknown', () => {
  assert.deepEqual(judge({ eu: 'suspect', us: 'up', ap: 'up' }, 'up'), [
    'suspect',
    'suspect by 1 of 3 vantages (eu): connection refused',
  ]);
  assert.equal(judge({ eu: 'suspect', us: 'suspect', ap: 'suspect' }, 'down')[0], 'down');
  assert.equal(judge({ eu: 'suspect', us: 'suspect', ap: 'suspect' }, 'unknown')[0], 'unknown');
});

test('a vantage has one vote, however many probers it has; their tie is no vote', () => {
  const fields = (states: readonly HealthState[]) =>
    states.map((state, i) => ({ vantage: 'eu', prober: `p${i}`, states: { ipv4: state } }));
  const judged = (states: readonly HealthState[]) =>
    judgePair(pairOf(['eu']), seen(fleetOf(fields(states))), last('up'), CLOCKS);
  assert.equal(judged(['down', 'down', 'up']).verdict.state, 'down');
  assert.deepEqual([judged(['down', 'up']).verdict.state, judged(['down', 'up']).settled], ['up', false]);
});

test('families are judged apart, and the target is as good as its best', () => {
  const pair = { ...pairOf(['eu']), families: FAMILIES };
  const votes = fleetOf([{ vantage: 'eu', states: { ipv4: 'up', ipv6: 'down' }, reason: 'x' }]);
  const { verdict } = judgePair(pair, seen(votes), undefined, CLOCKS);
  assert.deepEqual([verdict.state, verdict.families], ['up', { ipv4: 'up', ipv6: 'down' }]);
  assert.equal(verdict.reason, 'ipv4 up by 1 of 1 vantages (eu): x; ipv6 down by 1 of 1 vantages (eu): x');
  assert.equal(verdict.sinceMs, CLOCKS.wallMs);
});

test('a state that goes on keeps its beginning', () => {
  const votes = fleetOf([{ vantage: 'eu', states: { ipv4: 'up' } }]);
  assert.equal(judgePair(pairOf(['eu']), seen(votes), last('up'), CLOCKS).verdict.sinceMs, 7);
});

test('evidence names every prober of the configured vantages and whether it counts', () => {
  const fleet = fleetOf([
    { vantage: 'us', states: { ipv4: 'down' } },
    { vantage: 'eu', states: { ipv4: 'up' } },
    { vantage: 'elsewhere', states: { ipv4: 'up' } },
  ]);
  const evidence = evidenceOf(
    pairOf(['eu', 'us']),
    fleet,
    new Set(['us']),
    CLOCKS.monotonicMs + FRESH_FOR_MS + 1,
  );
  assert.deepEqual(
    evidence.map(({ vantage, fresh, quarantined, heartbeatAgeMs }) => [
      vantage,
      fresh,
      quarantined,
      heartbeatAgeMs,
    ]),
    [
      ['eu', false, undefined, FRESH_FOR_MS + 1],
      ['us', false, true, FRESH_FOR_MS + 1],
    ],
  );
});

const VANTAGES = ['v1', 'v2', 'v3', 'v4', 'v5'];
const anyState = fc.constantFrom(...HEALTH_STATES);
/** Per vantage: what its prober says, and whether it is fresh. */
const anyVotes = fc
  .integer({ min: 1, max: 5 })
  .chain((size) =>
    fc.array(fc.record({ state: anyState, fresh: fc.boolean() }), { minLength: size, maxLength: size }),
  );

function observationsOf(votes: readonly { state: HealthState; fresh: boolean }[]): Observation[] {
  return votes.flatMap(({ state, fresh }, i): Observation[] => {
    const sent = report({ vantage: VANTAGES[i]!, states: { ipv4: state } });
    const beat: Observation = { kind: 'beat', beat: beatOf([sent], CLOCKS.monotonicMs, sent) };
    return [{ kind: 'report', report: sent }, ...(fresh ? [beat] : [])];
  });
}

function judgeVotes(
  votes: readonly { state: HealthState; fresh: boolean }[],
  before: HealthState,
  minReports?: number,
  quorum?: Quorum,
) {
  const { fleet } = evolveFleet(EMPTY_FLEET, observationsOf(votes), () => true, CLOCKS.monotonicMs);
  const pair = pairOf(VANTAGES.slice(0, votes.length), minReports, quorum);
  return judgePair(pair, seen(fleet), last(before), CLOCKS).verdict;
}

test('a verdict depends neither on the order of messages nor on how often they come', () => {
  fc.assert(
    fc.property(anyVotes, anyState, fc.func(fc.integer()), (votes, before, shuffle) => {
      const observations = observationsOf(votes);
      const mixed = [...observations, ...observations].toSorted((a, b) => shuffle(a) - shuffle(b));
      const { fleet } = evolveFleet(EMPTY_FLEET, mixed, () => true, CLOCKS.monotonicMs);
      const pair = pairOf(VANTAGES.slice(0, votes.length));
      assert.deepEqual(judgePair(pair, seen(fleet), last(before), CLOCKS).verdict, judgeVotes(votes, before));
    }),
  );
});

test('no verdict flips with fewer votes than min_reports', () => {
  fc.assert(
    fc.property(anyVotes, anyState, fc.integer({ min: 1, max: 5 }), (votes, before, minReports) => {
      const cast = votes.filter(({ state, fresh }) => fresh && state !== 'unknown').length;
      fc.pre(cast < minReports);
      assert.equal(judgeVotes(votes, before, minReports).state, before);
    }),
  );
});

test('vantages that fall silent never change a verdict, with quorums by count if min_reports asks for all', () => {
  const anyQuorum = fc.oneof(fc.constantFrom('majority' as const, 'any' as const, 'all' as const), fc.nat(4));
  fc.assert(
    fc.property(
      anyVotes,
      anyState,
      anyQuorum,
      fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
      (votes, before, kind, dies) => {
        const quorum = typeof kind === 'number' ? 1 + (kind % votes.length) : kind;
        const minReports = quorum === 'majority' ? undefined : votes.length;
        const { state } = judgeVotes(votes, before, minReports, quorum);
        const left = votes.map((vote, i) => ({ ...vote, fresh: vote.fresh && !dies[i]! }));
        const after = judgeVotes(left, state, minReports, quorum);
        // Suspicion may end with the one who had it; nothing else may move.
        const settled = (value: HealthState) => (value === 'suspect' ? 'up' : value);
        assert.equal(settled(after.state), settled(state));
      },
    ),
  );
});
