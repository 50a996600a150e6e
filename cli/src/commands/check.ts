/** `signpost check FILE`: every mistake as `FILE:line:col`, exit 2; or one line that says what the file holds. */
import { readFile } from 'node:fs/promises';

import { checkConfiguration, formatMistake } from '@signpost/config/check-configuration';

import { printLine, printProblem } from '../draw/print.ts';

export async function check(file: string): Promise<void> {
  const text = await readConfigurationFile(file);
  if (text === undefined) return;
  const result = checkConfiguration(text, file);
  if (!result.ok) {
    for (const mistake of result.mistakes) printProblem(formatMistake(mistake));
    process.exitCode = 2;
    return;
  }
  const counts = (['monitors', 'targets', 'pools', 'policies', 'zones'] as const).map(
    (noun) => `${Object.keys(result.configuration[noun]).length} ${noun}`,
  );
  printLine(`${file} is good: ${counts.join(', ')}`);
}

/** The text, or undefined after saying why not and setting exit code 2. */
export async function readConfigurationFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    printProblem(`${file}: ${(error as Error).message}`);
    process.exitCode = 2;
    return undefined;
  }
}
