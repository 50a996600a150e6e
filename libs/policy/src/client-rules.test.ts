import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Branch, SteeredRecordSet } from '@signpost/contracts/record-set';
import * as fc from 'fast-check';

import { decidingKey, type DecidingPart, subnetsOf, usesPlaces, usesSystems } from './client-rules.ts';
import { followNearest, prepareBranches } from './choose-branch.ts';
import { matchRules, prepareRules } from './match-rules.ts';
import { arbitraryClient } from './reference/arbitrary-client.ts';
import { arbitrarySet } from './reference/arbitrary-record-set.ts';

const near = (latitude: number): Branch => ({
  nearest: [
    { branch: 0, at: [[latitude, 0]], stretch: 1 },
    { branch: 1, at: [[-30, 150]], stretch: 1 },
  ],
});
const BASE: DecidingPart = {
  rules: [{ when: [{ geos: ['EU'], butNotIn: ['EU-GB'] }], branch: 1 }, { branch: 0 }],
  branches: [{ group: 0 }, { group: 1 }, near(50)],
  views: [{ vantage: 'v', near: ['NA'], rules: [{ branch: 1 }] }],
};

test('sets that decide otherwise have another key', () => {
  const others: readonly DecidingPart[] = [
    { ...BASE, rules: [{ when: [{ geos: ['EU'] }], branch: 1 }, { branch: 0 }] },
    { ...BASE, rules: [{ ...BASE.rules[0]!, branch: 2 }, { branch: 0 }] },
    { ...BASE, views: undefined },
    { ...BASE, views: [{ vantage: 'v', near: ['NA-US'], rules: [{ branch: 1 }] }] },
    { ...BASE, views: [{ vantage: 'v', near: ['NA'], rules: [{ branch: 0 }] }] },
    { ...BASE, views: [{ vantage: 'v', near: ['NA'] }] },
    { ...BASE, branches: [{ group: 0 }, { group: 1 }, near(51)] },
    { ...BASE, branches: [{ group: 0 }, near(50), { group: 1 }] },
  ];
  const keys = [BASE, ...others].map(decidingKey);
  assert.equal(new Set(keys).size, keys.length);
});

test('groups, weights and the names of vantages decide nothing', () => {
  const weighted: Branch = { weighted: [{ branch: 0, weight: 3, key: 'a' }] };
  for (const other of [
    { ...BASE, branches: [{ group: 5 }, weighted, near(50)] },
    { ...BASE, views: [{ ...BASE.views![0]!, vantage: 'other' }] },
  ]) {
    assert.equal(decidingKey(other), decidingKey(BASE));
  }
});

test('rules that look at nothing have no key, but the nearest pool looks at the place', () => {
  const plain = { rules: [{ branch: 0 }], branches: BASE.branches };
  assert.equal(decidingKey(plain), undefined);
  assert.notEqual(decidingKey({ ...plain, rules: [{ branch: 2 }] }), undefined);
  assert.notEqual(decidingKey({ ...plain, views: BASE.views }), undefined);
});

test('sets of one key give every client the same branch', () => {
  const branchOf = (part: SteeredRecordSet) => {
    const rules = prepareRules(part);
    const branches = prepareBranches(part.branches, part.groups.length, () => -1);
    const walker = { scope: 0, vector: new Float64Array(3), least: new Float64Array(1) };
    return (client: Parameters<typeof matchRules>[1]) =>
      followNearest(branches, matchRules(rules, client, walker), client, walker);
  };
  fc.assert(
    fc.property(arbitrarySet, arbitrarySet, fc.array(arbitraryClient), (one, other, clients) => {
      // What decides is taken from one, and the rest from the other, as far as there are so many branches.
      const branches = one.branches.map((branch, index) =>
        'nearest' in branch || other.branches[index] === undefined || 'nearest' in other.branches[index]
          ? branch
          : other.branches[index],
      );
      const mixed = { ...one, branches, groups: [...one.groups, ...other.groups] };
      assert.equal(decidingKey(mixed), decidingKey(one));
      const [first, second] = [branchOf(one), branchOf(mixed)];
      for (const client of clients) assert.equal(first(client), second(client));
    }),
  );
});

test('what databases and which subnets rules need, in views too', () => {
  const part: DecidingPart = {
    rules: [{ when: [{ subnets: ['10.0.0.0/8', '2001:db8::/32'] }], branch: 0 }, { branch: 1 }],
    branches: [{ group: 0 }, { group: 1 }],
  };
  assert.deepEqual([usesPlaces(part), usesSystems(part)], [false, false]);
  const viewed: DecidingPart = {
    ...part,
    views: [
      {
        vantage: 'v',
        near: ['EU'],
        rules: [{ when: [{ asns: [64_500], subnets: ['192.0.2.0/24'] }], branch: 0 }],
      },
    ],
  };
  assert.deepEqual([usesPlaces(viewed), usesSystems(viewed)], [true, true]);
  assert.deepEqual(
    subnetsOf(viewed, 4).map(({ octets, length }) => `${octets.join('.')}/${length}`),
    ['10.0.0.0/8', '192.0.2.0/24'],
  );
  assert.equal(subnetsOf(viewed, 6).length, 1);
});
