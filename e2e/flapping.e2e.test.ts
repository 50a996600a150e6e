/**
 * From results of probes to verdicts, prober's judgement and controller's together, by a clock of the test: what
 * flaps is damped, and what merely fails now and then is not.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { configurationSchema } from '@signpost/contracts/configuration';
import type { Verdict } from '@signpost/contracts/verdict';
import { assignProbes } from '@signpost/controller/assign/assign-probes';
import { INITIAL_STATE, type ControllerState } from '@signpost/controller/reconcile/controller-state';
import { observe } from '@signpost/controller/reconcile/observe';
import type { Input } from '@signpost/controller/reconcile/take-inputs';
import { beatOf } from '@signpost/controller/testing/reports';
import { buildTopology } from '@signpost/controller/topology/topology';
import type { Conclusive } from '@signpost/prober/judge/judge-family';
import { JudgedPairs } from '@signpost/prober/judge/judged-pairs';

const VANTAGES = ['eu', 'us', 'ap'];
const PAIR = 'web.t';
const INTERVAL_MS = 1_000;
const TEN_MINUTES = 600_000;

/** Defaults, but for the interval. */
const topology = buildTopology(
  configurationSchema.parse({
    apiVersion: 'signpost/v1',
    vantages: { eu: {}, us: {}, ap: {} },
    monitors: { web: { type: 'tcp', port: 80, interval: '1s', timeout: '500ms' } },
    targets: { t: { a: '192.0.2.1' } },
    pools: { all: { monitor: 'web', members: [{ target: 't' }] } },
  }),
);

const PASS: Conclusive = { kind: 'pass', roundTripMs: 1, phases: {} };
const FAIL: Conclusive = { kind: 'fail', reason: 'connection refused' };

/** Three probers, a third of the interval apart, and the controller after each probe. */
function startFleet() {
  const shards = [...assignProbes(topology).values()];
  const probers = VANTAGES.map((vantage) => {
    const pairs = new JudgedPairs();
    pairs.assign(shards.find((shard) => shard.vantage === vantage)!.assignments, 0);
    return { vantage, pairs, sequence: 0 };
  });
  const configuration = { revision: 1, hash: '', atMs: 0, fileHash: undefined, written: {}, topology };
  let state: ControllerState = INITIAL_STATE;
  const changes: Verdict[] = [];
  const round = (inputs: readonly Input[], nowMs: number) => {
    const observed = observe(state, inputs, { monotonicMs: nowMs, wallMs: 1e12 + nowMs }, true);
    state = observed.state;
    changes.push(...observed.changes.map(({ to }) => to));
  };
  round([{ kind: 'configuration', configuration }, { kind: 'caught-up' }], 0);
  return {
    changes,
    verdict: () => state.verdicts.get(PAIR)!.verdict,
    /** `passes`: whether the n-th request to the target, from 1, at a time, succeeds. */
    run(fromMs: number, forMs: number, passes: (request: number, nowMs: number) => boolean) {
      let request = 0;
      for (let nowMs = fromMs; nowMs < fromMs + forMs; nowMs += INTERVAL_MS) {
        for (const [i, prober] of probers.entries()) {
          const atMs = nowMs + (i * INTERVAL_MS) / VANTAGES.length;
          request += 1;
          const result = passes(request, atMs) ? PASS : FAIL;
          prober.pairs.record(PAIR, ['ipv4'], result, { startedMs: atMs, nowMs: atMs });
          prober.sequence += 1;
          const { vantage, sequence } = prober;
          const report = { ...prober.pairs.view(PAIR)!, vantage, prober: 'p1', incarnation: 1, sequence };
          const beat = beatOf([report], atMs, { vantage });
          round(
            [
              { kind: 'report', report },
              { kind: 'beat', beat },
            ],
            atMs,
          );
        }
      }
    },
  };
}

test('a target that fails exactly each fifth request for ten minutes changes no address', () => {
  const fleet = startFleet();
  fleet.run(0, 10_000, () => true);
  fleet.run(10_000, TEN_MINUTES, (request) => request % 5 !== 0);
  assert.equal(fleet.verdict().flaps!.penalty, 0);
  assert.ok(fleet.changes.length > 100, 'suspicions come and go');
  assert.deepEqual(
    fleet.changes.filter(({ state }) => state === 'down'),
    [],
  );
});

test('nor does one that fails each fifth request of each vantage', () => {
  const fleet = startFleet();
  fleet.run(0, 10_000, () => true);
  fleet.run(10_000, TEN_MINUTES, (request) => Math.ceil(request / VANTAGES.length) % 5 !== 0);
  assert.deepEqual(
    fleet.changes.filter(({ state }) => state === 'down'),
    [],
  );
});

test('one that flips each 5 s is damped within a minute, stays out, and comes back once it is well for long enough', () => {
  const fleet = startFleet();
  fleet.run(0, 10_000, () => true);
  const flipping = (_request: number, nowMs: number) => Math.floor(nowMs / 5_000) % 2 === 0;
  fleet.run(10_000, 60_000, flipping);
  assert.equal(fleet.verdict().state, 'down');
  assert.match(fleet.verdict().reason, /^damped until /);
  const before = fleet.changes.length;
  fleet.run(70_000, TEN_MINUTES, flipping);
  assert.equal(fleet.changes.length, before, 'nothing changes while it flaps on');
  const endMs = 70_000 + TEN_MINUTES;
  const outForMs = fleet.verdict().dampedUntilMs! - 1e12 - endMs;
  assert.ok(outForMs > 300_000 && outForMs <= 4 * 300_000 + 5_000, `${outForMs} ms`);
  fleet.run(endMs, outForMs - 10_000, () => true);
  assert.equal(fleet.verdict().state, 'down');
  fleet.run(endMs + outForMs - 10_000, 20_000, () => true);
  assert.equal(fleet.verdict().state, 'up');
});
