/** Judging only what changed comes to the same as judging everything, whatever happens in whatever order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationSchema } from '@signpost/contracts/configuration';
import { HEALTH_STATES, type HealthState } from '@signpost/contracts/health';
import type { HealthReport } from '@signpost/contracts/health-report';
import { pairKey } from '@signpost/contracts/names';
import { scaled } from '@signpost/testkit/test-scale';
import fc from 'fast-check';

import { beatOf, report } from '../testing/reports.ts';
import { buildTopology } from '../topology/topology.ts';
import {
  INITIAL_STATE,
  type AppliedConfiguration,
  type ControllerState,
  type PairVerdict,
} from './controller-state.ts';
import type { VerdictChange } from './judge-all.ts';
import { observe } from './observe.ts';
import type { Input } from './take-inputs.ts';

const VANTAGES = ['ap', 'eu', 'us'];
const TARGETS = ['t0', 't1', 't2', 't3', 't4', 't5'];

const topology = buildTopology(
  configurationSchema.parse({
    apiVersion: 'signpost/v1',
    vantages: Object.fromEntries(VANTAGES.map((name) => [name, {}])),
    monitors: {
      web: { type: 'tcp', port: 80, damping: { half_life: '10s', suppress: 2, reuse: 1 } },
      queue: { type: 'push', expect_every: '2s' },
      'any-ok': { type: 'calculated', any: ['web', 'queue'] },
      'site-ok': { type: 'calculated', all: ['any-ok', 'web'] },
    },
    targets: Object.fromEntries(TARGETS.map((name) => [name, { a: '192.0.2.1' }])),
    pools: { all: { monitor: 'site-ok', members: TARGETS.map((target) => ({ target })) } },
  }),
);
const APPLIED: AppliedConfiguration = {
  revision: 1,
  hash: 'x',
  atMs: 0,
  fileHash: undefined,
  written: {},
  topology,
};

type Step =
  | { readonly kind: 'says'; readonly vantage: string; readonly target: string; readonly state: HealthState }
  | { readonly kind: 'all'; readonly vantage: string; readonly state: HealthState }
  | { readonly kind: 'beats'; readonly vantages: readonly string[] }
  | { readonly kind: 'heartbeat'; readonly target: string; readonly status: 'up' | 'down' }
  | { readonly kind: 'connected'; readonly connected: boolean };

const anyVantage = fc.constantFrom(...VANTAGES);
const anyTarget = fc.constantFrom(...TARGETS);
const anyState = fc.constantFrom(...HEALTH_STATES);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    arbitrary: fc.record({
      kind: fc.constant('says' as const),
      vantage: anyVantage,
      target: anyTarget,
      state: anyState,
    }),
    weight: 4,
  },
  {
    arbitrary: fc.record({ kind: fc.constant('all' as const), vantage: anyVantage, state: anyState }),
    weight: 2,
  },
  {
    arbitrary: fc.record({ kind: fc.constant('beats' as const), vantages: fc.subarray(VANTAGES) }),
    weight: 4,
  },
  {
    arbitrary: fc.record({
      kind: fc.constant('heartbeat' as const),
      target: anyTarget,
      status: fc.constantFrom('up' as const, 'down' as const),
    }),
    weight: 2,
  },
  fc.record({ kind: fc.constant('connected' as const), connected: fc.boolean() }),
);
const anyRound = fc.record({
  afterMs: fc.integer({ min: 0, max: 4_000 }),
  steps: fc.array(anyStep, { maxLength: 4 }),
});

/** Makes messages of steps, as probers would. */
function speaker() {
  const reports = new Map<string, Map<string, HealthReport>>(VANTAGES.map((name) => [name, new Map()]));
  const say = (vantage: string, target: string, state: HealthState): Input => {
    const own = reports.get(vantage)!;
    const before = own.get(target);
    const flips =
      (before?.flips ?? 0) +
      Number(before !== undefined && (before.families.ipv4!.state === 'down') !== (state === 'down'));
    const sequence = 1 + Math.max(0, ...[...own.values()].map((each) => each.sequence));
    const sent = report({ vantage, target, sequence, flips, states: { ipv4: state } });
    own.set(target, sent);
    return { kind: 'report', report: sent };
  };
  return (step: Step, nowMs: number): Input[] => {
    switch (step.kind) {
      case 'says':
        return [say(step.vantage, step.target, step.state)];
      case 'all':
        return TARGETS.map((target) => say(step.vantage, target, step.state));
      case 'beats':
        return step.vantages.map((vantage) => ({
          kind: 'beat',
          beat: beatOf([...reports.get(vantage)!.values()], nowMs, { vantage }),
        }));
      case 'heartbeat':
        return [
          { kind: 'heartbeat', target: step.target, heartbeat: { status: step.status }, heardAtMs: nowMs },
        ];
      case 'connected':
        return [{ kind: 'connected', sinceMs: step.connected ? nowMs : undefined }];
      default:
        throw new TypeError(`unhandled step ${JSON.stringify(step satisfies never)}`);
    }
  };
}

/** Whether damping is over is found out when it matters, so that it need not be looked at till then. */
function comparable({ verdict: { flaps, ...shown }, settled }: PairVerdict) {
  return { ...shown, settled, penalty: flaps?.penalty, atMs: flaps?.atMs, counted: flaps?.counted };
}

/** In no order; what damping remembers besides is its own business. */
function told(changes: readonly VerdictChange[]) {
  return changes
    .map(({ from, to: { flaps: _flaps, ...to } }) => ({ from: from?.state, to }))
    .toSorted((a, b) => (pairKey(a.to.monitor, a.to.target) < pairKey(b.to.monitor, b.to.target) ? -1 : 1));
}

test('judging what changed or is due comes to the same as judging everything', () => {
  fc.assert(
    fc.property(fc.array(anyRound, { maxLength: 25 }), (rounds) => {
      const speak = speaker();
      const start: Input[] = [
        { kind: 'configuration', configuration: APPLIED },
        { kind: 'connected', sinceMs: 0 },
        { kind: 'caught-up' },
      ];
      const at = (nowMs: number) => ({ monotonicMs: nowMs, wallMs: 1_000_000 + nowMs });
      let some: ControllerState = observe(INITIAL_STATE, start, at(0), true).state;
      let every = some;
      let nowMs = 0;
      for (const { afterMs, steps } of rounds) {
        nowMs += afterMs;
        const inputs = steps.flatMap((step) => speak(step, nowMs));
        const judged = observe(some, inputs, at(nowMs), true);
        const whole = observe({ ...every, judgedOn: undefined }, inputs, at(nowMs), true);
        assert.deepEqual(told(judged.changes), told(whole.changes));
        some = judged.state;
        every = whole.state;
        for (const [pair, wanted] of every.verdicts) {
          assert.deepEqual(comparable(some.verdicts.get(pair)!), comparable(wanted));
        }
        const standings = (state: ControllerState) => [...state.vantages].map(([, { standing }]) => standing);
        assert.deepEqual(standings(some), standings(every));
      }
    }),
    { numRuns: scaled({ slice: 200, full: 5_000 }) },
  );
});

test('a target whose heartbeats a configuration asks for anew is given a whole period too', () => {
  const withTargets = (...targets: string[]): Input => ({
    kind: 'configuration',
    configuration: {
      ...APPLIED,
      topology: buildTopology(
        configurationSchema.parse({
          apiVersion: 'signpost/v1',
          vantages: { eu: {} },
          monitors: { queue: { type: 'push', expect_every: '60s' } },
          targets: Object.fromEntries(TARGETS.map((name) => [name, { a: '192.0.2.1' }])),
          pools: { all: { monitor: 'queue', members: targets.map((target) => ({ target })) } },
        }),
      ),
    },
  });
  const hour = 3_600_000;
  const at = (nowMs: number) => ({ monotonicMs: nowMs, wallMs: nowMs });
  const beat = (target: string, heardAtMs: number): Input => ({
    kind: 'heartbeat',
    target,
    heartbeat: { status: 'up' },
    heardAtMs,
  });
  const stateOf = (state: ControllerState, target: string) =>
    state.verdicts.get(pairKey('queue', target))?.verdict.state;
  const start: Input[] = [withTargets('t0', 't1'), { kind: 'connected', sinceMs: 0 }, { kind: 'caught-up' }];
  let { state } = observe(INITIAL_STATE, [...start, beat('t0', 0), beat('t1', 0)], at(0), true);
  state = observe(state, [withTargets('t0'), beat('t0', hour)], at(hour), true).state;
  assert.deepEqual([...state.heartbeats.keys()], ['t0'], 'of what is gone nothing is kept for ever');
  state = observe(state, [withTargets('t0', 't1', 't2')], at(hour + 1), true).state;
  assert.deepEqual(
    ['t0', 't1', 't2'].map((target) => stateOf(state, target)),
    ['up', 'unknown', 'unknown'],
  );
  state = observe(state, [beat('t0', hour + 180_000)], at(hour + 180_002), true).state;
  assert.deepEqual([stateOf(state, 't0'), stateOf(state, 't2')], ['up', 'down']);
});
