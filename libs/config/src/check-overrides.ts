/**
 * Maintenance windows and configured overrides: matches that hit something, and an end after the beginning.
 */
import type { ConfiguredOverride, MaintenanceConfiguration } from '@signpost/contracts/configuration';

import { matchProblem } from './match-targets.ts';
import type { Path, ReadableParts } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

export function checkOverrides(parts: ReadableParts): ReferenceMistake[] {
  return [
    ...parts.maintenance.flatMap(({ entry, path }) => [
      ...checkMatch(entry.match, path, parts),
      ...checkWindow(entry, path),
    ]),
    ...parts.overrides.flatMap(({ entry, path }) => [
      ...checkMatch(entry.match, path, parts),
      ...checkEnd(entry, path),
    ]),
  ];
}

/** What could not be read may be what is meant. */
function checkMatch(match: string, path: Path, { nouns, names }: ReadableParts): ReferenceMistake[] {
  for (const section of ['targets', 'pools'] as const) {
    const known = names[section];
    if (known === 'any' || known.some((name) => !Object.hasOwn(nouns[section], name))) return [];
  }
  const problem = matchProblem(match, nouns);
  return problem === undefined ? [] : [{ path: [...path, 'match'], message: problem }];
}

function checkWindow(window: MaintenanceConfiguration, path: Path): ReferenceMistake[] {
  const { from, until, for: lasting } = window;
  if ((until === undefined) === (lasting === undefined)) {
    const message =
      until === undefined ? 'it has no end; add until or for' : 'it has two ends; keep either until or for';
    return [{ path, message }];
  }
  if (lasting === 0) return [{ path: [...path, 'for'], message: 'it lasts no time; write one such as 2h' }];
  return checkEnd({ from, until: until ?? from + lasting! }, path);
}

function checkEnd(
  { from, until }: Pick<ConfiguredOverride, 'from' | 'until'>,
  path: Path,
): ReferenceMistake[] {
  if (from === undefined || from < until) return [];
  return [{ path: [...path, 'until'], message: 'it ends before it begins; write a time after from' }];
}
