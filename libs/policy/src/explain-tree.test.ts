/** Explanations of whole policy trees: they say what selection does, whatever the tree, health, load and client. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { explanationSchema } from '@signpost/contracts/explanation';
import { scaled } from '@signpost/testkit/test-scale';
import * as fc from 'fast-check';

import { createChance, seedOf } from './chance.ts';
import { compilePolicy } from './compile-policy.ts';
import { explainPolicy } from './explain-policy.ts';
import { arbitraryClient, latencyTable } from './reference/arbitrary-client.ts';
import { arbitraryTree, TREE_TARGETS } from './reference/arbitrary-tree.ts';
import { createSelection, prepareSteering, selectAnswer } from './select-answer.ts';

const OWNER = 'go.example.net';

test('pool, candidates, scope and who stands first are those of selection', () => {
  fc.assert(
    fc.property(arbitraryTree, arbitraryClient, ({ input, measured }, client) => {
      const table = latencyTable(measured, TREE_TARGETS);
      const explained = explainPolicy(input, OWNER, client, ['A', 'AAAA'], table);
      const selected = (['A', 'AAAA'] as const).map((type) => {
        const set = compilePolicy(input, type)!;
        const selection = createSelection();
        const steering = prepareSteering(set, table.slotOf);
        const chance = createChance(seedOf(set, OWNER), 0.3, 1);
        selectAnswer(steering, client, chance, selection, table.latencies);
        return { group: set.groups[selection.group]!, selection };
      });
      const { group, selection } = selected[0]!;

      // One that is empty may have needed less: it asked nobody which target.
      const scope = Math.max(...selected.map((own) => own.selection.scope));
      assert.equal(explained.scope, scope);
      const [a] = explained.answers;
      assert.deepEqual(
        a!.candidates.map(({ rdata }) => rdata),
        group.answers.map(({ rdata }) => rdata),
      );
      const sum = a!.candidates.reduce((total, { share }) => total + share, 0);
      assert.ok(Math.abs(sum - (a!.candidates.length > 0 ? 1 : 0)) < 1e-9);
      if (group.pick === 'affinity' || group.pick === 'ordered') {
        const first = a!.candidates.findIndex(({ share }) => share === 1);
        assert.equal(first, selection.count === 0 ? -1 : selection.answers[0]);
      }

      const matched = explained.rules.filter((rule) => rule.matched);
      assert.equal(matched.length, 1);
      const stage = matched[0]!.stages.find(({ taken }) => taken);
      const isEmpty = group.standing === 'nodata' || group.standing === 'servfail';
      assert.equal(stage === undefined, isEmpty);
      for (const { prefixLength } of explained.rules) assert.ok(prefixLength <= scope);
      if (stage === undefined) return;
      const to = /; to ([\w-]+)$/.exec(stage.reason)?.[1];
      if (to !== undefined) assert.equal(to, group.pool);
      else assert.ok(stage.pools.some(({ pool }) => pool === group.pool));
      explanationSchema.pick({ rules: true, answers: true, scope: true }).parse(explained);
    }),
    { numRuns: scaled({ slice: 1_000, full: 30_000 }) },
  );
});

test('every answer is a member that serves in the stage that was taken', () => {
  fc.assert(
    fc.property(arbitraryTree, arbitraryClient, ({ input, measured }, client) => {
      const table = latencyTable(measured, TREE_TARGETS);
      const { rules, answers } = explainPolicy(input, OWNER, client, ['A'], table);
      const stage = rules.find(({ matched }) => matched)!.stages.find(({ taken }) => taken);
      const serving = rules
        .flatMap((rule) => rule.stages)
        .flatMap((own) => own.pools.flatMap(({ members }) => members))
        .filter(({ serves }) => serves)
        .map(({ target }) => target);
      for (const { target } of answers[0]!.candidates) {
        assert.ok(stage !== undefined);
        assert.ok(serving.includes(target!));
      }
    }),
    { numRuns: scaled({ slice: 500, full: 10_000 }) },
  );
});
