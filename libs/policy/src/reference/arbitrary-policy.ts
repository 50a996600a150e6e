/**
 * Random policies, states of health, record sets and clients for property tests.
 * Small worlds on purpose: few prefixes, places and weights, so that matches, ties and failures are common.
 */
import type { PolicyConfiguration, PoolConfiguration } from '@signpost/contracts/policy-configuration';
import { HEALTH_STATES, type HealthState } from '@signpost/contracts/health';
import { nowhere, type Place } from '@signpost/contracts/place';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import * as fc from 'fast-check';

import type { RegionalView } from '../health-view.ts';
import type { PolicyInput } from '../policy-input.ts';
import type { ClientView } from '../match-client.ts';

const SUBNETS = [
  '0.0.0.0/0',
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.128.0/17',
  '10.1.2.0/24',
  '10.1.2.128/25',
  '192.0.2.1/32',
];
const SUBNETS_IPV6 = ['::/0', '2001:db8::/32', '2001:db8:100::/40', '2001:db8:100::/57', '2001:db8::1/128'];
const GEOS = ['EU', 'NA', 'NA-US', 'NA-US-CA', 'AS-TR', 'EU-GB'];
const OCTETS = [0, 1, 2, 10, 127, 128, 129, 192, 255];

const subset = (values: readonly string[]) =>
  fc
    .subarray([...values], { minLength: 1 })
    .chain((some) => fc.shuffledSubarray(some, { minLength: some.length }));

const when = fc.record(
  { subnets: subset([...SUBNETS.slice(1), ...SUBNETS_IPV6.slice(1)]), geos: subset(GEOS) },
  { requiredKeys: [] },
);

const weight = fc.oneof(fc.constant(0), fc.constant(1), fc.integer({ min: 0, max: 9 }));

/** Where each client is depends on its address alone, by as many bits as the place says. */
const PLACES: readonly Place[] = [
  { continent: 'EU', country: 'GB', subdivision: 'ENG', prefixLength: 9 },
  { continent: 'NA', country: 'US', subdivision: 'CA', prefixLength: 17 },
  { continent: 'NA', country: 'US', subdivision: '', prefixLength: 9 },
  { continent: 'AS', country: 'TR', subdivision: '', prefixLength: 26 },
  nowhere(17),
];

function placeOf(address: Uint8Array): Place {
  if (address[1]! < 128) return address[0]! < 64 ? PLACES[0]! : PLACES[2]!;
  if (address[2]! < 128) return address[0]! < 64 ? PLACES[1]! : PLACES[4]!;
  return PLACES[3]!;
}

export function clientOf(family: 4 | 6, octets: Uint8Array, sourceLength: number): ClientView {
  const address = new Uint8Array(16);
  address.set(octets.subarray(0, family === 4 ? 4 : 16));
  for (let bit = sourceLength; bit < 128; bit += 1) address[bit >>> 3]! &= ~(0x80 >>> (bit & 7));
  return { family, address, sourceLength, place: () => placeOf(address) };
}

/** Any octets with common beginnings, and any source length. */
export const arbitraryClient: fc.Arbitrary<ClientView> = fc.constantFrom<4 | 6>(4, 6).chain((family) =>
  fc
    .tuple(
      fc.oneof(
        fc.constantFrom([10, 1, 2, 200], [10, 1, 128, 1], [192, 0, 2, 1], [0x20, 1, 0x0d, 0xb8, 1]),
        fc.array(fc.constantFrom(...OCTETS), { minLength: 4, maxLength: 16 }),
      ),
      fc.integer({ min: 0, max: family === 4 ? 32 : 128 }),
    )
    .map(([octets, sourceLength]) =>
      clientOf(
        family,
        Uint8Array.from({ length: 16 }, (_, i) => octets[i] ?? 0),
        sourceLength,
      ),
    ),
);

/** Rules of a set with so many branches; the last for everybody. */
const rulesTo = (branches: number) =>
  fc
    .tuple(
      fc.array(fc.record({ when, branch: fc.nat(branches - 1) }), { maxLength: 4 }),
      fc.nat(branches - 1),
    )
    .map(([rules, branch]) => [...rules.map((rule) => ({ ...rule.when, branch: rule.branch })), { branch }]);

const viewsTo = (branches: number) =>
  fc.array(
    fc
      .record({ near: subset(GEOS), rules: fc.option(rulesTo(branches), { nil: undefined }) })
      .map(({ near, rules }) => ({ vantage: 'v', near, ...(rules !== undefined && { rules }) })),
    { minLength: 1, maxLength: 3 },
  );

export const arbitrarySet: fc.Arbitrary<SteeredRecordSet> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .chain(([branches, groups]) =>
    fc.record({
      kind: fc.constant('steered' as const),
      ttl: fc.constant(30),
      policy: fc.constant('p'),
      rules: rulesTo(branches),
      views: fc.option(viewsTo(branches), { nil: undefined }),
      branches: fc.array(
        fc.record({
          groups: fc.array(fc.record({ group: fc.nat(groups - 1), weight }), { minLength: 1, maxLength: 3 }),
        }),
        { minLength: branches, maxLength: branches },
      ),
      groups: fc.array(
        fc.record({
          pool: fc.constant('pool'),
          type: fc.constant('A' as const),
          pick: fc.constantFrom('weighted' as const, 'round_robin' as const),
          select: fc.integer({ min: 1, max: 5 }),
          standing: fc.constant('healthy' as const),
          answers: fc.array(
            fc.record({ rdata: fc.constant('192.0.2.1'), target: fc.constant('t'), weight }),
            { maxLength: 6 },
          ),
        }),
        { minLength: groups, maxLength: groups },
      ),
    }),
  )
  .map(({ views, ...set }) => ({ ...set, ...(views !== undefined && { views }) }));

const POOLS = ['pool-a', 'pool-b', 'pool-c', 'hosts'];
const TARGETS = ['t0', 't1', 't2', 't3', 't4', 't5'];

const stage = fc.oneof(
  fc.constantFrom(...POOLS),
  fc
    .dictionary(fc.constantFrom(...POOLS), weight, { minKeys: 1, noNullPrototype: true })
    .filter((weights) => Object.values(weights).some((value) => value > 0))
    .map((weighted) => ({ weighted })),
);
const stages = fc.array(stage, { minLength: 1, maxLength: 3 });
const state = fc.constantFrom<HealthState>(...HEALTH_STATES, 'up', 'down');

const policy: fc.Arbitrary<PolicyConfiguration> = fc.record({
  rules: fc
    .tuple(fc.array(fc.record({ when, try: stages }), { maxLength: 3 }), stages)
    .map(([rules, last]) => [...rules, { try: last }]),
  within: fc.record({
    pick: fc.constantFrom('weighted' as const, 'round_robin' as const),
    select: fc.integer({ min: 1, max: 3 }),
  }),
  all_down: fc.constantFrom('fail_open' as const, 'nodata' as const),
});

const addressPool = fc
  .record({
    monitor: fc.constant('m'),
    members: fc
      .subarray(TARGETS, { minLength: 1, maxLength: 4 })
      .chain((targets) =>
        fc.tuple(...targets.map((target) => weight.map((value) => ({ target, weight: value })))),
      ),
    min_up: fc.constantFrom(undefined, 0.5, 1),
  })
  .map(({ min_up, ...pool }) => (min_up === undefined ? pool : { ...pool, min_up }));

const addressTarget = (index: number) =>
  fc
    .record({
      ipv4: fc.boolean(),
      ipv6: fc.boolean(),
      status: fc.constantFrom('obey' as const, 'obey' as const, 'up' as const, 'down' as const),
    })
    .map(({ ipv4, ipv6, status }) => ({
      ...((ipv4 || !ipv6) && { a: `192.0.2.${index}` }),
      ...(ipv6 && { aaaa: `2001:db8::${index}` }),
      status,
    }));

export const arbitraryPolicy: fc.Arbitrary<PolicyInput> = fc
  .record({
    policy,
    pools: fc.record({
      'pool-a': addressPool,
      'pool-b': addressPool,
      'pool-c': addressPool,
      hosts: fc.constant<PoolConfiguration>({ monitor: 'm', members: [{ target: 'host', weight: 1 }] }),
    }),
    addresses: fc.tuple(...TARGETS.map((_, index) => addressTarget(index))),
    states: fc.array(fc.record({ ipv4: state, ipv6: state, state }), { minLength: 7, maxLength: 7 }),
  })
  .map(({ policy, pools, addresses, states }) => ({
    policyName: 'global',
    policy,
    defaultAllDown: 'fail_open',
    ttl: { stable: 30, suspect: 10, floor: 5, settle: 60_000 },
    pools,
    targets: {
      ...Object.fromEntries(TARGETS.map((target, index) => [target, addresses[index]!])),
      host: { cname: 'host.example.org.', status: 'obey' as const },
    },
    health: (_monitor, target) => ({
      ...states[target === 'host' ? 6 : TARGETS.indexOf(target)]!,
      reason: 'as drawn',
    }),
  }));

/** As `arbitraryPolicy`, seen from vantages as well; one of them has no view of its own. */
export const arbitraryRegionalPolicy: fc.Arbitrary<PolicyInput> = fc
  .record({
    input: arbitraryPolicy,
    near: fc.shuffledSubarray(GEOS, { minLength: 3 }),
    states: fc.array(fc.array(fc.constantFrom<HealthState>('up', 'down'), { minLength: 7, maxLength: 7 }), {
      minLength: 2,
      maxLength: 2,
    }),
  })
  .map(({ input, near, states }) => {
    const regional: RegionalView[] = [
      ...states.map((seen, index) => ({
        vantage: `v${index}`,
        near: near.filter((_, at) => at % 3 === index),
        health: (_monitor: string | undefined, target: string) => {
          const own = seen[target === 'host' ? 6 : TARGETS.indexOf(target)]!;
          return { state: own, ipv4: own, ipv6: own, reason: 'as drawn' };
        },
      })),
      { vantage: 'voter', near: near.filter((_, at) => at % 3 === 2), health: undefined },
    ];
    const health = (monitor: string | undefined, target: string) => input.health(monitor, target);
    return { ...input, health: Object.assign(health, { regional }) };
  });
