import assert from 'node:assert/strict';
import { test } from 'node:test';

import { followRoom, shareRoom, withoutUnknown, type Neighbour } from './plan-room.ts';

const us: Neighbour = { pool: 'us', load: 4_000, soft: 9_000, hard: 12_000, up: true };
const ap: Neighbour = { pool: 'ap', load: 1_500, soft: 2_500, hard: 3_500, up: true };

const shares = (...args: Parameters<typeof shareRoom>) => Object.fromEntries(shareRoom(...args) ?? []);

test('what fits below soft goes by the room there', () => {
  assert.deepEqual(shares([us, ap], 0), { ap: 167, us: 833 });
  assert.deepEqual(shares([us, ap], 6_000), { ap: 167, us: 833 });
});

test('what does not fit fills the room below hard, then goes by size', () => {
  // 5,000 and 1,000 below soft, then 3,000 and 1,000 below hard.
  assert.deepEqual(shares([us, ap], 8_000), { ap: 188, us: 813 });
  assert.deepEqual(shares([us, ap], 10_000), { ap: 200, us: 800 });
  const full = [
    { ...us, load: 13_000 },
    { ...ap, load: 4_000 },
  ];
  assert.deepEqual(shares(full, 1_000), { ap: 226, us: 774 }, 'no room at all: by size');
  assert.deepEqual(shares([{ ...us, load: 10_000 }, ap], 1_000), { ap: 1_000, us: 0 });
  assert.deepEqual(
    shares(
      [
        { ...us, load: 10_000 },
        { ...ap, load: 2_500 },
      ],
      1,
    ),
    { ap: 333, us: 667 },
    'none below soft: by the room below hard',
  );
});

test('the room of a pool that is down counts, but it is not what is filled first', () => {
  const down = { ...us, up: false };
  assert.deepEqual(shares([down, ap], 0), { ap: 167, us: 833 }, 'it may be up before this one dies');
  assert.deepEqual(
    shares([down, { ...ap, load: 2_500 }], 500),
    { ap: 250, us: 750 },
    'its room below soft is not there to be filled',
  );
  assert.equal(shareRoom([], 5), undefined);
});

test('a plan follows slowly, and not at all what is near enough', () => {
  const plan = new Map([
    ['ap', 200],
    ['us', 800],
  ]);
  const aim = (share: number) =>
    new Map([
      ['ap', share],
      ['us', 1_000 - share],
    ]);
  assert.equal(followRoom(plan, aim(240)), plan);
  assert.deepEqual(Object.fromEntries(followRoom(plan, aim(400))!), { ap: 300, us: 700 });
  assert.deepEqual(Object.fromEntries(followRoom(plan, new Map([['ap', 1_000]]))!), { ap: 1_000 });
  assert.deepEqual(followRoom(undefined, plan), plan);
  assert.equal(followRoom(plan, undefined), undefined);
  assert.deepEqual(Object.fromEntries(withoutUnknown(plan, (pool) => pool === 'us')!), { us: 1_000 });
  assert.equal(
    withoutUnknown(plan, () => false),
    undefined,
  );
});
