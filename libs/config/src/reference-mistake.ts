/**
 * A mistake that needs more than one noun to see, and the commonest of them: a name that nothing has.
 * Must not know which noun may refer to which.
 */
import type { Path, ReadableParts, Section } from './readable-parts.ts';
import { suggest } from './suggest.ts';

export interface ReferenceMistake {
  readonly path: Path;
  /** What is wrong and the remedy. */
  readonly message: string;
  /** Point at the key that `path` ends in, not at its value. */
  readonly atKey?: true;
  /** Where it stands, when that is not the configuration but a file that it names; from 1. */
  readonly place?: { readonly file: string; readonly line: number; readonly column: number };
}

const SINGULAR: Readonly<Record<Section, string>> = {
  vantages: 'vantage',
  monitors: 'monitor',
  targets: 'target',
  pools: 'pool',
  policies: 'policy',
};

/** A mistake unless the section has a noun of that name, readable or not. */
export function missingNoun(
  { nouns, names }: ReadableParts,
  section: Section,
  name: string,
  path: Path,
): ReferenceMistake[] {
  const known = names[section];
  if (known === 'any' || Object.hasOwn(nouns[section], name) || known.includes(name)) return [];
  return [{ path, message: `there is no ${SINGULAR[section]} "${name}"; ${suggest(name, known, section)}` }];
}
