/**
 * Random policies of pools and weights, and states of health, for property tests. Small worlds on purpose: few weights
 * and targets, so that ties and failures are common. `arbitrary-tree.ts` makes whole trees of every kind of stage.
 */
import type { PolicyConfiguration, PoolConfiguration } from '@signpost/contracts/policy-configuration';
import { HEALTH_STATES, type HealthState } from '@signpost/contracts/health';
import * as fc from 'fast-check';

import type { RegionalView } from '../health-view.ts';
import type { PolicyInput } from '../policy-input.ts';
import { GEOS, SUBNETS } from './arbitrary-client.ts';
import { arbitraryWeight as weight, someOf } from './arbitrary-record-set.ts';

const when = fc.record({ subnets: someOf(SUBNETS), geos: someOf(GEOS) }, { requiredKeys: [] });

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
