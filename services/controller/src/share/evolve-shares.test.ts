/** The step of all corrections: what it waits for, what it does not move for, and what it forgets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import type { Configuration } from '@signpost/contracts/configuration';
import type { StoredRecords } from '@signpost/contracts/record-store';
import { NOT_MONITORED, type HealthView } from '@signpost/policy/health-view';

import { compileZones } from '../compile/compile-zone.ts';
import { exampleConfiguration } from '../testing/example-configuration.ts';
import { buildTopology } from '../topology/topology.ts';
import { evolveShares, NO_SHARES, type ShareInput, type ShareState, stageKey } from './evolve-shares.ts';
import { planShares } from './plan-shares.ts';
import { FORGET_AFTER_MS, HOLD_MS } from './share-settings.ts';
import { shareView, whyShares } from './share-steering.ts';

const TTL_S = 20;
const SETTLED_MS = 1.5 * TTL_S * 1_000;

test('wanted is what is given now by configured weights; what has no choice is not planned', () => {
  const { pools, stages } = planned();
  assert.deepEqual([...pools.keys()], ['web']);
  const web = pools.get('web')!;
  assert.deepEqual(
    web.wanted,
    new Map([
      ['a', 0.8],
      ['b', 0.2],
    ]),
  );
  assert.deepEqual(
    [web.ttlMs, web.sets, web.weigh, web.bounded, web.alone],
    [20_000, 2, true, undefined, true],
  );
  assert.deepEqual(stages.map(stageKey), ['p: solo web']);
  assert.deepEqual(
    stages[0]!.wanted,
    new Map([
      ['web', 0.5],
      ['solo', 0.5],
    ]),
  );
  const down: HealthView = (_monitor, target) =>
    target === 'a' ? { ...NOT_MONITORED, state: 'down', ipv4: 'down', ipv6: 'down' } : NOT_MONITORED;
  assert.deepEqual([...planned({}, down).pools.keys()], [], 'one target is left');
  assert.deepEqual(planned({ within: '{}' }).stages, [], 'nobody weighs clients');
  assert.equal(planned({ within: '{ affinity: { bounded: 1.5 } }' }).pools.get('web')!.bounded, 1.5);
  assert.equal(planned({ more: 'other: { members: [ { target: a } ] }' }).pools.get('web')!.alone, false);
  const clash =
    '[ { when: { geos: [EU] }, try: [ { weighted: { web: 9, solo: 1 } } ] }, { try: [ { weighted: { web: 50, solo: 50 } } ] } ]';
  assert.deepEqual(planned({ rules: clash }).stages, [], 'two splits of the same pools');
  const chained =
    '[ { when: { geos: [EU] }, try: [ { weighted: { web: 1, solo: 1 } } ] }, { when: { geos: [AS] }, try: [ { weighted: { x: 1, y: 1 } } ] }, { try: [ { weighted: { solo: 1, x: 1 } } ] } ]';
  const more = 'x: { members: [ { target: d } ] }\n  y: { members: [ { target: e } ] }';
  assert.deepEqual(planned({ rules: chained, more }).stages, [], 'one that has pools of two others');
});

test('weights move once caches settled, not for little, and not too often', () => {
  const run = new Run();
  run.pass(SETTLED_MS - 2_000, { a: 60, b: 40 });
  assert.deepEqual(run.factors(), [1, 1], 'caches may hold answers of before');
  run.pass(HOLD_MS + 3_000, { a: 60, b: 40 });
  const [a, b] = run.factors();
  assert.ok(a! > 1 && b! <= 0.9, `${a} ${b}`);
  const moves: number[] = [];
  for (let second = 0; second < 120; second += 1) {
    const { steering } = run.state;
    run.pass(1_000, { a: 60, b: 40 });
    if (run.state.steering !== steering) moves.push(second * 1_000);
  }
  assert.ok(moves.length > 1);
  for (const [i, ms] of moves.slice(1).entries()) assert.ok(ms - moves[i]! >= HOLD_MS, moves.join());
  run.pass(HOLD_MS * 4, { a: 80, b: 20 });
  const settled = run.state.steering;
  run.pass(HOLD_MS * 4, { a: 80.5, b: 19.5 });
  assert.equal(run.state.steering, settled, 'within the dead band');
  assert.deepEqual(whyShares(undefined, settled), ['clients: weights of the targets of pool web corrected']);
  assert.deepEqual(whyShares(settled, settled), []);
});

test('a feed that falls silent leaves weights as they are, then as they are configured', () => {
  const run = new Run();
  run.pass(120_000, { a: 50, b: 50 });
  const moved = run.factors();
  assert.notDeepEqual(moved, [1, 1]);
  run.pass(FORGET_AFTER_MS - 2_000, { a: 50 });
  assert.deepEqual(run.factors(), moved, 'one of two says nothing of a share');
  run.pass(30_000, { a: 50 });
  assert.deepEqual(run.factors(), [1, 1]);
});

test('nothing is concluded while a target ramps up, or of a load that belongs to two pools', () => {
  const ramping = new Run({}, { ramping: () => true });
  ramping.pass(120_000, { a: 50, b: 50 });
  assert.deepEqual(ramping.factors(), [1, 1]);
  const shared = new Run({ more: 'other: { members: [ { target: a }, { target: b } ] }' });
  shared.pass(120_000, { a: 50, b: 50 });
  assert.deepEqual(shared.factors(), [1, 1]);
});

test('pools of a weighted stage are corrected likewise, unless one sheds load', () => {
  const loads = { a: 10, b: 10, c: 80 };
  const run = new Run();
  run.pass(900_000, loads);
  assert.ok(run.poolFactor('web') > 1.2 && run.poolFactor('solo') < 0.8);
  const shedding = new Run({}, { shed: (pool) => pool === 'web' });
  shedding.pass(900_000, loads);
  assert.deepEqual([shedding.poolFactor('web'), shedding.poolFactor('solo')], [1, 1]);
});

test('pools of a stage are corrected also while a target of one is down, which says nothing of its load', () => {
  const down: HealthView = (_monitor, target) =>
    target === 'd' ? { ...NOT_MONITORED, state: 'down', ipv4: 'down', ipv6: 'down' } : NOT_MONITORED;
  const run = new Run({ solo: '[ { target: c }, { target: d } ]' }, {}, NO_SHARES.steering, down);
  run.pass(900_000, { a: 10, b: 10, c: 80 });
  assert.ok(run.poolFactor('web') > 1.2 && run.poolFactor('solo') < 0.8);
});

test('a controller that takes over goes on from the published weights', () => {
  const run = new Run();
  run.pass(200_000, { a: 60, b: 40 });
  const next = new Run({}, {}, run.state.steering);
  next.pass(1_000, {});
  const near = (one: number, other: number) => Math.abs(one / other - 1) < 0.01;
  assert.ok(
    next.factors().every((factor, i) => near(factor, run.factors()[i]!)),
    [...next.factors(), ...run.factors()].join(),
  );
});

test('but not from weights that a ramp made', () => {
  const ramped = { ...NO_SHARES.steering, targets: new Map([['web', new Map([['a', 0.4]])]]) };
  const ramping = new Run({}, { ramping: () => true }, ramped);
  ramping.pass(1_000, { a: 80, b: 20 });
  assert.deepEqual(ramping.factors(), [1, 1]);
});

test('and from the published bounds of affinity', () => {
  const within = '{ affinity: { bounded: 1.2 } }';
  const run = new Run({ within });
  run.pass(200_000, { a: 60, b: 40 });
  assert.ok(run.keeps()[1]! < 0.9, run.keeps().join());
  const next = new Run({ within }, {}, run.state.steering);
  next.pass(1_000, {});
  assert.deepEqual(next.keeps(), run.keeps());
});

test('who has no policy that weighs clients pays nothing', () => {
  const run = new Run({ within: '{}' });
  const { book } = run.state;
  run.pass(10_000, { a: 50, b: 50 });
  assert.deepEqual([run.state.book, run.state.pools.size, run.factors()], [book, 0, [1, 1]]);
});

interface Written {
  readonly within?: string;
  readonly more?: string;
  /** Members of the pool `solo`. */
  readonly solo?: string;
  readonly rules?: string;
}

/** A controller for which time passes, with what targets push. */
class Run {
  state: ShareState = NO_SHARES;
  #nowMs = 0;
  readonly #configuration: Configuration;
  readonly #records: StoredRecords;
  readonly #input: Partial<ShareInput>;

  constructor(
    written: Written = {},
    input: Partial<ShareInput> = {},
    steering = NO_SHARES.steering,
    health?: HealthView,
  ) {
    const { configuration, records } = world(written, health, steering);
    this.#configuration = configuration;
    this.#records = records;
    this.#input = input;
  }

  pass(ms: number, loads: Readonly<Record<string, number>>): void {
    for (const endMs = this.#nowMs + ms; this.#nowMs < endMs; this.#nowMs += 1_000) {
      const nowMs = this.#nowMs;
      this.state = evolveShares(this.state, {
        samples: [],
        loads: new Map(Object.entries(loads).map(([name, load]) => [name, { load, heardAtMs: nowMs }])),
        configuration: this.#configuration,
        records: this.#records,
        ramping: () => false,
        shed: () => false,
        nowMs,
        ...this.#input,
      });
    }
  }

  factors(): number[] {
    return ['a', 'b'].map((target) => shareView(this.state.steering).factorOf('p', 'web', target));
  }

  keeps(): number[] {
    return ['a', 'b'].map((target) => shareView(this.state.steering).keepOf('p', 'web', target));
  }

  poolFactor(pool: string): number {
    return shareView(this.state.steering).poolFactorOf('p', pool);
  }
}

function planned(written: Written = {}, health?: HealthView) {
  const { configuration, records } = world(written, health);
  return planShares(configuration, records);
}

function world(
  {
    within = '{ weigh: clients }',
    more = '',
    solo = '[ { target: c } ]',
    rules = '[ { try: [ { weighted: { web: 50, solo: 50 } } ] } ]',
  }: Written,
  health: HealthView = () => NOT_MONITORED,
  steering = NO_SHARES.steering,
): { configuration: Configuration; records: StoredRecords } {
  const configuration = exampleConfiguration(`apiVersion: signpost/v1
defaults: { ttl: ${TTL_S}, all_down: fail_open }
monitors:
  m: { type: tcp, port: 80 }
vantages: { eu: {} }
targets:
  a: { a: 192.0.2.1 }
  b: { a: 192.0.2.2 }
  c: { a: 192.0.2.3 }
  d: { a: 192.0.2.4 }
  e: { a: 192.0.2.5 }
pools:
  web: { monitor: m, members: [ { target: a, weight: 80 }, { target: b, weight: 20 } ] }
  solo: { monitor: m, members: ${solo} }
  ${more}
policies:
  p: { rules: ${rules}, within: ${within} }
zones:
  example.net:
    soa: { primary: ns1.example.net., contact: dns.example.net. }
    ns: [ns1.example.org.]
    records:
      www: { steer: p, types: [A] }
      web: { steer: p, types: [A] }
`);
  const compiled = compileZones(buildTopology(configuration), health, { shares: shareView(steering) });
  const zones = new Map(
    [...compiled].map(([apex, { recordSets }]) => [apex, { facts: undefined, recordSets }]),
  );
  return { configuration, records: { generation: 1 as Generation, zones } };
}
