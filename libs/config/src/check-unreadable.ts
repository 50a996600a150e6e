/**
 * Nouns and records whose shape is wrong: the names and conditions in them are checked all the same, so that a mistake
 * of form does not put off those of sense to the next run. What depends on more than one value is left until the shape is
 * right, for a default in place of what could not be read would make false mistakes.
 */
import { nameSchema } from '@signpost/contracts/names';
import { whenSchema } from '@signpost/contracts/policy-configuration';

import { checkConditions } from './check-conditions.ts';
import type { Path, ReadableParts, Section } from './readable-parts.ts';
import { missingNoun, type ReferenceMistake } from './reference-mistake.ts';

export function checkUnreadable(parts: ReadableParts): ReferenceMistake[] {
  return parts.unreadable.flatMap(({ path, written }) => {
    const section = String(path[0]);
    const names = Object.hasOwn(NAMES, section) ? NAMES[section]! : [];
    return [
      ...names.flatMap(([where, kind]) =>
        valuesAt(written, where.split('.')).flatMap((found) => checkName(found, kind, path, parts)),
      ),
      ...(section === 'policies' ? checkWhens(written, path, parts) : []),
    ];
  });
}

/**
 * Where names stand in a noun of a section, and which nouns they are of: `*` is each item of a list, `#` each key of an
 * object. Zones are here with each of their records.
 */
const NAMES: Readonly<Record<string, readonly (readonly [where: string, kind: Section])[]>> = {
  monitors: [
    ['vantages.use.*', 'vantages'],
    ['all.*', 'monitors'],
    ['any.*', 'monitors'],
    ['at_least.of.*', 'monitors'],
  ],
  pools: [
    ['monitor', 'monitors'],
    ['members.*.target', 'targets'],
  ],
  policies: [
    ['rules.*.try.*', 'pools'],
    ['rules.*.try.*.policy', 'policies'],
    ['rules.*.try.*.weighted.#', 'pools'],
    ['rules.*.try.*.nearest.*', 'pools'],
    ['rules.*.try.*.fastest.*', 'pools'],
    ['fallback', 'pools'],
  ],
  zones: [['steer', 'policies']],
};

interface FoundValue {
  readonly value: unknown;
  readonly path: Path;
  readonly isKey?: true;
}

function valuesAt(value: unknown, steps: readonly string[], path: Path = []): FoundValue[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [{ value, path }];
  if (step === '*') {
    if (!Array.isArray(value)) return [];
    return value.flatMap((item: unknown, index) => valuesAt(item, rest, [...path, index]));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  if (step === '#')
    return Object.keys(value).map((key) => ({ value: key, path: [...path, key], isKey: true }));
  if (!Object.hasOwn(value, step)) return [];
  return valuesAt((value as Record<string, unknown>)[step], rest, [...path, step]);
}

/** What is no name is told with the shape. */
function checkName(
  { value, path, isKey }: FoundValue,
  kind: Section,
  noun: Path,
  parts: ReadableParts,
): ReferenceMistake[] {
  const { data: name } = nameSchema.safeParse(value);
  if (name === undefined) return [];
  const mistakes = missingNoun(parts, kind, name, [...noun, ...path]);
  return isKey === true ? mistakes.map((mistake) => ({ ...mistake, atKey: true as const })) : mistakes;
}

function checkWhens(policy: unknown, noun: Path, parts: ReadableParts): ReferenceMistake[] {
  return valuesAt(policy, ['rules', '*', 'when']).flatMap(({ value, path }) => {
    const { data: when } = whenSchema.safeParse(value);
    return checkConditions(when, [...noun, ...path], parts);
  });
}
