/** What is otherwise in a record set than before, in a few words. Pure. */
import type { RecordSet, SteeredRecordSet } from '@signpost/contracts/record-set';

import { paint } from './print.ts';

/** What a reader wants to know first: which targets left, which came back; else which finer thing changed. */
export function drawDifference(before: RecordSet | null, after: RecordSet | null): string {
  if (before === null) return 'new';
  if (after === null) return 'removed';
  const old = targetsOf(before);
  const present = targetsOf(after);
  const gone = [...old].filter((target) => !present.has(target));
  const come = [...present].filter((target) => !old.has(target));
  const parts = [
    ...(gone.length > 0 ? [paint('red', `-${gone.join(' -')}`)] : []),
    ...(come.length > 0 ? [paint('green', `+${come.join(' +')}`)] : []),
  ];
  if (parts.length > 0) return parts.join(' ');
  const finer = [
    ...(before.ttl === after.ttl ? [] : [`ttl ${before.ttl} -> ${after.ttl}`]),
    ...(before.kind === 'steered' && after.kind === 'steered' ? finerParts(before, after) : []),
  ];
  return finer.length === 0 ? 'changed' : finer.join(' and ');
}

function targetsOf(set: RecordSet): Set<string> {
  if (set.kind === 'static') return new Set(set.rdata);
  return new Set(set.groups.flatMap((group) => group.answers.map((answer) => answer.target)));
}

/** Each thing that a set with the same targets may have otherwise, and what to call it. */
const FINER: readonly (readonly [string, (set: SteeredRecordSet) => unknown])[] = [
  ['policy', ({ policy }) => policy],
  ['standing', ({ groups }) => groups.map(({ pool, standing }) => [pool, standing])],
  [
    'weights',
    ({ groups }) =>
      groups.map(({ answers }) => answers.map(({ target, weight, keep }) => [target, weight, keep])),
  ],
  ['addresses', ({ groups }) => groups.map(({ answers }) => answers.map(({ rdata }) => rdata))],
  ['rules', ({ rules, views }) => [rules, views]],
  ['order of pools', ({ branches }) => branches],
];

function finerParts(before: SteeredRecordSet, after: SteeredRecordSet): string[] {
  const differs = (part: (set: SteeredRecordSet) => unknown): boolean =>
    JSON.stringify(part(before)) !== JSON.stringify(part(after));
  const parts = FINER.filter(([, part]) => differs(part)).map(([word]) => word);
  const standings = new Set(after.groups.map(({ standing }) => standing));
  return parts.map((word) => (word === 'standing' ? `now ${[...standings].join(', ')}` : word));
}
