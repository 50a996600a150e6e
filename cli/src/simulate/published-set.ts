/**
 * A published record set as a population asks it: by the authority's own selection, with the targets behind each
 * answer and how long it may be kept. Pure.
 */
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import { seedOf } from '@signpost/policy/chance';
import { prepareSteering, type Steering } from '@signpost/policy/select-answer';

import { NO_TARGETS } from './traffic.ts';

/** A resolver asks again so soon after SERVFAIL: RFC 9520 section 3.2 has it wait, and this is what Unbound does. */
const SERVFAIL_CACHED_MS = 5_000;

export interface PublishedSet {
  readonly set: SteeredRecordSet;
  readonly steering: Steering;
  readonly seed: number;
  /** By group, by answer: the number of its target. */
  readonly targets: readonly (readonly (readonly number[])[])[];
  /** By group: how long an answer, or that there is none, is kept. */
  readonly keptMs: readonly number[];
}

/** `negativeTtl` in seconds, of the zone's SOA (RFC 2308 section 5). */
export function publishedSet(
  set: SteeredRecordSet,
  owner: string,
  negativeTtl: number,
  numberOf: ReadonlyMap<string, number>,
): PublishedSet {
  return {
    set,
    steering: prepareSteering(set),
    seed: seedOf(set, owner),
    targets: set.groups.map(({ answers }) => answers.map(({ target }) => [numberOf.get(target)!])),
    keptMs: set.groups.map(({ answers, standing }) => {
      if (standing === 'servfail') return SERVFAIL_CACHED_MS;
      return (answers.length === 0 ? negativeTtl : set.ttl) * 1_000;
    }),
  };
}

/** The targets of `count` answers of a group; of a single one without making anything. */
export function targetsOf(
  { targets }: PublishedSet,
  group: number,
  answers: Int32Array,
  count: number,
): readonly number[] {
  if (count === 0) return NO_TARGETS;
  const ofGroup = targets[group]!;
  if (count === 1) return ofGroup[answers[0]!]!;
  return [...new Set(Array.from({ length: count }, (_, i) => ofGroup[answers[i]!]![0]!))];
}
