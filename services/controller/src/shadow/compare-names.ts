/** Which record sets two compilations have otherwise, and which of them would leave somebody without an answer. Pure. */
import { isDeepStrictEqual } from 'node:util';

import type { Comparison } from '@signpost/contracts/candidate';
import { parseRecordSetField } from '@signpost/contracts/keys';
import type { RecordSet } from '@signpost/contracts/record-set';

import type { CompiledZones } from '../compile/compile-zone.ts';

const MOST_NAMES = 1_000;

type NameChange = Comparison['names'][number];

export function compareNames(
  now: CompiledZones,
  then: CompiledZones,
): Pick<Comparison, 'names' | 'namesCut'> {
  const names: NameChange[] = [];
  for (const zone of [...new Set([...now.keys(), ...then.keys()])].toSorted()) {
    const before = now.get(zone)?.recordSets ?? NONE;
    const after = then.get(zone)?.recordSets ?? NONE;
    for (const field of [...new Set([...before.keys(), ...after.keys()])].toSorted()) {
      const change = changeOf(before.get(field), after.get(field));
      if (change !== undefined) names.push({ zone, ...parseRecordSetField(field), change });
    }
  }
  const worstFirst = names.toSorted((a, b) => ORDER.indexOf(a.change) - ORDER.indexOf(b.change));
  return { names: worstFirst.slice(0, MOST_NAMES), namesCut: Math.max(0, names.length - MOST_NAMES) };
}

const NONE: ReadonlyMap<string, RecordSet> = new Map();
const ORDER: readonly NameChange['change'][] = ['removed', 'empties', 'added', 'changed'];

function changeOf(
  before: RecordSet | undefined,
  after: RecordSet | undefined,
): NameChange['change'] | undefined {
  if (after === undefined) return before === undefined ? undefined : 'removed';
  if (before === undefined) return 'added';
  if (isDeepStrictEqual(before, after)) return undefined;
  return hasEmptyGroup(after) && !hasEmptyGroup(before) ? 'empties' : 'changed';
}

function hasEmptyGroup(set: RecordSet): boolean {
  return set.kind === 'steered' && set.groups.some(({ answers }) => answers.length === 0);
}
