/** Compiling a policy tree and selecting from it, against a plain walk through the configured tree. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { scaled } from '@signpost/testkit/test-scale';
import * as fc from 'fast-check';

import { compilePolicy } from './compile-policy.ts';
import type { ClientView } from './match-client.ts';
import { arbitraryClient, latencyTable } from './reference/arbitrary-client.ts';
import { arbitraryTree, type Tree, TREE_TARGETS } from './reference/arbitrary-tree.ts';
import { type Steered, steerPlainly } from './reference/steer-plainly.ts';
import { createSelection, prepareSteering, selectAnswer } from './select-answer.ts';
import type { AddressType } from './weighed-pool.ts';

const OWNER = 'go.example.net';
const RUNS = scaled({ slice: 1_500, full: 60_000 });

/** What the client may be answered, with the weights as shares; undefined: there is no set. */
function steer({ input, measured }: Tree, client: ClientView, type: AddressType): Steered | undefined {
  const set = compilePolicy(input, type);
  if (set === undefined) return undefined;
  const { latencies, slotOf } = latencyTable(measured, TREE_TARGETS);
  const selection = createSelection();
  selectAnswer(prepareSteering(set, OWNER, slotOf), client, 0.3, 1, selection, latencies);
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
    assert.ok((standings.get(standing) ?? 0) > RUNS / 500, `${standing}: ${standings.get(standing)}`);
  }
});
