/**
 * `signpost check FILE`: every mistake as `FILE:line:col`, those of the zone files it names too, exit 2; or one line
 * that says what the file holds, and warnings of what was read otherwise than written.
 */
import { type CheckedConfiguration, formatMistake } from '@signpost/config/check-configuration';
import { readConfigurationFile } from '@signpost/controller/config-store/read-configuration-file';

import { count } from '../draw/count.ts';
import { printLine, printProblem } from '../draw/print.ts';
import { fileProblem } from '../file-problem.ts';

export function check(file: string): void {
  const checked = readChecked(file);
  if (checked === undefined) return;
  for (const warning of checked.warnings) printProblem(`warning: ${formatMistake(warning)}`);
  const counts = COUNTED.map(([noun, singular]) =>
    count(Object.keys(checked.configuration[noun]).length, singular, noun),
  );
  printLine(`${file} is good: ${counts.join(', ')}`);
}

const COUNTED = [
  ['monitors', 'monitor'],
  ['targets', 'target'],
  ['pools', 'pool'],
  ['policies', 'policy'],
  ['zones', 'zone'],
] as const;

/** A good file. */
export type Checked = Extract<CheckedConfiguration, { ok: true }> & {
  /** Its text; as JSON, with their text in place of their paths, where it names zone files. */
  readonly selfContained: string;
};

/** Undefined after naming every mistake and setting exit code 2. */
export function readChecked(file: string): Checked | undefined {
  let mistakes: readonly string[];
  try {
    const { text, checked, stamps } = readConfigurationFile(file);
    const isAlone = stamps.size === 1;
    if (checked.ok) return { ...checked, selfContained: isAlone ? text : JSON.stringify(checked.input) };
    mistakes = checked.mistakes.map(formatMistake);
  } catch (error) {
    mistakes = [fileProblem(file, error)];
  }
  for (const mistake of mistakes) printProblem(mistake);
  process.exitCode = 2;
  return undefined;
}
