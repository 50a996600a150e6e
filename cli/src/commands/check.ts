/** `signpost check FILE`: every mistake as `FILE:line:col`, exit 2; or one line that says what the file holds. */
import { readFile } from 'node:fs/promises';

import { checkConfiguration, formatMistake } from '@signpost/config/check-configuration';
import type { Configuration } from '@signpost/contracts/configuration';

import { printLine, printProblem } from '../draw/print.ts';

export async function check(file: string): Promise<void> {
  const checked = await readConfigurationFile(file);
  if (checked === undefined) return;
  const counts = (['monitors', 'targets', 'pools', 'policies', 'zones'] as const).map(
    (noun) => `${Object.keys(checked.configuration[noun]).length} ${noun}`,
  );
  printLine(`${file} is good: ${counts.join(', ')}`);
}

/** The checked file with its text; undefined after naming every mistake and setting exit code 2. */
export async function readConfigurationFile(
  file: string,
): Promise<{ text: string; configuration: Configuration } | undefined> {
  let mistakes: readonly string[];
  try {
    const text = await readFile(file, 'utf8');
    const checked = checkConfiguration(text, file);
    if (checked.ok) return { text, configuration: checked.configuration };
    mistakes = checked.mistakes.map(formatMistake);
  } catch (error) {
    mistakes = [`${file}: ${(error as Error).message}`];
  }
  for (const mistake of mistakes) printProblem(mistake);
  process.exitCode = 2;
  return undefined;
}
