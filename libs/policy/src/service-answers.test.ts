/** Records of services: the pool that addresses come of, who is next in line behind it, and how both are written. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nowhere, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import { policySchema, poolSchema } from '@signpost/contracts/policy-configuration';
import { targetSchema } from '@signpost/contracts/configuration';
import { DEFAULT_TTL } from '@signpost/contracts/ttl-plan';
import { scaled } from '@signpost/testkit/test-scale';
import * as fc from 'fast-check';

import { createChance, seedOf } from './chance.ts';
import { compilePolicy } from './compile-policy.ts';
import type { ClientView } from './match-client.ts';
import type { PolicyInput, ServicePlan } from './policy-input.ts';
import { arbitraryClient, latencyTable } from './reference/arbitrary-client.ts';
import { arbitraryTree, type Tree, TREE_TARGETS } from './reference/arbitrary-tree.ts';
import { createSelection, prepareSteering, selectAnswer } from './select-answer.ts';
import type { SteeredType } from './weighed-pool.ts';

const SERVICES: ServicePlan = {
  owner: 'go.example.net',
  binding: { failover: true, hints: true },
  preference: 10,
  srv: { priority: 10, port: 443 },
};

function groupFor({ input, measured }: Tree, client: ClientView, type: SteeredType) {
  const set = compilePolicy({ ...input, services: SERVICES, flatten: true }, type)!;
  const { latencies, slotOf } = latencyTable(measured, TREE_TARGETS);
  const selection = createSelection();
  const chance = createChance(seedOf(set, 'go.example.net'), 0.3, 1);
  selectAnswer(prepareSteering(set, slotOf), client, chance, selection, latencies);
  const group = set.groups[selection.group]!;
  return { ...group, count: selection.count };
}

test('for one client all types come to the same pool, and the next one is another, with targets', () => {
  let seconds = 0;
  const runs = scaled({ slice: 200, full: 40_000 });
  fc.assert(
    fc.property(arbitraryTree, arbitraryClient, (tree, client) => {
      const { pool, standing } = groupFor(tree, client, 'A');
      for (const type of ['AAAA', 'HTTPS', 'SVCB', 'MX', 'SRV'] as const) {
        const own = groupFor(tree, client, type);
        assert.deepEqual([own.pool, own.standing], [pool, standing], type);
        if (type !== 'HTTPS') continue;
        assert.equal(own.count, own.answers.length, 'the whole RRset');
        const first = own.answers.filter(({ rdata }) => rdata.startsWith('1 '));
        const second = own.answers.filter(({ rdata }) => rdata.startsWith('2 '));
        assert.equal(first.length > 0, standing !== 'nodata' && standing !== 'servfail');
        if (second.length === 0) continue;
        seconds += 1;
        assert.ok(standing === 'healthy' || standing === 'last_resort');
        const members = (name: string) => tree.input.pools[name]!.members.map(({ target }) => target);
        const names = second.map(({ rdata }) => rdata.split(' ')[1]!.split('.')[0]!);
        assert.ok(!names.includes(pool));
        for (const { target } of second) {
          assert.ok(
            Object.keys(tree.input.pools).some((name) => name !== pool && members(name).includes(target)),
          );
        }
      }
    }),
    { numRuns: runs },
  );
  assert.ok(seconds > runs / 10, `${seconds} of ${runs}`);
});

function inputOf(
  tries: unknown[],
  down: readonly string[] = [],
  more: Partial<PolicyInput> = {},
): PolicyInput {
  const hosts = Object.fromEntries(
    ['a', 'b', 'c', 'd'].map((name) => [name, targetSchema.parse({ cname: `${name}.example.org.` })]),
  );
  const addresses = {
    e: targetSchema.parse({ a: '192.0.2.5', aaaa: '2001:DB8:0::5', at: [0, 0] }),
    f: targetSchema.parse({ a: '192.0.2.6', at: [0, 10] }),
    g: targetSchema.parse({ a: '192.0.2.7', at: [0, 11] }),
  };
  const pool = (...members: [string, number][]) =>
    poolSchema.parse({ monitor: 'm', members: members.map(([target, weight]) => ({ target, weight })) });
  return {
    policyName: 'p',
    policy: policySchema.parse({ rules: [{ try: tries }] }),
    defaultAllDown: 'fail_open',
    ttl: DEFAULT_TTL,
    pools: {
      ab: pool(['a', 200_000], ['b', 1]),
      bc: pool(['b', 1], ['c', 0]),
      d: pool(['d', 1]),
      e: pool(['e', 1]),
      f: pool(['f', 1]),
      g: pool(['g', 1]),
    },
    targets: { ...hosts, ...addresses },
    health: (_, target) => {
      const state = down.includes(target) ? 'down' : 'up';
      return { state, ipv4: state, ipv6: state, reason: 'so' };
    },
    services: SERVICES,
    ...more,
  };
}

function rdata(input: PolicyInput, type: SteeredType): string[] {
  return compilePolicy(input, type)!.groups[0]!.answers.map((answer) => answer.rdata);
}

const names = (input: PolicyInput) =>
  rdata(input, 'HTTPS').map((text) => text.split(' ').slice(0, 2).join(' '));

test('a host of both pools stands once; weights fit into 16 bits and none comes to nothing', () => {
  assert.deepEqual(rdata(inputOf(['ab', 'bc', 'd']), 'MX'), ['10 a.example.org.', '10 b.example.org.']);
  assert.deepEqual(rdata(inputOf(['ab', 'd']), 'SRV'), [
    '10 65535 443 a.example.org.',
    '10 1 443 b.example.org.',
    '11 1 443 d.example.org.',
  ]);
});

test('the next in line: beside it in its choice, else of the next stage that is healthy', () => {
  const eu = '1 e.go.example.net.';
  assert.deepEqual(names(inputOf(['e', 'f', 'g'])), [eu, '2 f.go.example.net.']);
  assert.deepEqual(names(inputOf(['e', 'f', 'g'], ['f'])), [eu, '2 g.go.example.net.']);
  assert.deepEqual(names(inputOf(['e', 'f', 'g'], ['f', 'g'])), [eu]);
  assert.deepEqual(names(inputOf(['e'])), [eu]);
  assert.deepEqual(names(inputOf([{ weighted: { e: 1, f: 5, g: 9 } }])), [eu, '2 g.go.example.net.']);
  assert.deepEqual(names(inputOf([{ nearest: ['e', 'g', 'f'] }])), [eu, '2 f.go.example.net.']);
  assert.deepEqual(names(inputOf([{ fastest: ['e', 'g', 'f'] }])), [eu, '2 g.go.example.net.']);
  const fastest = compilePolicy(inputOf([{ fastest: ['e', 'g', 'f'] }]), 'HTTPS')!;
  assert.deepEqual(
    fastest.groups.map(({ pool, answers }) => [pool, answers[1]!.rdata.split(' ')[1]]),
    [
      ['e', 'g.go.example.net.'],
      ['g', 'f.go.example.net.'],
      ['f', 'e.go.example.net.'],
    ],
  );
  assert.deepEqual(names(inputOf(['e', 'f'], ['e', 'f'])), [eu], 'all down: nobody is next');
});

test('hints are the addresses of those that serve, each family on its own', () => {
  assert.deepEqual(rdata(inputOf(['e']), 'HTTPS'), [
    '1 e.go.example.net. ipv4hint=192.0.2.5 ipv6hint=2001:db8::5',
  ]);
  const half = inputOf(['e'], [], {
    health: () => ({ state: 'up', ipv4: 'down', ipv6: 'up', reason: 'so' }),
  });
  assert.deepEqual(rdata(half, 'HTTPS'), ['1 e.go.example.net. ipv6hint=2001:db8::5']);
});

test('flattened hosts share the weight of their target, and the TTL is not longer than what was found', () => {
  const resolved = (host: string) =>
    host === 'a.example.org'
      ? { a: ['192.0.2.1', '192.0.2.2', '192.0.2.3'], aaaa: [], ttl: 12 }
      : { a: ['192.0.2.9'], aaaa: [], ttl: 99 };
  const set = compilePolicy(inputOf(['ab'], [], { flatten: true, resolved }), 'A')!;
  assert.deepEqual(
    set.groups[0]!.answers.map((answer) => [answer.rdata, answer.weight]),
    [
      ['192.0.2.1', 200_000],
      ['192.0.2.2', 200_000],
      ['192.0.2.3', 200_000],
      ['192.0.2.9', 3],
    ],
  );
  assert.equal(set.ttl, 12);
  assert.equal(compilePolicy(inputOf(['ab'], [], { flatten: true, resolved }), 'CNAME'), undefined);
  const unknown = compilePolicy(inputOf(['ab'], [], { flatten: true }), 'A')!;
  assert.deepEqual(unknown.groups[0]!.answers, []);
});

test('clients that keep their target spread over the addresses of its host', () => {
  const resolved = () => ({ a: ['192.0.2.1', '192.0.2.2', '192.0.2.3'], aaaa: [], ttl: 60 });
  const input = inputOf(['d'], [], { flatten: true, resolved });
  const policy = { ...input.policy, within: { ...input.policy.within, affinity: { v4: 24, v6: 56 } } };
  const set = compilePolicy({ ...input, policy }, 'A')!;
  const steering = prepareSteering(set);
  const chance = createChance(seedOf(set, 'go.example.net'));
  const selection = createSelection();
  const counts = [0, 0, 0];
  for (let n = 0; n < 300; n += 1) {
    const address = Uint8Array.of(100, n >> 8, n & 255, 1, ...Array<number>(12).fill(0));
    const client: ClientView = {
      family: 4,
      address,
      sourceLength: 24,
      place: () => nowhere(0),
      system: () => UNKNOWN_SYSTEM,
    };
    selectAnswer(steering, client, chance, selection);
    counts[selection.answers[0]!]! += 1;
  }
  assert.ok(Math.min(...counts) > 60, counts.join(' '));
});

test('a pinned name has its target alone while it serves, and then what the policy says', () => {
  const pinned = (down: readonly string[]) =>
    compilePolicy(inputOf(['e', 'f'], down, { pin: 'f' }), 'A')!.groups.flatMap(({ answers }) =>
      answers.map((answer) => answer.rdata),
    );
  assert.deepEqual(pinned([]), ['192.0.2.6']);
  assert.deepEqual(pinned(['f']), ['192.0.2.5']);
  assert.deepEqual(pinned(['e']), ['192.0.2.6']);
});
