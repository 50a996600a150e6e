import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Generation } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';
import type { RecordSet } from '@signpost/contracts/record-set';
import * as fc from 'fast-check';

import { facts, group, steeredSet } from '../testing/sample-zone.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { RetiredTargets } from './retired-targets.ts';

const APEX = 'example.net';

function setOf(targets: readonly string[]): RecordSet {
  const answers = targets.map((target) => ({ rdata: '192.0.2.1', target, weight: 1 }));
  return steeredSet([group('A', [], { answers })]);
}

function publication(owner: string, targets: readonly string[] | null): Publication {
  const after = targets === null ? null : setOf(targets);
  return {
    base: 1 as Generation,
    generation: 2 as Generation,
    atMs: 0,
    why: [],
    changes: [{ zone: APEX, owner: `${owner}.${APEX}`, type: 'A', before: null, after }],
    zones: {},
  };
}

async function loaded(sets: Readonly<Record<string, readonly string[]>>) {
  const retired = new RetiredTargets();
  const sink = retired.watching(new MemorySink());
  const load = async (content: Readonly<Record<string, readonly string[]>>) => {
    await sink.begin();
    const recordSets = Object.entries(content).map(
      ([owner, targets]) => [`${owner}.${APEX}|A`, setOf(targets)] as const,
    );
    await sink.addPortion({ apex: APEX, facts: facts(APEX), recordSets });
    await sink.keepZones([]);
    await sink.swap(1 as Generation);
  };
  await load(sets);
  return {
    sink,
    load,
    names: () => [...retired.retired.keys()],
    leavings: () => [...retired.retired.values()],
  };
}

test('a target leaves with the last set that holds it, and comes back', async () => {
  const { sink, names, leavings } = await loaded({ go: ['a', 'b'], dr: ['a'] });
  await sink.apply([publication('go', ['b'])]);
  assert.deepEqual(names(), []);
  await sink.apply([publication('dr', null)]);
  assert.deepEqual(names(), ['a']);
  const first = leavings()[0]!;
  await sink.apply([publication('dr', ['a'])]);
  assert.deepEqual(names(), []);
  await sink.apply([publication('dr', ['b'])]);
  assert.ok(leavings()[0]! > first, 'another leaving');
});

test('what a whole read brings counts only once it is in use, and a zone that goes takes its targets', async () => {
  const { sink, load, names } = await loaded({ go: ['a', 'b'] });
  await load({ go: ['b', 'c'] });
  assert.deepEqual(names(), ['a']);
  await sink.begin();
  await sink.keepZones([APEX]);
  await sink.catchUp(publication('dr', ['a']));
  assert.deepEqual(names(), ['a'], 'not swapped in yet');
  await sink.swap(3 as Generation);
  assert.deepEqual(names(), []);
  await sink.apply([{ ...publication('dr', null), changes: [], zones: { [APEX]: null } }]);
  assert.deepEqual(names().toSorted(), ['a', 'b', 'c']);
});

test('whatever is published: retired is what was there once and is in no set now', async () => {
  const targets = fc.subarray(['a', 'b', 'c', 'd']);
  const change = fc.tuple(fc.constantFrom('go', 'dr', 'x'), fc.option(targets));
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 20 }), async (changes) => {
      const { sink, names } = await loaded({ go: ['a'] });
      const present = new Map<string, readonly string[]>([['go', ['a']]]);
      const ever = new Set(['a']);
      for (const [owner, list] of changes) {
        await sink.apply([publication(owner, list)]);
        present.set(owner, list ?? []);
        for (const target of list ?? []) ever.add(target);
      }
      const now = new Set([...present.values()].flat());
      assert.deepEqual(names().toSorted(), [...ever].filter((target) => !now.has(target)).toSorted());
    }),
  );
});
