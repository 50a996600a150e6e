/**
 * `signpost check-zone ORIGIN FILE`: whether a zone file makes a zone that can be served. Every mistake as
 * `FILE:line:col`, exit 2; warnings say what was read otherwise than written, exit 0.
 */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { NameError } from '@signpost/dns/errors';
import { parseName } from '@signpost/dns/name-text';
import { checkZone as judgeZone } from '@signpost/dns/zone-file/check-zone';
import { parseZoneFile } from '@signpost/dns/zone-file/parse-zone-file';
import type { ZoneMistake } from '@signpost/dns/zone-file/zone-record';

import { printLine, printProblem } from '../draw/print.ts';

export function checkZone(origin: string, file: string): void {
  const problem = originProblem(origin);
  if (problem !== undefined) return refuse(`${origin}: ${problem}`);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    return refuse(`${file}: ${(error as Error).message}`);
  }
  const parsed = parseZoneFile(text, { origin, file, include: readIncluded });
  const judged = judgeZone(parsed.records, origin);
  for (const warning of [...parsed.warnings, ...judged.warnings]) printProblem(`warning: ${placed(warning)}`);
  // A record that could not be read may be the one that is said to be missing, so its mistake comes first.
  const mistakes = [...parsed.mistakes, ...judged.mistakes];
  for (const mistake of mistakes) printProblem(placed(mistake));
  if (mistakes.length > 0) process.exitCode = 2;
  else printLine(`${file} is a good zone ${origin}: ${judged.records.length} records`);
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

/** `$INCLUDE` is relative to the file that it stands in. */
function readIncluded(path: string, from: string): { text: string; file: string } | undefined {
  const file = resolve(dirname(from), path);
  try {
    return { text: readFileSync(file, 'utf8'), file };
  } catch {
    return undefined;
  }
}

function placed({ file, line, column, message }: ZoneMistake): string {
  return line === 0 ? `${file}: ${message}` : `${file}:${line}:${column} ${message}`;
}

function refuse(problem: string): void {
  printProblem(problem);
  process.exitCode = 2;
}
