import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import type { StoredRecords } from '@signpost/contracts/record-store';

import { NOTHING_PUBLISHED, notePublished, type PublishedTargets } from './published-targets.ts';

/** Record sets by owner: TTL and targets. */
function records(
  generation: number,
  sets: Record<string, [ttl: number, ...targets: string[]]>,
): StoredRecords {
  const recordSets = Object.entries(sets).map(([owner, [ttl, ...targets]]) => [
    `${owner}|A`,
    {
      kind: 'steered' as const,
      ttl,
      policy: 'p',
      rules: [{ branch: 0 }],
      branches: [{ group: 0 }],
      groups: [
        {
          pool: 'eu',
          type: 'A' as const,
          pick: 'weighted' as const,
          select: 1,
          standing: 'healthy' as const,
          answers: targets.map((target) => ({ rdata: '192.0.2.1', target, weight: 1 })),
        },
      ],
    },
  ]);
  const zone = { facts: undefined, recordSets: new Map(recordSets as never) };
  return { generation: generation as Generation, zones: new Map([['example.net', zone as never]]) };
}

const fold = (...steps: [StoredRecords, number][]): PublishedTargets =>
  steps.reduce((known, [next, atMs]) => notePublished(known, next, atMs), NOTHING_PUBLISHED);

test('a target is known with each TTL it was published with, and until when', () => {
  const both = records(1, { go: [30, 'a', 'b'], dr: [60, 'a'] });
  const short = records(2, { go: [10, 'a', 'b'], dr: [60, 'a'] });
  const without = records(3, { go: [10, 'b'], dr: [60, 'b'] });
  const known = fold([both, 1_000], [short, 5_000], [without, 9_000]);
  assert.deepEqual(known.targets.get('a'), {
    isPresent: false,
    ttls: new Map([
      [30, 5_000],
      [60, 9_000],
      [10, 9_000],
    ]),
    goneSince: 3,
  });
  assert.equal(known.targets.get('b')!.isPresent, true);
  assert.equal(known.targets.get('b')!.goneSince, undefined);
  assert.equal(notePublished(known, without, 99_000), known, 'the same records say nothing new');
});

test('a target that comes back is present again; what no cache holds any more is forgotten', () => {
  const on = records(1, { go: [30, 'a'] });
  const off = records(2, { go: [30, 'b'] });
  assert.equal(
    fold([on, 0], [off, 1], [records(3, { go: [30, 'a'] }), 2]).targets.get('a')!.goneSince,
    undefined,
  );
  const later = fold([on, 0], [off, 1], [records(3, { go: [30, 'b'] }), 24 * 3_600_000]);
  assert.deepEqual([...later.targets.keys()], ['b']);
});
