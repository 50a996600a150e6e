/** Output of the commands: lines to stdout, problems to stderr; colour where a person looks (NO_COLOR is obeyed). */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printProblem(line: string): void {
  process.stderr.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  printLine(JSON.stringify(value, null, 2));
}

/** Colours text when stdout is a terminal. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}
