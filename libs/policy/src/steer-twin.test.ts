/** Compiling a policy tree and selecting from it, against a plain walk through the configured tree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { steeredRecordSetSchema } from '@signpost/contracts/record-set';
import { scaled } from '@signpost/testkit/test-scale';
import * as fc from 'fast-check';

import { createChance, seedOf } from './chance.ts';
import { compilePolicy } from './compile-policy.ts';
import type { ClientView } from './match-client.ts';
import { arbitraryClient, latencyTable } from './reference/arbitrary-client.ts';
import { arbitraryTree, type Tree, TREE_TARGETS } from './reference/arbitrary-tree.ts';
import { poolsFor, type Steered, steerPlainly } from './reference/steer-plainly.ts';
import { stand } from './reference/stand-plainly.ts';
import { createSelection, prepareSteering, selectAnswer } from './select-answer.ts';
import type { AddressType } from './weighed-pool.ts';

const OWNER = 'go.example.net';
const TYPES: readonly AddressType[] = ['A', 'AAAA', 'CNAME'];
const RUNS = scaled({ slice: 1_500, full: 60_000 });

/** What the client may be answered, with the weights as shares; undefined: there is no set. */
function steer({ input, measured }: Tree, client: ClientView, type: AddressType): Steered | undefined {
  const set = compilePolicy(input, type);
  if (set === undefined) return undefined;
  const { latencies, slotOf } = latencyTable(measured, TREE_TARGETS);
  const selection = createSelection();
  const chance = createChance(seedOf(set, OWNER), 0.3, 1);
  selectAnswer(prepareSteering(set, slotOf), client, chance, selection, latencies);
  const { pool, standing, answers } = set.groups[selection.group]!;
  const total = answers.reduce((sum, { weight }) => sum + weight, 0);
  return {
    pool: standing === 'nodata' || standing === 'servfail' ? undefined : pool,
    standing,
    answers: answers.map(({ rdata, weight, keep = 1 }) => ({
      rdata,
      share: total === 0 ? 1 / answers.length : weight / total,
      keep,
    })),
  };
}

const rounded = ({ pool, standing, answers }: Steered) =>
  JSON.stringify({
    pool,
    standing,
    answers: answers.map(({ share, ...own }) => ({ ...own, share: Math.round(share * 1e9) })),
  });

test('what is compiled and then selected is what a plain walk through the configured tree comes to', () => {
  const standings = new Map<string, number>();
  let unclear = 0;
  fc.assert(
    fc.property(
      arbitraryTree,
      arbitraryClient,
      fc.constantFrom<AddressType>('A', 'AAAA', 'CNAME'),
      (tree, client, type) => {
        const steered = steer(tree, client, type);
        const plain = steerPlainly({ ...tree, ownerName: OWNER, client, type });
        if (steered === undefined) return assert.equal(type, 'CNAME');
        standings.set(steered.standing, (standings.get(steered.standing) ?? 0) + 1);
        if (plain.length === 1) return assert.equal(rounded(steered), rounded(plain[0]!));
        unclear += 1;
        assert.ok(plain.some((own) => rounded(own) === rounded(steered)));
      },
    ),
    { numRuns: RUNS },
  );
  assert.ok(unclear < RUNS / 20, `${unclear} hung on rounding`);
  for (const standing of [
    'healthy',
    'last_resort',
    'fail_open',
    'last_healthy',
    'fallback',
    'nodata',
    'servfail',
  ]) {
    assert.ok((standings.get(standing) ?? 0) > 0, `${standing}: ${standings.get(standing)}`);
  }
});

test("a target that is down is never answered while one of the pools that may be the client's is up", () => {
  let down = 0;
  fc.assert(
    fc.property(arbitraryTree, arbitraryClient, (tree, client) => {
      const { input } = tree;
      const { standing, answers } = steer(tree, client, 'A')!;
      const pools = poolsFor({ ...tree, ownerName: OWNER, client, type: 'A' });
      const isUp = pools.some((pool) => stand(input, pool).serving.length > 0);
      if (!isUp) {
        down += 1;
        return assert.ok(standing !== 'healthy' && standing !== 'last_resort');
      }
      assert.ok(standing === 'healthy' || standing === 'last_resort', standing);
      const members = pools.flatMap((pool) => stand(input, pool).members);
      for (const { rdata } of answers) {
        const own = members.find(({ target }) => Object.values(input.targets[target]!).includes(rdata));
        assert.notEqual(own!.state, 'down');
      }
    }),
    { numRuns: RUNS },
  );
  assert.ok(down > RUNS / 10 && down < RUNS / 1.2, `${down} of ${RUNS} were down`);
});

test('where a rule fails open and a target of the pools it tries is only drained, only such ones are answered', () => {
  let drained = 0;
  fc.assert(
    fc.property(arbitraryTree, arbitraryClient, (tree, client) => {
      const { input } = tree;
      const { pool, standing } = steer(tree, client, 'A')!;
      if (standing !== 'fail_open') return;
      const pools = poolsFor({ ...tree, ownerName: OWNER, client, type: 'A' });
      const whole = pools.filter((name) => stand(input, name).members.some((own) => own.onlyDrained));
      if (whole.length === 0) return;
      drained += 1;
      assert.ok(whole.includes(pool!));
      const set = compilePolicy(input, 'A')!;
      for (const group of set.groups.filter((own) => own.pool === pool && own.standing === 'fail_open')) {
        for (const { target } of group.answers) {
          assert.equal(input.overrides!.inForce(target)?.set, 'drain');
          assert.notEqual(input.targets[target]!.status, 'down');
        }
      }
    }),
    { numRuns: RUNS },
  );
  assert.ok(drained > RUNS / 500, `${drained} of ${RUNS}`);
});

test('branches and groups of a set are those of every type, so all choose the same pool at the same scope', () => {
  fc.assert(
    fc.property(arbitraryTree, (tree) => {
      const sets = TYPES.flatMap((type) => compilePolicy(tree.input, type) ?? []);
      for (const set of sets) {
        assert.deepEqual(steeredRecordSetSchema.parse(set), set);
        assert.deepEqual([set.rules, set.branches], [sets[0]!.rules, sets[0]!.branches]);
        assert.deepEqual(
          set.groups.map(({ pool, standing }) => [pool, standing]),
          sets[0]!.groups.map(({ pool, standing }) => [pool, standing]),
        );
      }
    }),
    { numRuns: scaled({ slice: 300, full: 10_000 }) },
  );
});
