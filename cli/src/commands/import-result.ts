/**
 * How every `import` ends: the configuration on stdout or in a file, what is not in it or is there otherwise on stderr.
 * Exit 0; 2 without a configuration for mistakes of the source, and with `--strict` also where there is anything to say.
 */
import { readFileSync, writeFileSync } from 'node:fs';

import { formatMistake, type Mistake } from '@signpost/config/check-configuration';
import type { Imported } from '@signpost/config/import/finish-import';
import type { ImportFile } from '@signpost/config/import/import-source';
import { formatRemark } from '@signpost/config/import/remark';

import { printProblem } from '../draw/print.ts';
import { fileProblem } from '../file-problem.ts';

export interface ImportOptions {
  /** Absent: stdout. */
  readonly output?: string;
  readonly strict?: boolean;
}

export function finishImported(imported: Imported, options: ImportOptions): void {
  if (imported.ok) finishImportWith(imported.yaml, imported.remarks.map(formatRemark), options);
  else refuse(imported.mistakes);
}

/** `remarks` as they are to be printed. */
export function finishImportWith(
  yaml: string,
  remarks: readonly string[],
  { output, strict }: ImportOptions,
): void {
  for (const remark of remarks) printProblem(remark);
  if (strict === true && remarks.length > 0) {
    process.exitCode = 2;
    return;
  }
  if (output === undefined) process.stdout.write(yaml);
  else writeFileSync(output, yaml);
}

/** Undefined after saying which file cannot be read, with exit code 2. `-` is stdin. */
export function readImportFiles(names: readonly string[]): readonly ImportFile[] | undefined {
  const files = names.flatMap((name): ImportFile[] => {
    try {
      return [{ name, text: readImportFile(name) }];
    } catch (error) {
      printProblem(fileProblem(name, error));
      process.exitCode = 2;
      return [];
    }
  });
  return files.length === names.length ? files : undefined;
}

export function readImportFile(name: string): string {
  return readFileSync(name === '-' ? 0 : name, 'utf8');
}

function refuse(mistakes: readonly Mistake[]): void {
  for (const mistake of mistakes) printProblem(formatMistake(mistake));
  process.exitCode = 2;
}
