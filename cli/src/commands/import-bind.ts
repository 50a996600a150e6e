/**
 * `signpost import bind FILE --origin ORIGIN`: a zone file as a configuration. Mistakes of the file are told as
 * `check-zone` tells them.
 */
import { importZone } from '@signpost/config/import-zone';
import { loadZone, placed } from '@signpost/dns/zone-file/load-zone';

import { printProblem } from '../draw/print.ts';
import { finishImportWith, type ImportOptions, readImportFile } from './import-result.ts';

export function importBind(
  file: string,
  { origin, ...options }: ImportOptions & { readonly origin: string },
): void {
  const { records, mistakes, warnings } = loadZone(origin, file, readImportFile);
  for (const warning of warnings) printProblem(`warning: ${placed(warning)}`);
  for (const mistake of mistakes) printProblem(placed(mistake));
  if (mistakes.length > 0) {
    process.exitCode = 2;
    return;
  }
  const { yaml, lost } = importZone(records, origin);
  const remarks = lost.map((line) => `not imported: ${line}`);
  finishImportWith(yaml, remarks, options);
}
