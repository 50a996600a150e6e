import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TargetConfiguration } from '@signpost/contracts/configuration';
import type { HealthState } from '@signpost/contracts/health';
import { steeredRecordSetSchema, type SteeredRecordSet } from '@signpost/contracts/record-set';
import * as fc from 'fast-check';

import { createChance, seedOf } from './chance.ts';
import { compilePolicy, type SteeredType } from './compile-policy.ts';
import type { PolicyInput } from './policy-input.ts';
import { arbitraryClient } from './reference/arbitrary-client.ts';
import { arbitraryPolicy } from './reference/arbitrary-policy.ts';
import { createSelection, prepareSteering, selectAnswer } from './select-answer.ts';

type States = Record<string, HealthState | { ipv4: HealthState; ipv6: HealthState; state: HealthState }>;

const TARGETS: Record<string, TargetConfiguration> = {
  'eu-a': { a: '192.0.2.10', aaaa: '2001:db8:1::10', status: 'obey' },
  'eu-b': { a: '192.0.2.11', status: 'obey' },
  'us-a': { a: '198.51.100.10', aaaa: '2001:db8:2::10', status: 'obey' },
  apology: { cname: 'sorry.example.org.', status: 'obey' },
};

/** Rule 0: Europe tries eu, then us; everybody else us, then eu. All targets are up unless `states` says otherwise. */
function inputOf(states: States = {}, changes: Partial<PolicyInput> = {}): PolicyInput {
  return {
    policyName: 'global',
    policy: {
      rules: [{ when: { geos: ['EU'] }, try: ['eu', 'us'] }, { try: ['us', 'eu'] }],
      within: { pick: 'weighted', select: 1 },
    },
    defaultAllDown: 'fail_open',
    ttl: { stable: 30, suspect: 10, floor: 5, settle: 60_000 },
    pools: {
      eu: {
        monitor: 'web',
        members: [
          { target: 'eu-a', weight: 80 },
          { target: 'eu-b', weight: 20 },
        ],
      },
      us: { monitor: 'web', members: [{ target: 'us-a', weight: 1 }] },
      sorry: { members: [{ target: 'apology', weight: 1 }] },
    },
    targets: TARGETS,
    health: (_monitor, target) => {
      const state = states[target] ?? 'up';
      return typeof state === 'string'
        ? { state, ipv4: state, ipv6: state, reason: 'as told' }
        : { ...state, reason: 'as told' };
    },
    ...changes,
  };
}

function compile(input: PolicyInput, type: SteeredType = 'A'): SteeredRecordSet {
  const set = compilePolicy(input, type);
  assert.ok(set !== undefined);
  return set;
}

/** What each rule leads to: pools with the addresses they answer. */
function outcome(set: SteeredRecordSet): string[] {
  const leadsTo = (index: number): string => {
    const branch = set.branches[index]!;
    if ('weighted' in branch) {
      return branch.weighted.map((part) => `${part.weight} x ${leadsTo(part.branch)}`).join(' | ');
    }
    assert.ok('group' in branch);
    const { pool, standing, answers } = set.groups[branch.group]!;
    return `${pool} ${standing}: ${answers.map(({ rdata, weight }) => `${rdata}*${weight}`).join(' ')}`;
  };
  return set.rules.map(({ branch }) => leadsTo(branch));
}

const tries = (...stages: PolicyInput['policy']['rules'][number]['try']) => ({
  policy: { rules: [{ try: stages }], within: { pick: 'weighted' as const, select: 1 } },
});

/** The targets withdrawn, in a policy that tries eu and then us. */
const withdraw = (...names: string[]) => ({
  targets: {
    ...TARGETS,
    ...Object.fromEntries(names.map((name) => [name, { ...TARGETS[name]!, status: 'down' as const }])),
  },
  ...tries('eu', 'us'),
});

/** The TTL while eu-a is in `state`. */
const ttlOf = (stable: number, suspect: number, floor: number, state: HealthState = 'suspect') =>
  compile(inputOf({ 'eu-a': state }, { ttl: { stable, suspect, floor, settle: 60_000 } })).ttl;

test('after a change the short TTL holds for the settling time, also while another pool serves', () => {
  const ttlAt = (changedMs: number | undefined, nowMs?: number) =>
    compile({
      ...inputOf(),
      health: () => ({ state: 'up', ipv4: 'up', ipv6: 'up', reason: 'as told', changedMs }),
      ...(nowMs !== undefined && { nowMs }),
    }).ttl;
  assert.deepEqual([ttlAt(0, 0), ttlAt(0, 59_999), ttlAt(0, 60_000)], [10, 10, 30]);
  assert.equal(ttlAt(undefined, 0), 30, 'known for the first time is no change');
  assert.equal(ttlAt(0), 30, 'without a clock all has settled');
});

test('a healthy policy is published with its rules, pools and weights', () => {
  const set = compile(inputOf());
  assert.deepEqual(set.rules, [{ when: [{ geos: ['EU'] }], branch: 0 }, { branch: 1 }]);
  assert.deepEqual(outcome(set), ['eu healthy: 192.0.2.10*80 192.0.2.11*20', 'us healthy: 198.51.100.10*1']);
  assert.equal(set.ttl, 30);
  assert.equal(set.policy, 'global');
  assert.deepEqual(steeredRecordSetSchema.parse(set), set);
});

test('a pool that is down hands over to the next stage, and rules that end alike become one', () => {
  const set = compile(inputOf({ 'eu-a': 'down', 'eu-b': 'down' }));
  assert.deepEqual(outcome(set), ['us healthy: 198.51.100.10*1']);
  assert.deepEqual(set.rules, [{ branch: 0 }], 'no rule is left that would need the address of the client');
  assert.equal(set.groups.length, 1);
});

test('only trailing rules are dropped: one before a rule that differs still shields it', () => {
  const rules = [
    { when: { geos: ['EU-GB'] }, try: ['us'] },
    { when: { geos: ['EU'] }, try: ['eu'] },
    { when: { geos: ['AF'] }, try: ['us'] },
    { try: ['us'] },
  ];
  const set = compile(inputOf({}, { policy: { rules, within: { pick: 'weighted', select: 1 } } }));
  assert.deepEqual(set.rules, [
    { when: [{ geos: ['EU-GB'] }], branch: 0 },
    { when: [{ geos: ['EU'] }], branch: 1 },
    { branch: 0 },
  ]);
});

test('unknown targets serve only as long as no other is up or suspect', () => {
  assert.deepEqual(outcome(compile(inputOf({ 'eu-a': 'unknown' })))[0], 'eu healthy: 192.0.2.11*20');
  assert.deepEqual(
    outcome(compile(inputOf({ 'eu-a': 'unknown', 'eu-b': 'suspect' })))[0],
    'eu healthy: 192.0.2.11*20',
  );
  assert.deepEqual(
    outcome(compile(inputOf({ 'eu-a': 'unknown', 'eu-b': 'unknown' })))[0],
    'eu healthy: 192.0.2.10*80 192.0.2.11*20',
  );
});

test('min_up is a share of weight, exactly reached is enough, and below it the pool is the last resort only', () => {
  const pools = (min_up: number) => {
    const { pools } = inputOf();
    return { pools: { ...pools, eu: { ...pools['eu']!, min_up } }, ...tries('eu', 'us') };
  };
  assert.match(outcome(compile(inputOf({ 'eu-a': 'down' }, pools(0.2))))[0]!, /eu healthy/);
  assert.match(outcome(compile(inputOf({ 'eu-a': 'down' }, pools(0.21))))[0]!, /us healthy/);
  assert.equal(
    outcome(compile(inputOf({ 'eu-a': 'down', 'us-a': 'down' }, pools(0.21))))[0],
    'eu last_resort: 192.0.2.11*20',
  );
});

test('weight 0 serves only when every member of positive weight is down', () => {
  const { pools } = inputOf();
  const eu = {
    monitor: 'web',
    members: [
      { target: 'eu-a', weight: 1 },
      { target: 'eu-b', weight: 0 },
    ],
  };
  const changes = { pools: { ...pools, eu }, ...tries('eu', 'us') };
  assert.equal(outcome(compile(inputOf({}, changes)))[0], 'eu healthy: 192.0.2.10*1');
  assert.equal(outcome(compile(inputOf({ 'eu-a': 'unknown' }, changes)))[0], 'eu healthy: 192.0.2.10*1');
  assert.equal(outcome(compile(inputOf({ 'eu-a': 'down' }, changes)))[0], 'eu healthy: 192.0.2.11*0');
  assert.match(outcome(compile(inputOf({ 'eu-a': 'down', 'eu-b': 'down' }, changes)))[0]!, /us healthy/);
});

test('status down is never answered, not even when all is down; status up ignores checks', () => {
  const withdrawn = { ...TARGETS, 'eu-a': { ...TARGETS['eu-a']!, status: 'down' as const } };
  const states: States = { 'eu-b': 'down', 'us-a': 'down' };
  assert.equal(outcome(compile(inputOf(states, { targets: withdrawn })))[0], 'eu fail_open: 192.0.2.11*20');
  const forced = { ...TARGETS, 'eu-b': { ...TARGETS['eu-b']!, status: 'up' as const } };
  assert.equal(
    outcome(compile(inputOf({ 'eu-a': 'down', 'eu-b': 'down' }, { targets: forced })))[0],
    'eu healthy: 192.0.2.11*20',
  );
});

test('all down: fail_open serves the first stage as if healthy, nodata serves nothing', () => {
  const states: States = { 'eu-a': 'down', 'eu-b': 'down', 'us-a': 'down' };
  const open = compile(inputOf(states));
  assert.deepEqual(outcome(open), [
    'eu fail_open: 192.0.2.10*80 192.0.2.11*20',
    'us fail_open: 198.51.100.10*1',
  ]);
  assert.equal(open.ttl, 10);
  const closed = compile(inputOf(states, { defaultAllDown: 'nodata', ...tries('eu', 'us') }));
  assert.deepEqual(outcome(closed), ['eu nodata: ']);
  const own = inputOf(states, { defaultAllDown: 'nodata' });
  assert.match(
    outcome(compile({ ...own, policy: { ...own.policy, all_down: 'fail_open' } }))[0]!,
    /fail_open/,
  );
});

test('fail_open passes over a stage whose targets are all withdrawn, and is NODATA when all are', () => {
  assert.deepEqual(outcome(compile(inputOf({ 'us-a': 'down' }, withdraw('eu-a', 'eu-b')))), [
    'us fail_open: 198.51.100.10*1',
  ]);
  assert.deepEqual(outcome(compile(inputOf({}, withdraw('eu-a', 'eu-b', 'us-a')))), ['eu nodata: ']);
});

test('a weighted stage keeps its healthy pools, and its pools of weight 0 only when the others are down', () => {
  const stage = tries({ weighted: { us: 10, eu: 90, sorry: 0 } });
  assert.match(outcome(compile(inputOf({}, stage)))[0]!, /^90 x eu healthy: .* \| 10 x us healthy: /);
  assert.deepEqual(outcome(compile(inputOf({ 'eu-a': 'down', 'eu-b': 'down' }, stage))), [
    'us healthy: 198.51.100.10*1',
  ]);
  const down: States = { 'eu-a': 'down', 'eu-b': 'down', 'us-a': 'down' };
  assert.deepEqual(outcome(compile(inputOf(down, stage))), ['sorry healthy: sorry.example.org.*1']);
});

test('a family that is down in the chosen pool is NODATA, never the address of another region', () => {
  const states: States = { 'eu-a': { state: 'up', ipv4: 'up', ipv6: 'down' }, 'eu-b': 'down' };
  assert.deepEqual(outcome(compile(inputOf(states), 'A'))[0], 'eu healthy: 192.0.2.10*80');
  assert.deepEqual(outcome(compile(inputOf(states), 'AAAA'))[0], 'eu healthy: ');
});

test('pools of host names answer with CNAME in every set, and make a CNAME set that is empty elsewhere', () => {
  const input = inputOf(
    { 'us-a': 'down' },
    {
      policy: {
        rules: [{ when: { geos: ['EU'] }, try: ['eu'] }, { try: ['us', 'sorry'] }],
        within: { pick: 'round_robin', select: 2 },
      },
    },
  );
  const [a, cname] = [compile(input, 'A'), compile(input, 'CNAME')];
  assert.deepEqual(
    a.groups.map(({ type, select, answers }) => [type, select, answers.length]),
    [
      ['A', 2, 2],
      ['CNAME', 1, 1],
    ],
  );
  assert.deepEqual(
    cname.groups.map(({ type, answers }) => [type, answers.map(({ rdata }) => rdata)]),
    [
      ['CNAME', []],
      ['CNAME', ['sorry.example.org.']],
    ],
  );
  assert.deepEqual(cname.rules, a.rules);
  assert.equal(
    compilePolicy(inputOf({}, { policy: input.policy }), 'CNAME'),
    undefined,
    'not reachable while us is up',
  );
});

test('the TTL is short while a target within reach is suspect, whatever pool serves', () => {
  assert.equal(compile(inputOf({ 'us-a': 'suspect' }, tries('eu', 'us'))).ttl, 10);
  assert.equal(compile(inputOf({ 'us-a': 'suspect' }, tries('eu'))).ttl, 30, 'us is not in this policy');
  const family: States = { 'eu-a': { state: 'up', ipv4: 'up', ipv6: 'suspect' } };
  assert.equal(compile(inputOf(family), 'AAAA').ttl, 10);
  assert.equal(compile(inputOf(family), 'A').ttl, 30);
});

test('the TTL is never below the floor and the short one never above the stable one', () => {
  assert.equal(ttlOf(30, 1, 5), 5);
  assert.equal(ttlOf(8, 10, 5), 8);
  assert.equal(ttlOf(2, 10, 5, 'up'), 5);
  assert.equal(ttlOf(60, 60, 0), 60);
});

test('targets with one address are one answer that carries both weights', () => {
  const one = { aaaa: '2001:DB8:1:0::10', status: 'obey' as const };
  const both = compile(inputOf({}, { targets: { ...TARGETS, 'eu-b': one } }), 'AAAA');
  assert.deepEqual(outcome(both)[0], 'eu healthy: 2001:db8:1::10*100');
  const targets = { ...TARGETS, 'eu-b': { a: '192.0.2.10', status: 'obey' as const } };
  assert.deepEqual(outcome(compile(inputOf({}, { targets })))[0], 'eu healthy: 192.0.2.10*100');
});

test('a configuration that was not checked is refused with the name that is missing', () => {
  assert.throws(() => compile(inputOf({}, tries('constructor'))), /no pool constructor/);
  assert.throws(() => compile(inputOf({}, { targets: {} })), /no target eu-a/);
  const policy = {
    rules: [{ when: { geos: ['EU'] }, try: ['eu'] }],
    within: { pick: 'weighted' as const, select: 1 },
  };
  assert.throws(() => compile(inputOf({}, { policy })), /catch-all/);
});

test('every type of one policy has the same rules, branches and pools, and every set has the published shape', () => {
  fc.assert(
    fc.property(arbitraryPolicy, arbitraryClient, (input, client) => {
      const sets = (['A', 'AAAA', 'CNAME'] as const).flatMap((type) => compilePolicy(input, type) ?? []);
      const chosen = sets.map((set) => {
        const selection = createSelection();
        selectAnswer(
          prepareSteering(set),
          client,
          createChance(seedOf(set, 'go.example.net'), 0.5, 1),
          selection,
        );
        return { pool: set.groups[selection.group]!.pool, scope: selection.scope };
      });
      for (const [index, set] of sets.entries()) {
        assert.deepEqual(steeredRecordSetSchema.parse(set), set);
        assert.deepEqual(set.rules, sets[0]!.rules);
        assert.deepEqual(set.branches, sets[0]!.branches);
        assert.deepEqual(chosen[index], chosen[0]);
      }
    }),
    { numRuns: 300 },
  );
});

test('equal input compiles to an equal set, in whatever order weights were stored', () => {
  fc.assert(
    fc.property(arbitraryPolicy, (input) => {
      const rules = input.policy.rules.map((rule) => ({
        ...rule,
        try: rule.try.map((stage) =>
          typeof stage === 'object' && 'weighted' in stage
            ? { weighted: Object.fromEntries(Object.entries(stage.weighted).toReversed()) }
            : stage,
        ),
      }));
      const other = { ...input, policy: { ...input.policy, rules } };
      assert.equal(JSON.stringify(compilePolicy(other, 'A')), JSON.stringify(compilePolicy(input, 'A')));
    }),
  );
});

test('no answer is withdrawn, and none is down unless all is down', () => {
  fc.assert(
    fc.property(arbitraryPolicy, (input) => {
      for (const { standing, answers } of compile(input, 'A').groups) {
        for (const { target } of answers) {
          const { status } = input.targets[target]!;
          assert.notEqual(status, 'down');
          if (standing !== 'fail_open' && status === 'obey')
            assert.notEqual(input.health('m', target).state, 'down');
        }
      }
    }),
    { numRuns: 300 },
  );
});
