/**
 * A configuration file to a checked configuration, or to every mistake in it, each with its place.
 * Pure: takes the text, never opens a file.
 */
import type { Configuration, ConfigurationInput } from '@signpost/contracts/configuration';

export interface Mistake {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `pools.eu.members[0].weight`; empty for the file as a whole. */
  readonly path: string;
  /** What is wrong and the remedy. */
  readonly message: string;
}

export type CheckedConfiguration =
  | { readonly ok: true; readonly configuration: Configuration; readonly input: ConfigurationInput }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

export function checkConfiguration(_text: string, _file: string): CheckedConfiguration {
  throw new Error('not written yet');
}

/** `FILE:line:col path: message`. */
export function formatMistake(mistake: Mistake): string {
  const path = mistake.path === '' ? '' : `${mistake.path}: `;
  return `${mistake.file}:${mistake.line}:${mistake.column} ${path}${mistake.message}`;
}
