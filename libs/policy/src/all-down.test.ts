/** What is answered when no stage of a rule serves, and what comes before that. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { planPolicy } from './plan-policy.ts';
import { clientIn, down, steer, type World, worldOf } from './testing/sample-policy.ts';

const RULES = [{ try: ['london', 'new-york'] }];
const ALL = down('london', 'new-york');

test('of each kind: everything, those up last, the fallback, nothing, or failure', () => {
  const at = (
    all_down: 'fail_open' | 'last_healthy' | 'fallback' | 'nodata' | 'servfail',
    world: World = {},
  ) => steer(worldOf(RULES, { states: ALL, ...world, policy: { all_down, fallback: 'sorry' } }));
  assert.equal(at('fail_open'), 'london fail_open: london-a london-b');
  assert.equal(at('fallback'), 'sorry fallback: sorry');
  assert.equal(at('nodata'), 'london nodata:');
  assert.equal(at('servfail'), 'london servfail:');
});

test('last_healthy serves those that went down within 30 s of the very last one, of the first pool with one', () => {
  const at = (changed: World['changed'], states = ALL) =>
    steer(worldOf(RULES, { states, changed: changed!, policy: { all_down: 'last_healthy' } }));
  assert.equal(at({ 'london-a': 100, 'london-b': 40, 'new-york': 10 }), 'london last_healthy: london-b');
  assert.equal(at({ 'london-a': 100, 'london-b': 41, 'new-york': 10 }), 'new-york last_healthy: new-york');
  assert.equal(
    at({ 'london-a': 15, 'london-b': 40, 'new-york': 99 }),
    'london last_healthy: london-a london-b',
  );
  assert.equal(at({}), 'london fail_open: london-a london-b', 'nobody was ever up');
});

test('last_healthy is for those that went down; where nobody was ever up, drained targets come first', () => {
  const overrides = {
    inForce: (target: string) =>
      target === 'new-york' ? { set: 'drain' as const, by: 'ops', reason: 'kernel', untilMs: 1 } : undefined,
    beginsWithin: () => false,
  };
  const at = (changed: World['changed']) =>
    steer(
      worldOf(RULES, {
        states: down('london'),
        changed: changed!,
        policy: { all_down: 'last_healthy' },
        overrides,
      }),
    );
  assert.equal(at({ 'london-b': 40 }), 'london last_healthy: london-b');
  assert.equal(at({}), 'new-york fail_open: new-york');
});

test('of a fallback those serve that always would; when none does, those that are only drained, else all', () => {
  const served = (states: World['states'], drained: readonly string[] = []) => {
    const overrides = {
      inForce: (target: string) =>
        drained.includes(target)
          ? { set: 'drain' as const, by: 'ops', reason: 'kernel', untilMs: 1 }
          : undefined,
      beginsWithin: () => false,
    };
    const policy = { all_down: 'fallback', fallback: 'london' } as const;
    return steer(worldOf([{ try: ['new-york'] }], { states: states!, overrides, policy }));
  };
  const lost = down('new-york');
  assert.equal(served(lost), 'london fallback: london-a london-b');
  assert.equal(served(lost, ['london-a']), 'london fallback: london-b');
  assert.equal(served({ ...lost, 'london-b': 'down' }), 'london fallback: london-a');
  assert.equal(served({ ...lost, 'london-b': 'down' }, ['london-a']), 'london fallback: london-a');
  assert.equal(served({ ...lost, ...down('london') }), 'london fallback: london-a london-b');
});

test('of a fallback whose targets serve, a family that is down is not answered', () => {
  const policy = { all_down: 'fallback', fallback: 'london' } as const;
  const world = worldOf([{ try: ['new-york'] }], { states: down('new-york'), policy });
  const served = (broken: readonly string[]) =>
    steer({
      ...world,
      health: (monitor, target) => ({
        ...world.health(monitor, target),
        ...(broken.includes(target) && { ipv4: 'down' as const }),
      }),
    });
  assert.equal(served([]), 'london fallback: london-a london-b');
  assert.equal(served(['london-a']), 'london fallback: london-b');
});

test('a fallback is served even if all of it is down, but where it was taken out by hand the rule fails open', () => {
  const withFallback = (world: World) =>
    steer(worldOf(RULES, { ...world, policy: { all_down: 'fallback', fallback: 'singapore' } }));
  assert.equal(withFallback({ states: { ...ALL, singapore: 'down' } }), 'singapore fallback: singapore');
  const targets = { ...worldOf(RULES).targets };
  targets['singapore'] = { ...targets['singapore']!, status: 'down' };
  assert.equal(withFallback({ states: ALL, targets }), 'london fail_open: london-a london-b');
});

test('a rule has its own, and the policy, then the defaults, speak for those that have none', () => {
  const input = worldOf(
    [
      { when: { geos: ['EU'] }, try: ['london'], all_down: 'servfail' },
      { when: { geos: ['AS'] }, try: ['singapore'] },
      { try: ['new-york'], all_down: 'fail_open' },
    ],
    { states: down('london', 'new-york', 'singapore'), policy: { all_down: 'fallback', fallback: 'sorry' } },
  );
  assert.equal(steer(input, clientIn({ continent: 'EU' })), 'london servfail:');
  assert.equal(steer(input, clientIn({ continent: 'AS' })), 'sorry fallback: sorry');
  assert.equal(steer(input), 'new-york fail_open: new-york');
  const byDefault = { ...worldOf(RULES, { states: ALL }), defaultAllDown: 'servfail' as const };
  assert.equal(steer(byDefault), 'london servfail:');
});

test('an empty try is no answer for whom it matches, and a fence is none while its pools are down', () => {
  const input = (states: World['states']) =>
    worldOf(
      [
        { when: { geos: ['AS'] }, try: [] },
        { when: { geos: ['EU'] }, try: ['london'], all_down: 'nodata' },
        { try: ['new-york', 'london'] },
      ],
      { states: states!, defaultAllDown: 'nodata' },
    );
  assert.equal(steer(input({}), clientIn({ continent: 'AS' })), 'none nodata:');
  assert.equal(steer(input({}), clientIn({ continent: 'EU' })), 'london healthy: london-a london-b');
  assert.equal(steer(input(down('london')), clientIn({ continent: 'EU' })), 'london nodata:');
  assert.equal(steer(input(down('london'))), 'new-york healthy: new-york');
});

test('a pool below min_up is the last resort, before all_down is asked', () => {
  const { pools } = worldOf(RULES);
  const input = worldOf(RULES, {
    states: { ...ALL, 'london-b': 'up' },
    pools: { ...pools, london: { ...pools['london']!, min_up: 0.5 } },
    policy: { all_down: 'servfail' },
  });
  assert.equal(steer(input), 'london last_resort: london-b');
});

test('what a plan says of each outcome is what it serves', () => {
  const [rule] = planPolicy(worldOf(RULES, { states: ALL, policy: { all_down: 'servfail' } })).rules;
  assert.deepEqual(
    rule!.outcomes.map(({ standing, stage }) => [standing, stage]),
    [['servfail', undefined]],
  );
});
