import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import { nowhere, UNKNOWN_SYSTEM } from '@signpost/contracts/place';

import { expectedShares } from './expected-shares.ts';
import type { Network } from './population.ts';

const network = (first: number, ratePerMs: number): Network => ({
  ratePerMs,
  view: {
    family: 4,
    address: Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? first : 0)),
    sourceLength: 32,
    place: () => nowhere(8),
    system: () => UNKNOWN_SYSTEM,
  },
});

const group = (pick: 'weighted' | 'round_robin' | 'ordered', weights: Record<string, number>) => ({
  pool: 'p',
  type: 'A' as const,
  pick,
  select: 1,
  standing: 'healthy' as const,
  answers: Object.entries(weights).map(([target, weight]) => ({ rdata: `${target}.`, target, weight })),
});

const set = (parts: Pick<SteeredRecordSet, 'rules' | 'branches' | 'groups'>): SteeredRecordSet => ({
  kind: 'steered',
  ttl: 60,
  policy: 'p',
  ...parts,
});

const numberOf = new Map(['a', 'b', 'c'].map((name, i) => [name, i]));
const shares = (of: SteeredRecordSet) =>
  [
    ...expectedShares(
      of,
      'go.example.net',
      [network(10, 3), network(20, 1)],
      ({ ratePerMs }) => ratePerMs,
      numberOf,
    ),
  ].map((share) => Math.round(share * 1e9) / 1e9);

test('clients are shared by the weights of the group that their rule leads to', () => {
  const branches = [{ group: 0 }, { group: 1 }];
  const rules = [{ when: [{ subnets: ['10.0.0.0/8'] }], branch: 0 }, { branch: 1 }];
  const groups = [group('weighted', { a: 80, b: 20 }), group('weighted', { b: 1, c: 3 })];
  assert.deepEqual(shares(set({ rules, branches, groups })), [2.4, 0.85, 0.75, 0]);
});

test('where weights choose among pools, each has its part of each client, however the choices nest', () => {
  const branches = [
    { group: 0 },
    { group: 1 },
    {
      weighted: [
        { branch: 0, weight: 1, key: 'x' },
        { branch: 1, weight: 3, key: 'y' },
        { branch: 0, weight: 0, key: 'z' },
      ],
    },
    { group: 2 },
    {
      weighted: [
        { branch: 2, weight: 1, key: 'x' },
        { branch: 3, weight: 1, key: 'y' },
      ],
    },
  ];
  const groups = [group('weighted', { a: 1 }), group('weighted', { b: 1 }), group('weighted', { c: 1 })];
  assert.deepEqual(shares(set({ rules: [{ branch: 4 }], branches, groups })), [0.5, 1.5, 2, 0]);
});

test('turns are alike, the first in order has all, and nobody serves without answers', () => {
  const alone = (one: ReturnType<typeof group>) =>
    shares(set({ rules: [{ branch: 0 }], branches: [{ group: 0 }], groups: [one] }));
  assert.deepEqual(alone(group('round_robin', { a: 9, b: 1, c: 0 })), [2, 2, 0, 0]);
  assert.deepEqual(alone(group('ordered', { b: 1, a: 9 })), [0, 4, 0, 0]);
  assert.deepEqual(alone(group('weighted', {})), [0, 0, 0, 4]);
  assert.deepEqual(alone(group('weighted', { a: 0, b: 0 })), [2, 2, 0, 0]);
});
