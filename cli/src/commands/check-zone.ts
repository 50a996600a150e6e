/**
 * `signpost check-zone ORIGIN FILE`: whether a zone file makes a zone that can be served. Every mistake as
 * `FILE:line:col`, exit 2; warnings say what was read otherwise than written, exit 0.
 */
import { readFileSync } from 'node:fs';

import { loadZone, placed } from '@signpost/dns/zone-file/load-zone';

import { printLine, printProblem } from '../draw/print.ts';

export function checkZone(origin: string, file: string): void {
  const { records, mistakes, warnings } = loadZone(origin, file, (path) => readFileSync(path, 'utf8'));
  for (const warning of warnings) printProblem(`warning: ${placed(warning)}`);
  for (const mistake of mistakes) printProblem(placed(mistake));
  if (mistakes.length > 0) process.exitCode = 2;
  else printLine(`${file} is a good zone ${origin}: ${records.length} records`);
}
