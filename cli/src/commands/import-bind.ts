/**
 * `signpost import bind FILE --origin ORIGIN`: a zone file as `zones:` of a configuration, on stdout. What is not in it
 * is listed on stderr; mistakes of the file as `check-zone` tells them, exit 2.
 */
import { readFileSync } from 'node:fs';

import { importZone } from '@signpost/config/import-zone';
import { loadZone, placed } from '@signpost/dns/zone-file/load-zone';

import { printLine, printProblem } from '../draw/print.ts';

export function importBind(file: string, { origin }: { readonly origin: string }): void {
  const { records, mistakes, warnings } = loadZone(origin, file, (path) => readFileSync(path, 'utf8'));
  for (const warning of warnings) printProblem(`warning: ${placed(warning)}`);
  for (const mistake of mistakes) printProblem(placed(mistake));
  if (mistakes.length > 0) {
    process.exitCode = 2;
    return;
  }
  const { yaml, lost } = importZone(records, origin);
  for (const line of lost) printProblem(`not imported: ${line}`);
  printLine(yaml.trimEnd());
}
