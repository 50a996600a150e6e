import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { HealthState } from '@signpost/contracts/health';

import type { CalculatedRule } from '../topology/monitored-pairs.ts';
import { judgeCalculated, type Child } from './judge-calculated.ts';

function rule(...conditions: readonly [name: string, n: number, of: string][]): CalculatedRule {
  return {
    kind: 'calculated',
    conditions: conditions.map(([name, n, of]) => ({ name, n, of: of.split('') })),
  };
}

function child(state: HealthState, settled = true): Child {
  return {
    verdict: { monitor: 'm', target: 't', state, families: { ipv4: state }, sinceMs: 1, reason: 'why' },
    settled,
  };
}

function judge(calculated: CalculatedRule, states: Readonly<Record<string, HealthState>>) {
  const childOf = (name: string) => (states[name] === undefined ? undefined : child(states[name]));
  return judgeCalculated(calculated, ['ipv4'], childOf).families.get('ipv4')!;
}

/** all, any, at least 2 of three. */
const TRUTH: readonly (readonly [string, HealthState, HealthState, HealthState])[] = [
  ['up up up', 'up', 'up', 'up'],
  ['up up suspect', 'suspect', 'up', 'up'],
  ['up up unknown', 'unknown', 'up', 'up'],
  ['up up down', 'down', 'up', 'up'],
  ['up suspect suspect', 'suspect', 'up', 'suspect'],
  ['up suspect unknown', 'unknown', 'up', 'suspect'],
  ['up suspect down', 'down', 'up', 'suspect'],
  ['up unknown unknown', 'unknown', 'up', 'unknown'],
  ['up unknown down', 'down', 'up', 'unknown'],
  ['up down down', 'down', 'up', 'down'],
  ['suspect suspect suspect', 'suspect', 'suspect', 'suspect'],
  ['suspect suspect unknown', 'unknown', 'suspect', 'suspect'],
  ['suspect suspect down', 'down', 'suspect', 'suspect'],
  ['suspect unknown unknown', 'unknown', 'suspect', 'unknown'],
  ['suspect unknown down', 'down', 'suspect', 'unknown'],
  ['suspect down down', 'down', 'suspect', 'down'],
  ['unknown unknown unknown', 'unknown', 'unknown', 'unknown'],
  ['unknown unknown down', 'down', 'unknown', 'unknown'],
  ['unknown down down', 'down', 'unknown', 'down'],
  ['down down down', 'down', 'down', 'down'],
];

test('the truth table, whatever the order of the monitors', () => {
  for (const [given, all, any, two] of TRUTH) {
    const [x, y, z] = given.split(' ') as [HealthState, HealthState, HealthState];
    for (const [a, b, c] of [
      [x, y, z],
      [z, y, x],
      [y, x, z],
    ] as const) {
      const states = { a, b, c };
      assert.equal(judge(rule(['all', 3, 'abc']), states).state, all, given);
      assert.equal(judge(rule(['any', 1, 'abc']), states).state, any, given);
      assert.equal(judge(rule(['at least 2', 2, 'abc']), states).state, two, given);
    }
  }
});

test('all conditions must hold, and the reason names the one that decides and its monitor', () => {
  const both = rule(['all', 1, 'a'], ['at least 1', 1, 'bc']);
  assert.deepEqual(judge(both, { a: 'up', b: 'down', c: 'down' }), {
    state: 'down',
    reason: 'down by at least 1 of b, c: b is down, why',
  });
  assert.deepEqual(judge(both, { a: 'down', b: 'up', c: 'down' }), {
    state: 'down',
    reason: 'down by all of a: a is down, why',
  });
  assert.equal(judge(both, { a: 'up', b: 'down', c: 'up' }).state, 'up');
});

test('a monitor without a verdict is unknown, and keeps the whole from being settled', () => {
  const any = rule(['any', 1, 'ab']);
  assert.equal(judge(any, { b: 'down' }).reason, 'unknown by any of a, b: a is unknown, no verdict yet');
  const settled = (a: Child | undefined) =>
    judgeCalculated(any, ['ipv4'], (name) => (name === 'a' ? a : child('up'))).settled;
  assert.deepEqual(
    [settled(child('up')), settled(child('up', false)), settled(undefined)],
    [true, false, false],
  );
});
