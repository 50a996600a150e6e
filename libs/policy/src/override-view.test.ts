/** What overrides do to a policy: who serves, why, and for how long it may be cached. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { OverrideSetting } from '@signpost/contracts/override';
import * as fc from 'fast-check';

import { compilePolicy } from './compile-policy.ts';
import { planPolicy } from './plan-policy.ts';
import type { PolicyInput } from './policy-input.ts';
import { arbitraryPolicy } from './reference/arbitrary-policy.ts';

interface World {
  readonly set?: Readonly<Record<string, OverrideSetting>>;
  readonly down?: readonly string[];
  readonly statusDown?: readonly string[];
  readonly allDown?: 'fail_open' | 'nodata';
  /** Seconds until planned work on eu-a. */
  readonly beginsIn?: number;
}

function inputOf({
  set = {},
  down = [],
  statusDown = [],
  allDown = 'fail_open',
  beginsIn,
}: World): PolicyInput {
  const target = (name: string, a: string) => ({
    a,
    status: statusDown.includes(name) ? ('down' as const) : ('obey' as const),
  });
  return {
    policyName: 'p',
    policy: { rules: [{ try: ['eu', 'us'] }], within: { pick: 'weighted', select: 1 } },
    defaultAllDown: allDown,
    ttl: { stable: 30, suspect: 10, floor: 5, settle: 60_000 },
    pools: {
      eu: {
        monitor: 'web',
        members: [
          { target: 'eu-a', weight: 1 },
          { target: 'eu-b', weight: 1 },
        ],
      },
      us: { monitor: 'web', members: [{ target: 'us-a', weight: 1 }] },
    },
    targets: {
      'eu-a': target('eu-a', '192.0.2.1'),
      'eu-b': target('eu-b', '192.0.2.2'),
      'us-a': target('us-a', '198.51.100.1'),
    },
    health: (_monitor, name) => {
      const state = down.includes(name) ? 'down' : 'up';
      return { state, ipv4: state, ipv6: state, reason: 'as told' };
    },
    overrides: {
      inForce: (name) =>
        set[name] && { set: set[name], by: 'ops', reason: 'kernel', untilMs: Date.UTC(2026, 11, 1, 6) },
      beginsWithin: (name, seconds) => name === 'eu-a' && beginsIn !== undefined && beginsIn <= seconds,
    },
  };
}

function served(world: World): string {
  const set = compilePolicy(inputOf(world), 'A')!;
  const branch = set.branches[set.rules.at(-1)!.branch]!;
  assert.ok('group' in branch);
  const { standing, answers } = set.groups[branch.group]!;
  return `${standing}: ${answers.map(({ target }) => target).join(' ')}`.trim();
}

test('drain and down take a target out, up puts one in whatever checks and status say', () => {
  assert.equal(served({ set: { 'eu-a': 'drain' } }), 'healthy: eu-b');
  assert.equal(served({ set: { 'eu-a': 'down' } }), 'healthy: eu-b');
  assert.equal(served({ set: { 'eu-a': 'up' }, down: ['eu-a', 'eu-b'] }), 'healthy: eu-a');
  assert.equal(served({ set: { 'eu-a': 'up' }, statusDown: ['eu-a'] }), 'healthy: eu-a eu-b');
  assert.equal(served({ set: { 'eu-a': 'drain', 'eu-b': 'down' } }), 'healthy: us-a');
});

test('when every pool is down, a drained target serves before those that are down, and one set down never does', () => {
  const all = { down: ['eu-b', 'us-a'], set: { 'eu-a': 'drain' } } as const;
  assert.equal(served(all), 'fail_open: eu-a');
  assert.equal(served({ ...all, allDown: 'nodata' }), 'nodata:');
  assert.equal(served({ ...all, set: { 'eu-a': 'down' } }), 'fail_open: eu-b');
  assert.equal(served({ set: { 'eu-a': 'down', 'eu-b': 'down', 'us-a': 'down' } }), 'nodata:');
});

test('where a rule fails open, drained targets that pass their checks come first, of whichever pool', () => {
  const drained = { 'us-a': 'drain' } as const;
  assert.equal(served({ down: ['eu-a', 'eu-b'], set: drained }), 'fail_open: us-a');
  assert.equal(served({ set: { ...drained, 'eu-a': 'drain', 'eu-b': 'drain' } }), 'fail_open: eu-a eu-b');
  assert.equal(served({ down: ['eu-b'], set: { ...drained, 'eu-a': 'drain' } }), 'fail_open: eu-a');
  assert.equal(served({ down: ['eu-a', 'eu-b', 'us-a'], set: drained }), 'fail_open: eu-a eu-b');
  assert.equal(served({ set: { ...drained, 'eu-a': 'down', 'eu-b': 'down' } }), 'fail_open: us-a');
  const gone = { statusDown: ['us-a'], down: ['eu-a', 'eu-b'], set: drained };
  assert.equal(served(gone), 'fail_open: eu-a eu-b', 'its status says down');
});

test('the reason says who, until when and why', () => {
  const [member] = planPolicy(inputOf({ set: { 'eu-a': 'drain' } })).standings.get('eu')!.members;
  assert.equal(member!.override, 'drain');
  assert.equal(member!.reason, 'drained by ops until 2026-12-01T06:00:00Z: kernel');
});

test('TTL is short before planned work as long as an answer lasts, and stable again once it is under way', () => {
  const ttl = (world: World) => compilePolicy(inputOf(world), 'A')!.ttl;
  assert.equal(ttl({ beginsIn: 31 }), 30);
  assert.equal(ttl({ beginsIn: 30 }), 10);
  assert.equal(ttl({ set: { 'eu-a': 'drain' } }), 30);
});

test('whatever is overridden: what is drained or down is answered only when all pools are down, down never', () => {
  const settings = fc.dictionary(
    fc.constantFrom('t0', 't1', 't2', 't3', 't4', 't5'),
    fc.constantFrom<OverrideSetting>('up', 'down', 'drain'),
  );
  fc.assert(
    fc.property(arbitraryPolicy, settings, (input, set) => {
      const overrides = {
        inForce: (name: string) =>
          Object.hasOwn(set, name) ? { set: set[name]!, by: 'o', reason: 'r', untilMs: 1 } : undefined,
        beginsWithin: () => false,
      };
      for (const { standing, answers } of compilePolicy({ ...input, overrides }, 'A')!.groups) {
        for (const { target } of answers) {
          assert.notEqual(overrides.inForce(target)?.set, 'down');
          if (standing !== 'fail_open') assert.notEqual(overrides.inForce(target)?.set, 'drain');
        }
      }
    }),
  );
});
