/**
 * Random policy trees for property tests: every kind of stage, policies nested two deep, every condition, load, shares
 * and overrides. Small worlds on purpose, so that ties and failures are common.
 */
import type {
  AllDown,
  PolicyConfiguration,
  PoolConfiguration,
  Stage,
} from '@signpost/contracts/policy-configuration';
import type { TargetConfiguration } from '@signpost/contracts/configuration';
import { HEALTH_STATES, type HealthState } from '@signpost/contracts/health';
import type { OverrideSetting } from '@signpost/contracts/override';
import * as fc from 'fast-check';

import type { LoadView } from '../load-view.ts';
import type { OverrideView } from '../override-view.ts';
import type { PolicyInput } from '../policy-input.ts';
import type { ShareView } from '../share-view.ts';
import { ASNS, arbitraryLatencies, GEOS, type PlainLatencies, POINTS, SUBNETS } from './arbitrary-client.ts';
import { arbitraryWeight, someOf } from './arbitrary-record-set.ts';

export interface Tree {
  readonly input: PolicyInput;
  readonly measured: PlainLatencies;
}

/** Noon, a Thursday. */
const NOW_MS = Date.UTC(2026, 10, 26, 12);

const POOLS = ['pool-a', 'pool-b', 'pool-c', 'hosts'];
const ADDRESSED = ['t0', 't1', 't2', 't3', 't4', 't5'];
export const TREE_TARGETS = [...ADDRESSED, 'host'];

const VANTAGES: NonNullable<PolicyInput['vantages']> = {
  eu: { near: ['EU', 'NA-US-CA'] },
  us: { near: ['NA'] },
  gb: { near: ['EU-GB'] },
  far: {},
};

const pool = fc.constantFrom(...POOLS);
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 });
const ALL_DOWN: readonly AllDown[] = ['fail_open', 'last_healthy', 'fallback', 'nodata', 'servfail'];

const when = fc.record(
  {
    subnets: someOf(SUBNETS),
    geos: someOf(GEOS),
    asns: someOf(ASNS),
    vantages: someOf(Object.keys(VANTAGES)),
    times: fc.constantFrom(
      [{ from: '08:00', to: '18:00', zone: 'UTC' }],
      [{ from: '18:00', to: '08:00', zone: 'UTC' }],
    ),
  },
  { requiredKeys: [] },
);

const bias = fc.dictionary(pool, fc.constantFrom(-50, -20, 0, 50, 90), { noNullPrototype: true });
const poolStage: fc.Arbitrary<Stage> = fc.oneof(
  { arbitrary: pool, weight: 2 },
  fc
    .dictionary(pool, arbitraryWeight, { minKeys: 1, noNullPrototype: true })
    .filter((weights) => Object.values(weights).some((weight) => weight > 0))
    .map((weighted) => ({ weighted })),
  fc.record({ nearest: someOf(POOLS), bias }),
  fc.record({
    fastest: someOf(POOLS),
    slack: fc.constantFrom({ ms: 10, share: 0 }, { ms: 0, share: 0.2 }, { ms: 0, share: 0 }),
  }),
);

const within = fc
  .record({
    pick: fc.constantFrom('weighted' as const, 'round_robin' as const, 'ordered' as const),
    affinity: fc.option(
      fc.record({ v4: fc.constantFrom(20, 24), v6: fc.constant(56), bounded: optional(fc.constant(1.5)) }),
    ),
    select: fc.integer({ min: 1, max: 3 }),
    weigh: fc.constantFrom('queries' as const, 'clients' as const),
  })
  .map(({ affinity, weigh, ...own }) => ({
    ...own,
    ...(own.pick === 'weighted' && { weigh, ...(affinity !== null && { affinity: defined(affinity) }) }),
  }));

/** A policy that may name those. */
function policyNaming(names: readonly string[]): fc.Arbitrary<PolicyConfiguration> {
  const stage = fc.oneof(
    { arbitrary: poolStage, weight: 3 },
    ...names.map((policy) => fc.constant({ policy })),
  );
  const ruleParts = {
    try: fc.array(stage, { minLength: 0, maxLength: 3 }),
    all_down: optional(fc.constantFrom(...ALL_DOWN)),
    trickle: optional(fc.constantFrom(0, 0.05, 0.5, 1)),
  };
  return fc
    .record({
      rules: fc
        .tuple(fc.array(fc.record({ when, ...ruleParts }), { maxLength: 3 }), fc.record(ruleParts))
        .map(([rules, last]) => [...rules.map(defined), defined(last)]),
      within,
      all_down: optional(fc.constantFrom(...ALL_DOWN)),
      fallback: optional(pool),
      spill: fc.constantFrom(undefined, 'next' as const, 'headroom' as const),
    })
    .map(defined);
}

/** Without the keys that are undefined. */
function defined<Parts extends object>(
  parts: Parts,
): { [Key in keyof Parts]: Exclude<Parts[Key], undefined> } {
  const entries = Object.entries(parts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Parts]: Exclude<Parts[Key], undefined> };
}

const addressPool: fc.Arbitrary<PoolConfiguration> = fc
  .record({
    monitor: fc.constant('m'),
    members: fc
      .subarray(ADDRESSED, { minLength: 1, maxLength: 4 })
      .chain((targets) =>
        fc.tuple(...targets.map((target) => arbitraryWeight.map((weight) => ({ target, weight })))),
      ),
    min_up: optional(fc.constantFrom(0.5, 1)),
  })
  .map(defined);

const addressTarget = (index: number): fc.Arbitrary<TargetConfiguration> =>
  fc
    .record({
      ipv4: fc.boolean(),
      ipv6: fc.boolean(),
      at: optional(fc.constantFrom(...POINTS)),
      status: fc.constantFrom('obey' as const, 'obey' as const, 'up' as const, 'down' as const),
    })
    .map(({ ipv4, ipv6, at, status }) => ({
      ...((ipv4 || !ipv6) && { a: `192.0.2.${index}` }),
      ...(ipv6 && { aaaa: `2001:db8::${index + 1}` }),
      ...(at !== undefined && { at: [...at] }),
      status,
    }));

const state = fc.constantFrom<HealthState>(...HEALTH_STATES, 'up', 'down');
const health = fc
  .record({
    /** Else everything that is checked is down. */
    alive: fc.boolean(),
    seen: fc.array(
      fc.record({ state, ipv4: state, ipv6: state, changed: optional(fc.integer({ min: 0, max: 90 })) }),
      { minLength: TREE_TARGETS.length, maxLength: TREE_TARGETS.length },
    ),
  })
  .map(({ alive, seen }): PolicyInput['health'] => (_monitor, target) => {
    const { changed, ...own } = seen[TREE_TARGETS.indexOf(target)]!;
    const changedMs = changed === undefined ? undefined : NOW_MS - changed * 1_000;
    const states = alive ? own : { state: 'down' as const, ipv4: 'down' as const, ipv6: 'down' as const };
    return { ...states, reason: 'as drawn', changedMs };
  });

const load: fc.Arbitrary<LoadView> = fc
  .record({
    keeps: fc.array(fc.constantFrom(0, 0.3, 1), { minLength: POOLS.length, maxLength: POOLS.length }),
    rooms: fc.dictionary(
      pool,
      fc.dictionary(pool, fc.integer({ min: 0, max: 3 }), { noNullPrototype: true }),
    ),
  })
  .map(({ keeps, rooms }) => ({
    keepOf: (name) => keeps[POOLS.indexOf(name)]!,
    roomBeside: (name) => (Object.hasOwn(rooms, name) ? new Map(Object.entries(rooms[name]!)) : undefined),
  }));

const shares: fc.Arbitrary<ShareView> = fc
  .array(fc.constantFrom(0.5, 1, 2), { minLength: 7, maxLength: 7 })
  .map((factors) => ({
    factorOf: (_policy, _pool, target) => factors[TREE_TARGETS.indexOf(target)]!,
    poolFactorOf: (_policy, name) => factors[POOLS.indexOf(name)]!,
    keepOf: (_policy, _pool, target) => Math.min(1, factors[TREE_TARGETS.indexOf(target)]!),
  }));

const overridden = fc.dictionary(
  fc.constantFrom(...ADDRESSED),
  fc.constantFrom<OverrideSetting>('up', 'down', 'drain'),
  { maxKeys: 2, noNullPrototype: true },
);
const mostDrained = fc
  .subarray(TREE_TARGETS, { minLength: TREE_TARGETS.length - 2 })
  .map((names) => Object.fromEntries(names.map((name): [string, OverrideSetting] => [name, 'drain'])));

const overrides: fc.Arbitrary<OverrideView> = fc
  .oneof({ arbitrary: overridden, weight: 3 }, { arbitrary: mostDrained, weight: 1 })
  .map((set) => ({
    inForce: (name) =>
      Object.hasOwn(set, name) ? { set: set[name]!, by: 'o', reason: 'r', untilMs: 1 } : undefined,
    beginsWithin: () => false,
  }));

export const arbitraryTree: fc.Arbitrary<Tree> = fc
  .record({
    policy: policyNaming(['inner', 'innermost']),
    inner: policyNaming(['innermost']),
    innermost: policyNaming([]),
    pools: fc.record({
      'pool-a': addressPool,
      'pool-b': addressPool,
      'pool-c': addressPool,
      hosts: fc.constant<PoolConfiguration>({ monitor: 'm', members: [{ target: 'host', weight: 1 }] }),
    }),
    addresses: fc.tuple(...ADDRESSED.map((_, index) => addressTarget(index))),
    health,
    more: fc
      .record({ load: optional(load), shares: optional(shares), overrides: optional(overrides) })
      .map(defined),
    measured: arbitraryLatencies(TREE_TARGETS),
  })
  .map(({ policy, inner, innermost, pools, addresses, measured, more, health: seen }) => ({
    measured,
    input: {
      policyName: 'global',
      policy,
      policies: { inner, innermost },
      vantages: VANTAGES,
      defaultAllDown: 'fail_open',
      ttl: { stable: 30, suspect: 10, floor: 5, settle: 60_000 },
      pools,
      targets: {
        ...Object.fromEntries(ADDRESSED.map((target, index) => [target, addresses[index]!])),
        host: { cname: 'host.example.org.', status: 'obey' },
      },
      health: seen,
      nowMs: NOW_MS,
      ...more,
    },
  }));
