/** Policies that name policies: every loop is told, and what is accepted is planned in bounded steps. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { PolicyConfiguration, Stage } from '@signpost/contracts/policy-configuration';
import { planPolicy } from '@signpost/policy/plan-policy';
import * as fc from 'fast-check';

import { MOST_WAYS, nestingOf } from './check-nesting.ts';

type Policies = Record<string, PolicyConfiguration>;

const NAMES = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5'];

const policyOf = (...rules: PolicyConfiguration['rules']): PolicyConfiguration => ({
  rules,
  within: { pick: 'weighted', select: 1 },
});
const naming = (...policies: string[]) => ({ try: policies.map((policy) => ({ policy })) });

function mistakesOf(policies: Policies): string[] {
  const nesting = nestingOf(policies);
  return Object.keys(policies).flatMap((name) =>
    nesting(name).map(({ path, message }) => `${path.join('/')}: ${message}`),
  );
}

test('a loop is told at each stage that is part of it, with the way back', () => {
  const policies = {
    a: policyOf({ try: ['pool', { policy: 'b' }] }),
    b: policyOf(naming('c'), naming('pool')),
    c: policyOf(naming('a')),
    outside: policyOf(naming('a')),
    self: policyOf(naming('self')),
  };
  assert.deepEqual(mistakesOf(policies), [
    'policies/a/rules/0/try/1/policy: leads back to policy "a" (a > b > c > a); remove one of the steps',
    'policies/b/rules/0/try/0/policy: leads back to policy "b" (b > c > a > b); remove one of the steps',
    'policies/c/rules/0/try/0/policy: leads back to policy "c" (c > a > b > c); remove one of the steps',
    'policies/self/rules/0/try/0/policy: leads back to policy "self" (self > self); remove one of the steps',
  ]);
});

/** Each names the next so many times. */
function chain(length: number, stage: (next: string) => PolicyConfiguration['rules']): Policies {
  const names = Array.from({ length }, (_, index) => `c${index}`);
  return Object.fromEntries(
    names.map((name, index) => {
      const next = names[index + 1];
      return [name, policyOf(...(next === undefined ? [{ try: ['pool'] }] : stage(next)))];
    }),
  );
}

test('what grows with each step is refused, be it by ways to end or by stages, and found out at once', () => {
  const ways = mistakesOf(chain(50, (next) => [{ when: { geos: ['EU'] }, ...naming(next) }, naming(next)]));
  const told = ways.filter((text) => text.includes('more than 1000 ways to end; name fewer'));
  assert.deepEqual([told.length, told.at(-1)!.split(':')[0]], [40, 'policies/c39']);
  const stages = mistakesOf(chain(50, (next) => [naming(next, next)]));
  assert.match(stages.at(-1)!, /more than 1000 stages; name fewer/);
  assert.deepEqual(mistakesOf(chain(50, (next) => [naming(next)])), []);
});

const stage = fc.oneof(
  { arbitrary: fc.constantFrom<Stage>('up', 'down'), weight: 3 },
  fc.constantFrom(...NAMES).map((policy): Stage => ({ policy })),
);
const stages = fc.array(stage, { minLength: 1, maxLength: 3 });
const rules = fc
  .tuple(
    fc.array(
      stages.map((own) => ({ when: { geos: ['EU'] }, try: own })),
      { maxLength: 2 },
    ),
    stages,
  )
  .map(([some, last]) => [...some, { try: last }]);
const graphs: fc.Arbitrary<Policies> = fc
  .tuple(...NAMES.map(() => rules))
  .map((all) => Object.fromEntries(all.map((own, index) => [NAMES[index]!, policyOf(...own)])));

/** By the closure of "names": whoever reaches himself. */
function onLoops(policies: Policies): string[] {
  const reach = new Map(
    NAMES.map((name) => [
      name,
      new Set(
        policies[name]!.rules.flatMap((rule) =>
          rule.try.flatMap((own) => (typeof own === 'object' && 'policy' in own ? [own.policy] : [])),
        ),
      ),
    ]),
  );
  for (const via of NAMES) {
    for (const set of reach.values()) if (set.has(via)) for (const next of reach.get(via)!) set.add(next);
  }
  return NAMES.filter((name) => reach.get(name)!.has(name));
}

test('of any graph exactly the policies on a loop are told, and without one each is planned in at most so many ways', () => {
  let planned = 0;
  fc.assert(
    fc.property(graphs, fc.boolean(), (policies, up) => {
      const mistakes = mistakesOf(policies);
      const told = new Set(
        mistakes.filter((text) => text.includes('leads back')).map((text) => text.split('/')[1]!),
      );
      const loops = onLoops(policies);
      assert.deepEqual([...told].toSorted(), loops);
      if (mistakes.length > 0) return;
      for (const [policyName, policy] of Object.entries(policies)) {
        planned += 1;
        const outcomes = planPolicy(inputOf(policyName, policy, policies, up)).rules.flatMap(
          (rule) => rule.outcomes,
        );
        assert.ok(outcomes.length <= MOST_WAYS, `${outcomes.length} outcomes`);
      }
    }),
    { numRuns: 1_000 },
  );
  assert.ok(planned > 300, `only ${planned} planned`);
});

function inputOf(
  policyName: string,
  policy: PolicyConfiguration,
  policies: Policies,
  up: boolean,
): Parameters<typeof planPolicy>[0] {
  return {
    policyName,
    policy,
    policies,
    defaultAllDown: 'fail_open',
    ttl: { stable: 30, suspect: 10, floor: 5, settle: 0 },
    pools: {
      up: { monitor: 'm', members: [{ target: 'up', weight: 1 }] },
      down: { monitor: 'm', members: [{ target: 'down', weight: 1 }] },
    },
    targets: { up: { a: '192.0.2.1', status: 'obey' }, down: { a: '192.0.2.2', status: 'obey' } },
    health: (_monitor, target) => {
      const state = up && target === 'up' ? 'up' : 'down';
      return { state, ipv4: state, ipv6: state, reason: 'as told' };
    },
  };
}
