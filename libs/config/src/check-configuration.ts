/**
 * A configuration file to a checked configuration, or to every mistake in it, each with its place.
 * Pure: takes the text, never opens a file.
 *
 *   text ──read-yaml──> values ──check-shape──> nouns ──check-references──> configuration
 */
import {
  type Configuration,
  type ConfigurationInput,
  configurationSchema,
} from '@signpost/contracts/configuration';

import { checkParts } from './check-references.ts';
import { checkShape } from './check-shape.ts';
import { type Range, readYaml, type YamlSource } from './read-yaml.ts';

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

/** `file` is the name to print. All mistakes are found in one run, in the order of the file. */
export function checkConfiguration(text: string, file: string): CheckedConfiguration {
  const source = readYaml(text);
  const found = [...source.mistakes];
  if (source.value !== undefined) found.push(...findMistakes(source));
  if (found.length === 0) {
    const configuration = configurationSchema.parse(source.value);
    return { ok: true, configuration, input: source.value as ConfigurationInput };
  }
  const mistakes = found
    .toSorted((a, b) => a.range.start - b.range.start)
    .map(({ range, path, message }) => ({
      file,
      ...source.placeOf(range.start),
      path: formatPath(path),
      message,
    }));
  return { ok: false, mistakes: withoutRepetition(mistakes) };
}

/** `FILE:line:col path: message`. */
export function formatMistake(mistake: Mistake): string {
  const path = mistake.path === '' ? '' : `${mistake.path}: `;
  return `${mistake.file}:${mistake.line}:${mistake.column} ${path}${mistake.message}`;
}

interface Found {
  readonly range: Range;
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function findMistakes(source: YamlSource): Found[] {
  const { parts, mistakes } = checkShape(source.value);
  const shape = mistakes.map(({ path, message, at }) => {
    const range =
      at === 'value' ? source.rangeOf(path) : source.keyRangeOf(at === 'key' ? path : path.slice(0, -1));
    return { range, path, message };
  });
  const brokenAt = firstSyntaxError(source);
  // What a syntax error swallowed is not missing: only what ends before it can be judged, and no reference.
  if (brokenAt !== undefined) return shape.filter(({ range }) => range.end <= brokenAt);
  const references = checkParts(parts).map(({ path, message, atKey }) => ({
    range: atKey ? source.keyRangeOf(path) : source.rangeOf(path),
    path,
    message,
  }));
  return [...shape, ...references];
}

/** Syntax errors have no path; a duplicate key has one and leaves the rest as it is. */
function firstSyntaxError({ mistakes }: YamlSource): number | undefined {
  const starts = mistakes.filter(({ path }) => path.length === 0).map(({ range }) => range.start);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** An anchor's mistake shows once at each alias; the place is the same. */
function withoutRepetition(mistakes: readonly Mistake[]): Mistake[] {
  const seen = new Set<string>();
  return mistakes.filter(({ line, column, message }) => {
    const key = `${line}:${column} ${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** `pools.eu.members[0].weight`; keys that are no plain words in quotes. */
function formatPath(path: readonly (string | number)[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === '' ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}
