/** Clients that a pool does not keep: trickle, shedding and spill, in shares of client networks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { LoadView } from './load-view.ts';
import { down, poolOf, sharesOf, type World, worldOf } from './testing/sample-policy.ts';

/** In per cent; four standard deviations of 20,000 draws are at most 1.4. */
function assertShares(input: ReturnType<typeof worldOf>, expected: Record<string, number>): void {
  const shares = sharesOf(input);
  assert.deepEqual(Object.keys(shares).toSorted(), Object.keys(expected).toSorted());
  for (const [pool, percent] of Object.entries(expected)) {
    const deviation = Math.sqrt((percent * (100 - percent)) / 20_000);
    assert.ok(Math.abs(100 * shares[pool]! - percent) <= 4 * deviation, `${pool}: ${100 * shares[pool]!} %`);
  }
}

const loadOf = (
  keeps: Record<string, number>,
  rooms: Record<string, Record<string, number>> = {},
): LoadView => ({
  keepOf: (pool) => keeps[pool] ?? 1,
  roomBeside: (pool) => (rooms[pool] === undefined ? undefined : new Map(Object.entries(rooms[pool]))),
});

test('a trickle of 5 % goes to the next stage that is healthy', () => {
  const rules = [{ try: ['london', 'new-york', 'singapore'], trickle: 0.05 }];
  assertShares(worldOf(rules), { london: 95, 'new-york': 5 });
  assertShares(worldOf(rules, { states: down('new-york') }), { london: 95, singapore: 5 });
  assertShares(worldOf(rules, { states: down('london') }), { 'new-york': 95, singapore: 5 });
  assertShares(worldOf(rules, { states: down('new-york', 'singapore') }), { london: 100 });
  assertShares(worldOf(rules, { states: down('london', 'new-york', 'singapore') }), { london: 100 });
});

test('it needs a stage with another pool, and is not sent past the standby that load makes busy already', () => {
  assertShares(worldOf([{ try: ['london', { weighted: { london: 1 } }, 'sorry'], trickle: 0.5 }]), {
    london: 50,
    sorry: 50,
  });
  const load = loadOf({ london: 0.5 }, { london: { 'new-york': 1 } });
  assertShares(worldOf([{ try: ['london', 'new-york', 'sorry'], trickle: 0.1 }], { load }), {
    london: 45,
    'new-york': 55,
  });
});

test('it does not go by headroom past a standby that is down', () => {
  const load = loadOf({}, { 'new-york': { sorry: 1, london: 1 } });
  const world: World = { load, states: down('new-york'), policy: { spill: 'headroom' } };
  assertShares(worldOf([{ try: ['london', 'new-york', 'singapore', 'sorry'], trickle: 0.2 }], world), {
    london: 80,
    singapore: 20,
  });
});

test('a pool above its soft load sends away the share it does not keep, by the room of the others', () => {
  const rules = [{ try: ['london', 'new-york', 'singapore'] }];
  const load = loadOf({ london: 0.6 }, { london: { 'new-york': 3, singapore: 1 } });
  assertShares(worldOf(rules, { load }), { london: 60, 'new-york': 30, singapore: 10 });
  assertShares(worldOf(rules, { load, states: down('new-york') }), { london: 60, singapore: 40 });
  assertShares(worldOf(rules, { load: loadOf({ london: 0 }, { london: { 'new-york': 1 } }) }), {
    'new-york': 100,
  });
});

test('it keeps everybody when nobody has room, and sends nobody to a pool that its rule does not name', () => {
  const rules = [{ try: ['london', 'new-york'] }];
  assertShares(worldOf(rules, { load: loadOf({ london: 0.1 }) }), { london: 100 });
  const full = loadOf({ london: 0.1 }, { london: { 'new-york': 0, singapore: 9 } });
  assertShares(worldOf(rules, { load: full }), { london: 100 });
});

test('what it sheds more takes further clients along and brings none back', () => {
  const rules = [{ try: ['london', 'new-york'] }];
  const at = (keep: number) => {
    const load = loadOf({ london: keep }, { london: { 'new-york': 1 } });
    return sharesOf(worldOf(rules, { load }))['new-york'] ?? 0;
  };
  const shares = [1, 0.9, 0.7, 0.4, 0].map(at);
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
});

test('the clients of a pool that is down go to the next stage, or with headroom wherever there is room', () => {
  const rules = [{ try: ['london', 'new-york', 'singapore'] }];
  const load = loadOf({}, { london: { 'new-york': 1, singapore: 3 } });
  const world: World = { load, states: down('london') };
  assertShares(worldOf(rules, world), { 'new-york': 100 });
  assertShares(worldOf(rules, { ...world, policy: { spill: 'headroom' } }), {
    'new-york': 25,
    singapore: 75,
  });
  const unknown: World = { ...world, load: loadOf({}), policy: { spill: 'headroom' } };
  assert.equal(poolOf(worldOf(rules, unknown)), 'new-york', 'nothing is known of room');
});

test('of a weighted stage only the clients of the pool that is down are spread by room', () => {
  const rules = [{ try: [{ weighted: { london: 60, 'new-york': 30, singapore: 10 } }] }];
  const world: World = {
    states: down('london'),
    load: loadOf({}, { london: { 'new-york': 1, singapore: 1 } }),
  };
  assertShares(worldOf(rules, { ...world, policy: { spill: 'headroom' } }), {
    'new-york': 60,
    singapore: 40,
  });
  assertShares(worldOf(rules, world), { 'new-york': 75, singapore: 25 });
});
