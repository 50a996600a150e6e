import assert from 'node:assert/strict';
import { test } from 'node:test';

import { explanationSchema } from '@signpost/contracts/explanation';
import { nowhere, type Place } from '@signpost/contracts/place';
import * as fc from 'fast-check';

import { createChance, seedOf } from './chance.ts';
import { compilePolicy } from './compile-policy.ts';
import type { PolicyInput } from './policy-input.ts';
import { explainPolicy } from './explain-policy.ts';
import { arbitraryClient, clientOf } from './reference/arbitrary-client.ts';
import { arbitraryPolicy, arbitraryRegionalPolicy } from './reference/arbitrary-policy.ts';
import { createSelection, prepareSteering, selectAnswer } from './select-answer.ts';
import { stickyBits } from './sticky-draw.ts';

const OWNER = 'go.example.net';
const CALIFORNIA: Place = { continent: 'NA', country: 'US', subdivision: 'CA', prefixLength: 20 };

function inputOf(down: string[], rules: PolicyInput['policy']['rules']): PolicyInput {
  return {
    policyName: 'global',
    policy: { rules, within: { pick: 'weighted', select: 1 } },
    defaultAllDown: 'fail_open',
    ttl: { stable: 30, suspect: 10, floor: 5, settle: 60_000 },
    pools: {
      eu: {
        monitor: 'web',
        members: [
          { target: 'eu-a', weight: 80 },
          { target: 'eu-b', weight: 20 },
        ],
        min_up: 0.5,
      },
      us: { monitor: 'web', members: [{ target: 'us-a', weight: 1 }] },
    },
    targets: {
      'eu-a': { a: '192.0.2.10', status: 'obey' },
      'eu-b': { a: '192.0.2.11', status: 'obey' },
      'us-a': { a: '198.51.100.10', aaaa: '2001:db8:2::10', status: 'obey' },
    },
    health: (_monitor, target) => {
      const state = down.includes(target) ? 'down' : 'up';
      return {
        state,
        ipv4: state,
        ipv6: state,
        reason: state === 'up' ? 'status 200' : 'connection refused',
      };
    },
  };
}

function client(place: Place = CALIFORNIA) {
  return { ...clientOf(4, Uint8Array.of(10, 1, 2, 3), 32), place: () => place };
}

const firstStage = (down: string[]) =>
  explainPolicy(inputOf(down, [{ try: ['eu', 'us'] }]), OWNER, client(), ['A']).rules[0]!.stages[0]!;

test('says of every rule whether it matched and why, by how many bits', () => {
  const rules = [
    { when: { subnets: ['192.0.2.0/24', '198.51.100.0/24'] }, try: ['eu'] },
    { when: { geos: ['EU', 'AF'] }, try: ['eu'] },
    { when: { subnets: ['10.0.0.0/8'], geos: ['NA-US'] }, try: ['us', 'eu'] },
    { when: { geos: ['NA'] }, try: ['eu'] },
    { try: ['eu'] },
  ];
  const { rules: views, scope } = explainPolicy(inputOf([], rules), OWNER, client(), ['A']);
  assert.deepEqual(
    views.map(({ when, matched, reason, prefixLength }) => [when, matched, reason, prefixLength]),
    [
      ['subnets 192.0.2.0/24, 198.51.100.0/24', false, 'client is not in 192.0.2.0/24 or 198.51.100.0/24', 1],
      ['geos EU, AF', false, 'place is NA-US-CA, not EU or AF', 20],
      ['subnets 10.0.0.0/8 and geos NA-US', true, 'client is in 10.0.0.0/8, place is NA-US-CA', 20],
      ['geos NA', false, 'a rule before matched', 0],
      ['everybody', false, 'a rule before matched', 0],
    ],
  );
  assert.equal(scope, 20);
  assert.deepEqual(
    views.map(({ stages }) => stages.length),
    [0, 0, 2, 0, 0],
  );
});

test('says of every stage whether it was taken and why, with its members', () => {
  const { rules } = explainPolicy(inputOf(['eu-a'], [{ try: ['eu', 'us', 'eu'] }]), OWNER, client(), ['A']);
  const stages = rules[0]!.stages;
  assert.deepEqual(
    stages.map(({ stage, taken, reason }) => [stage, taken, reason]),
    [
      ['eu', false, 'pool eu is down: 20 % of weight up, needs 50 %'],
      ['us', true, 'pool us is healthy enough: 100 % of weight up, needs one target'],
      ['eu', false, 'a stage before serves'],
    ],
  );
  assert.deepEqual(stages[0]!.pools[0], {
    pool: 'eu',
    up: 0.2,
    minUp: 0.5,
    healthyEnough: false,
    chosen: false,
    members: [
      { target: 'eu-a', weight: 80, state: 'down', serves: false, reason: 'connection refused' },
      { target: 'eu-b', weight: 20, state: 'up', serves: true, reason: 'status 200' },
    ],
  });
});

test('says when the last resort or fail_open serves', () => {
  const lastResort = firstStage(['eu-a', 'us-a']);
  assert.equal(lastResort.taken, true);
  assert.match(lastResort.reason, /20 % of weight up, needs 50 %; no stage is healthy enough/);
  const failOpen = firstStage(['eu-a', 'eu-b', 'us-a']);
  assert.match(failOpen.reason, /every pool is down, and all_down is fail_open/);
  assert.deepEqual(
    failOpen.pools[0]!.members.map(({ serves }) => serves),
    [true, true],
  );
});

test('says that drained targets serve because a rule fails open, and that their checks pass', () => {
  const inForce = (name: string) =>
    name === 'us-a' ? { set: 'drain' as const, by: 'ops', reason: 'kernel', untilMs: 0 } : undefined;
  const input = {
    ...inputOf(['eu-a', 'eu-b'], [{ try: ['eu', 'us'] }]),
    overrides: { inForce, beginsWithin: () => false },
  };
  const [eu, us] = explainPolicy(input, OWNER, client(), ['A']).rules[0]!.stages;
  assert.deepEqual([eu!.taken, us!.taken], [false, true]);
  assert.match(
    us!.reason,
    /all_down is fail_open: targets that are only drained serve, since their checks pass/,
  );
  const [member] = us!.pools[0]!.members;
  assert.deepEqual([member!.serves, member!.override], [true, 'drain']);
  assert.equal(member!.reason, 'drained by ops until 1970-01-01T00:00:00Z: kernel; otherwise up: status 200');
});

test('gives the candidates of each type with their shares, and no candidate for NODATA', () => {
  const input = inputOf([], [{ try: ['eu', 'us'] }]);
  const { answers } = explainPolicy(input, OWNER, client(), ['A', 'AAAA', 'CNAME']);
  assert.deepEqual(answers, [
    {
      type: 'A',
      ttl: 30,
      select: 1,
      candidates: [
        { rdata: '192.0.2.10', target: 'eu-a', share: 0.8 },
        { rdata: '192.0.2.11', target: 'eu-b', share: 0.2 },
      ],
    },
    { type: 'AAAA', ttl: 30, select: 0, candidates: [] },
  ]);
});

test('says which pool the network of the client draws from a weighted stage', () => {
  const input = inputOf([], [{ try: [{ weighted: { us: 50, eu: 50 } }] }]);
  const { rules, scope, answers } = explainPolicy(input, OWNER, client(), ['A']);
  const stage = rules[0]!.stages[0]!;
  assert.equal(stage.stage, 'weighted: us 50, eu 50');
  const drawn = /the client's \/24 draws among eu 50 %, us 50 %; to (eu|us)$/.exec(stage.reason)?.[1];
  assert.equal(answers[0]!.candidates[0]!.target, `${drawn}-a`);
  assert.equal(scope, 24);
  assert.deepEqual(
    stage.pools.filter(({ chosen }) => chosen).map(({ pool }) => pool),
    [drawn],
  );
});

test('a rule that changes nothing needs no bits, and says so', () => {
  const rules = [{ when: { geos: ['EU'] }, try: ['eu', 'us'] }, { try: ['us'] }];
  const input = inputOf(['eu-a', 'eu-b'], rules);
  const explained = explainPolicy(input, OWNER, client(nowhere(12)), ['A']);
  assert.equal(explained.scope, 0);
  assert.equal(explained.rules[0]!.prefixLength, 0);
  assert.equal(
    explained.rules[0]!.reason,
    'place is unknown, not EU; answers are those of the last rule anyway',
  );
});

test('explains what selection does: scope, pool and candidates agree for any policy, health and client', () => {
  fc.assert(
    fc.property(arbitraryPolicy, arbitraryClient, (input, view) => {
      const explained = explainPolicy(input, OWNER, view, ['A', 'AAAA', 'CNAME']);
      const set = compilePolicy(input, 'A')!;
      const selection = createSelection();
      selectAnswer(prepareSteering(set), view, createChance(seedOf(set, OWNER), 0.3, 1), selection);
      assert.equal(explained.scope, selection.scope);

      const rule = explained.rules.find(({ matched }) => matched)!;
      const stage = rule.stages.find(({ taken }) => taken);
      const sticky = stage?.reason.includes('draws') ? stickyBits(view.family) : 0;
      assert.equal(
        Math.max(sticky, ...explained.rules.map(({ prefixLength }) => prefixLength)),
        selection.scope,
      );

      const group = set.groups[selection.group]!;
      assert.equal(stage === undefined, group.standing === 'nodata');
      const candidates = explained.answers[0]!.candidates;
      assert.deepEqual(
        candidates.map(({ rdata }) => rdata),
        group.answers.map(({ rdata }) => rdata),
      );
      const serving = stage?.pools
        .find(({ pool }) => pool === group.pool)
        ?.members.filter(({ serves }) => serves);
      for (const { target } of candidates) assert.ok(serving?.some((member) => member.target === target));
      const sum = candidates.reduce((total, { share }) => total + share, 0);
      assert.ok(Math.abs(sum - (candidates.length > 0 ? 1 : 0)) < 1e-9);
      explanationSchema.pick({ rules: true, answers: true, scope: true }).parse(explained);
    }),
    { numRuns: 300 },
  );
});

test('says by which vantage a client is steered, and what it sees otherwise', () => {
  const base = inputOf([], [{ when: { geos: ['EU'] }, try: ['eu'] }, { try: ['us', 'eu'] }]);
  const regional = [
    { vantage: 'us', near: ['NA'], health: inputOf(['us-a'], []).health },
    { vantage: 'eu', near: ['EU'], health: undefined },
  ];
  const health = Object.assign(inputOf([], []).health, { regional });
  const explained = explainPolicy({ ...base, health }, OWNER, client(), ['A', 'AAAA']);
  assert.deepEqual(explained.view, { vantage: 'us', near: 'NA', reason: 'us-a down, by quorum up' });
  assert.deepEqual(
    explained.rules[1]!.stages.map(({ taken }) => taken),
    [false, true],
  );
  assert.equal(explained.answers[0]!.candidates.length, 2);
  assert.equal(explained.scope, CALIFORNIA.prefixLength);
  const elsewhere = explainPolicy({ ...base, health }, OWNER, client(nowhere(9)), ['A']);
  assert.equal(elsewhere.view, undefined);
  assert.equal(elsewhere.answers[0]!.candidates[0]!.target, 'us-a');
});

test('explains what selection does for clients near vantages, too', () => {
  let viewed = 0;
  fc.assert(
    fc.property(arbitraryRegionalPolicy, arbitraryClient, (input, view) => {
      const explained = explainPolicy(input, OWNER, view, ['A', 'AAAA']);
      if (explained.view !== undefined) viewed += 1;
      const stage = explained.rules.find(({ matched }) => matched)!.stages.find(({ taken }) => taken);
      const scopes = (['A', 'AAAA'] as const).map((type, index) => {
        const set = compilePolicy(input, type)!;
        const selection = createSelection();
        selectAnswer(prepareSteering(set), view, createChance(seedOf(set, OWNER), 0.3, 1), selection);
        const group = set.groups[selection.group]!;
        assert.deepEqual(
          explained.answers[index]!.candidates.map(({ rdata }) => rdata),
          group.answers.map(({ rdata }) => rdata),
        );
        const pool = stage?.pools.find(({ pool }) => pool === group.pool);
        assert.equal(pool === undefined, group.standing === 'nodata');
        for (const { target } of group.answers) {
          assert.ok(pool!.members.some((member) => member.target === target && member.serves));
        }
        return selection.scope;
      });
      assert.equal(explained.scope, Math.max(...scopes));
      explanationSchema.pick({ view: true, rules: true, answers: true, scope: true }).parse(explained);
    }),
    { numRuns: 300 },
  );
  assert.ok(viewed > 20, `only ${viewed} views`);
});
