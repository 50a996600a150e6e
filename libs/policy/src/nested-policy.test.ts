/** Stages that are policies: whose rule it is there, whose options hold, and what comes when it does not serve. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PolicyConfiguration } from '@signpost/contracts/policy-configuration';

import { planPolicy } from './plan-policy.ts';
import { clientIn, down, scopeOf, steer, type World, worldOf } from './testing/sample-policy.ts';

const EUROPE = clientIn({ continent: 'EU' });
const ASIA = clientIn({ continent: 'AS' });

const within: PolicyConfiguration['within'] = { pick: 'ordered', select: 2 };
const REGIONS: PolicyConfiguration = {
  rules: [{ when: { geos: ['EU'] }, try: ['london'] }, { try: ['singapore'] }],
  within,
};

const nested = (world: World = {}) =>
  worldOf([{ try: [{ policy: 'regions' }, 'new-york'] }], { policies: { regions: REGIONS }, ...world });

test('the rules of the nested policy decide, with its own way of picking', () => {
  assert.equal(steer(nested(), EUROPE), 'london healthy: london-a london-b');
  assert.equal(steer(nested(), ASIA), 'singapore healthy: singapore');
  const { groups } = planPolicy(nested());
  assert.deepEqual(
    groups.map((group) => group.within),
    [within, within],
  );
});

test("where the pools of the client's rule are down the next stage serves, never another rule of the policy", () => {
  const input = nested({ states: down('london') });
  assert.equal(steer(input, EUROPE), 'new-york healthy: new-york');
  assert.equal(steer(input, ASIA), 'singapore healthy: singapore');
  assert.equal(scopeOf(input, ASIA), 16);
});

test('all_down is that of the outermost rule', () => {
  const fenced: PolicyConfiguration = { ...REGIONS, all_down: 'servfail' };
  const states = down('london', 'singapore', 'new-york');
  const at = (world: World) => nested({ states, policies: { regions: fenced }, ...world });
  assert.equal(steer(at({ defaultAllDown: 'fail_open' }), EUROPE), 'london fail_open: london-a london-b');
  assert.equal(steer(at({ defaultAllDown: 'fail_open' }), ASIA), 'singapore fail_open: singapore');
  assert.equal(steer(at({ defaultAllDown: 'nodata' }), ASIA), 'london nodata:');
});

test('a last resort within the nested policy comes before all_down and after all that is healthy', () => {
  const { pools } = nested();
  const world: World = {
    pools: { ...pools, london: { ...pools['london']!, min_up: 0.5 } },
    states: { 'london-a': 'down' },
  };
  assert.equal(steer(nested(world), EUROPE), 'new-york healthy: new-york');
  const worse = { ...world, states: { 'london-a': 'down' as const, 'new-york': 'down' as const } };
  assert.equal(steer(nested(worse), EUROPE), 'london last_resort: london-b');
});

test('two deep, and a policy that stands twice on the way is entered by the same rule', () => {
  const policies = {
    regions: REGIONS,
    outer: { rules: [{ try: ['new-york', { policy: 'regions' }] }], within: { pick: 'weighted', select: 1 } },
  } satisfies Record<string, PolicyConfiguration>;
  const rules = [{ try: [{ policy: 'outer' }, { policy: 'regions' }, 'sorry'] }];
  assert.equal(steer(worldOf(rules, { policies }), EUROPE), 'new-york healthy: new-york');
  const one = worldOf(rules, { policies, states: down('new-york') });
  assert.equal(steer(one, EUROPE), 'london healthy: london-a london-b');
  const two = worldOf(rules, { policies, states: down('new-york', 'london') });
  assert.equal(steer(two, EUROPE), 'sorry healthy: sorry');
  assert.equal(planPolicy(two).rules[0]!.outcomes.length, 2);
});

test('while all its rules end alike nobody is asked where he is', () => {
  const input = nested({ states: down('london', 'singapore') });
  assert.equal(steer(input, EUROPE), 'new-york healthy: new-york');
  assert.equal(scopeOf(input, EUROPE), 0);
});
