/**
 * The one verdict on a zone file, with all that it includes: its records, or what keeps it from being served. The
 * command `check-zone` and the servers of zone files say the same because both ask here. No I/O of its own: whoever
 * calls reads the files.
 */
import { dirname, resolve } from 'node:path';

import { NameError } from '../errors.ts';
import { parseName } from '../name-text.ts';
import { checkZone } from './check-zone.ts';
import { parseZoneFile } from './parse-zone-file.ts';
import type { ZoneMistake, ZoneRecord, ZoneWarning } from './zone-record.ts';

export interface LoadedZone {
  /** In the order of the file. To be served only when there are no mistakes. */
  readonly records: readonly ZoneRecord[];
  readonly mistakes: readonly ZoneMistake[];
  readonly warnings: readonly ZoneWarning[];
}

/**
 * `readText` gives a file's content, and throws what says why it cannot. Never throws. `findsDangling`: as of `checkZone`.
 */
export function loadZone(
  origin: string,
  file: string,
  readText: (path: string) => string,
  findsDangling = true,
): LoadedZone {
  const problem = originProblem(origin);
  if (problem !== undefined) return refused(origin, problem);
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    return refused(file, error instanceof Error ? error.message : String(error));
  }
  const parsed = parseZoneFile(text, {
    origin,
    file,
    include: (path, from) => include(path, from, readText),
  });
  const judged = checkZone(parsed.records, origin, findsDangling);
  return {
    records: judged.records,
    // A record that could not be read may be the one that is said to be missing, so its mistake comes first.
    mistakes: [...parsed.mistakes, ...judged.mistakes],
    warnings: [...parsed.warnings, ...judged.warnings],
  };
}

/** `FILE:line:col what`, without a place where it is about the zone as a whole. */
export function placed({ file, line, column, message }: ZoneMistake): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}:${column} ${message}`;
}

/** `$INCLUDE` is relative to the file that it stands in. */
function include(
  path: string,
  from: string,
  readText: (path: string) => string,
): { text: string; file: string } | undefined {
  const file = resolve(dirname(from), path);
  try {
    return { text: readText(file), file };
  } catch {
    return undefined;
  }
}

function originProblem(origin: string): string | undefined {
  try {
    parseName(origin);
    return undefined;
  } catch (error) {
    if (error instanceof NameError) return error.message;
    throw error;
  }
}

function refused(file: string, message: string): LoadedZone {
  return { records: [], mistakes: [{ file, line: 0, column: 1, message }], warnings: [] };
}
