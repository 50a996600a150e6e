/** Weighted rendezvous hashing, of targets and of pools: exact in share, and a change moves only the clients it must. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SteeredAnswer, SteeredRecordSet } from '@signpost/contracts/record-set';
import * as fc from 'fast-check';

import { clientOf } from './reference/arbitrary-client.ts';
import { createChance, seedOf } from './chance.ts';
import { createSelection, prepareSteering, selectAnswer } from './select-answer.ts';

const OWNER = 'www.example.org';

type Target = Pick<SteeredAnswer, 'target' | 'weight' | 'keep'>;

/** One group with affinity. */
function groupSet(targets: readonly Target[], select = 1): SteeredRecordSet {
  return {
    kind: 'steered',
    ttl: 30,
    policy: 'p',
    rules: [{ branch: 0 }],
    branches: [{ group: 0 }],
    groups: [
      {
        pool: 'p',
        type: 'A',
        pick: 'affinity',
        bits: { v4: 24, v6: 56 },
        select,
        standing: 'healthy',
        answers: targets.map((own, index) => ({ rdata: `192.0.2.${index}`, ...own })),
      },
    ],
  };
}

/** A weighted choice among pools of two targets each, the first of which is named like the pool. */
function poolSet(weights: readonly number[]): SteeredRecordSet {
  return {
    kind: 'steered',
    ttl: 30,
    policy: 'p',
    rules: [{ branch: weights.length }],
    branches: [
      ...weights.map((_, group) => ({ group })),
      { weighted: weights.map((weight, branch) => ({ branch, weight, key: `t${branch}` })) },
    ],
    groups: weights.map((_, index) => ({
      ...groupSet([
        { target: `t${index}`, weight: 1 },
        { target: 'other', weight: 1 },
      ]).groups[0]!,
    })),
  };
}

/** For so many networks of a family: group and answers of each. */
function* networks(set: SteeredRecordSet, count: number, family: 4 | 6 = 4) {
  const steering = prepareSteering(set);
  const chance = createChance(seedOf(set, OWNER));
  const selection = createSelection();
  const client = clientOf(family, new Uint8Array(16), family === 4 ? 32 : 128);
  for (let i = 0; i < count; i += 1) {
    const at = family === 4 ? 0 : 4;
    client.address[at] = i >> 16;
    client.address[at + 1] = i >> 8;
    client.address[at + 2] = i;
    selectAnswer(steering, client, chance, selection);
    yield selection;
  }
}

function targetsOf(targets: readonly Target[], count: number): string[] {
  return networks(groupSet(targets), count)
    .map(({ answers }) => targets[answers[0]!]!.target)
    .toArray();
}

const NETWORKS = 200_000;

/** A binomial count: four standard deviations from what is expected. */
function assertShare(hits: number, of: number, share: number, what: string): void {
  const sigma = Math.sqrt(of * share * (1 - share));
  assert.ok(Math.abs(hits - of * share) <= 4 * sigma, `${what}: ${hits} of ${of}, expected ${of * share}`);
}

test('targets share 200,000 networks by weight, in each family', () => {
  for (const family of [4, 6] as const) {
    for (const weights of [[1, 1], [80, 15, 5], [1, 0, 2], Array<number>(50).fill(1), [1_000_000, 1_000]]) {
      const set = groupSet(weights.map((weight, index) => ({ target: `t${index}`, weight })));
      const hits = weights.map(() => 0);
      for (const { answers } of networks(set, NETWORKS, family)) hits[answers[0]!]! += 1;
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      for (const [index, weight] of weights.entries()) {
        assertShare(hits[index]!, NETWORKS, weight / total, `family ${family}, ${weights.join(' ')}`);
      }
    }
  }
});

test('pools share them by weight, and within each its targets do, also one that is named like the pool', () => {
  const weights = [5, 3, 2];
  const hits = weights.map(() => [0, 0]);
  for (const { group, answers } of networks(poolSet(weights), NETWORKS)) hits[group]![answers[0]!]! += 1;
  for (const [pool, [named, other]] of hits.entries()) {
    assertShare(named! + other!, NETWORKS, weights[pool]! / 10, `pool t${pool}`);
    assertShare(named!, named! + other!, 1 / 2, `target t${pool}`);
  }
});

const members = fc
  .array(
    fc.record({ weight: fc.integer({ min: 1, max: 100 }), keep: fc.constantFrom(undefined, 0.5, 0.9) }),
    {
      minLength: 2,
      maxLength: 12,
    },
  )
  .map((drawn) =>
    drawn.map(({ weight, keep }, index): Target => ({ target: `t${index}`, weight, ...(keep && { keep }) })),
  );

test('when a target leaves, its clients move and no others', () => {
  fc.assert(
    fc.property(members, fc.nat(), (targets, nth) => {
      const { target: gone } = targets[nth % targets.length]!;
      const before = targetsOf(targets, 2_000);
      const after = targetsOf(
        targets.filter(({ target }) => target !== gone),
        2_000,
      );
      for (const [network, target] of before.entries()) {
        if (target !== gone) assert.equal(after[network], target);
      }
    }),
  );
});

test('of several answers only the one that leaves is replaced, in the same order', () => {
  fc.assert(
    fc.property(members, fc.integer({ min: 2, max: 4 }), fc.nat(), (targets, select, nth) => {
      const { target: gone } = targets[nth % targets.length]!;
      const left = targets.filter(({ target }) => target !== gone);
      const namesOf = (some: readonly Target[]) =>
        networks(groupSet(some, select), 300)
          .map(({ answers, count }) => [...answers.subarray(0, count)].map((index) => some[index]!.target))
          .toArray();
      const after = namesOf(left);
      for (const [network, names] of namesOf(targets).entries()) {
        const stayed = names.filter((name) => name !== gone);
        assert.deepEqual(after[network]!.slice(0, stayed.length), stayed);
      }
    }),
  );
});

test('a weight that changes moves at most 1.1 times the clients it must, all of them to or from its target', () => {
  for (const [from, to] of [
    [10, 20],
    [20, 10],
    [10, 11],
    [1, 100],
    [5, 0],
  ] as const) {
    for (const keep of [undefined, 0.8]) {
      const others = [10, 30, 7].map((weight, index) => ({
        target: `t${index}`,
        weight,
        ...(keep && { keep }),
      }));
      const at = (weight: number) => targetsOf([{ target: 'x', weight }, ...others], 50_000);
      const after = at(to);
      let moved = 0;
      const shares = { before: 0, after: 0 };
      for (const [network, target] of at(from).entries()) {
        const now = after[network]!;
        if (target === 'x') shares.before += 1;
        if (now === 'x') shares.after += 1;
        if (target === now) continue;
        moved += 1;
        assert.equal(to > from ? now : target, 'x');
      }
      assert.ok(moved <= 1.1 * Math.abs(shares.after - shares.before), `${from} to ${to}: ${moved}`);
      if (keep !== undefined) continue;
      const must = Math.abs(to / (to + 47) - from / (from + 47));
      assert.ok(moved <= 1.1 * must * 50_000, `${from} to ${to}: ${moved}, must ${must * 50_000}`);
    }
  }
});

test('a target that keeps fewer of its clients sends away those alone, each to its next', () => {
  const others = [
    { target: 'b', weight: 1 },
    { target: 'c', weight: 1 },
  ];
  const keeping = (keep: number) => targetsOf([{ target: 'a', weight: 2, keep }, ...others], NETWORKS);
  const [all, half, none] = [keeping(1), keeping(0.5), keeping(0)];
  const own = all.filter((target) => target === 'a').length;
  assertShare(half.filter((target) => target === 'a').length, own, 0.5, 'kept');
  const without = targetsOf(others, NETWORKS);
  for (const [network, target] of all.entries()) {
    if (target !== 'a') assert.equal(half[network], target);
    if (half[network] !== 'a') assert.equal(none[network], half[network]);
    assert.equal(none[network], without[network]);
  }
});

test('targets of large weight that do not keep a client come in the order that they have without', () => {
  const targets = (keep: number) =>
    Array.from({ length: 5 }, (_, index) => ({ target: `t${index}`, weight: 1e9, keep }));
  assert.deepEqual(targetsOf(targets(0), 10_000), targetsOf(targets(1), 10_000));
});
