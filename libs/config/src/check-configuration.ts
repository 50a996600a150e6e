/**
 * A configuration file to a checked configuration, or to every mistake in it, each with its place.
 * Opens no file: zone files that it names are read by what the caller brings, and stand written out in the result.
 *
 *   text ──read-yaml──> values ──check-shape──> nouns ──check-references──> configuration
 */
import { dirname } from 'node:path';

import {
  type Configuration,
  type ConfigurationInput,
  configurationSchema,
} from '@signpost/contracts/configuration';

import { danglingWarnings } from './check-dangling.ts';
import { loadWarnings } from './check-load.ts';
import { policyWarnings } from './check-policies.ts';
import { checkParts } from './check-references.ts';
import { checkShape } from './check-shape.ts';
import type { ShapeMistake } from './describe-issue.ts';
import { checkSizes, selfContained, zoneFileWarnings } from './inline-zone-files.ts';
import type { ReadableParts } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';
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

/** Finds mistakes of one kind. */
export type Check = (parts: ReadableParts) => readonly ReferenceMistake[];

export type CheckedConfiguration =
  | {
      readonly ok: true;
      readonly configuration: Configuration;
      /** As it was written, with the text of each zone file in place of its path: it needs no other file. */
      readonly input: ConfigurationInput;
      /** Of zone files, what was read otherwise than written; names that lead nowhere; what should be known of fences and load. */
      readonly warnings: readonly Mistake[];
    }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/**
 * `file` is the name to print, and what paths of zone files are relative to. `readText` gives a file's content, and
 * throws what says why it cannot; without it such paths are mistakes. All mistakes are found in one run, in the
 * order of the file. `further`: what only the caller can check.
 */
export function checkConfiguration(
  text: string,
  file: string,
  readText?: (path: string) => string,
  further: readonly Check[] = [],
): CheckedConfiguration {
  const source = readYaml(text);
  const files = readText && { directory: dirname(file), readText };
  const { parts, mistakes: shape } = checkShape(source.value, files);
  const found = [...source.mistakes];
  if (source.value !== undefined) found.push(...findMistakes(source, parts, shape, further));
  let input = source.value as ConfigurationInput;
  if (found.length === 0) {
    input = selfContained(input, parts.zones);
    found.push(...checkSizes(input, parts.zones).map((mistake) => placeIn(source, mistake)));
  }
  const told = (all: readonly Found[]): Mistake[] => tell(all, source, file);
  if (found.length > 0) return { ok: false, mistakes: told(found) };
  const configuration = configurationSchema.parse(input);
  const warnings = [
    ...zoneFileWarnings(parts.zones),
    ...danglingWarnings(parts),
    ...policyWarnings(parts),
    ...loadWarnings(parts),
  ].map((mistake) => placeIn(source, mistake));
  return { ok: true, configuration, input, warnings: told(warnings) };
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
  readonly place?: ReferenceMistake['place'];
}

function tell(found: readonly Found[], source: YamlSource, file: string): Mistake[] {
  const mistakes = found
    .toSorted((a, b) => a.range.start - b.range.start)
    .map(({ range, path, message, place }) =>
      place === undefined
        ? { file, ...source.placeOf(range.start), path: formatPath(path), message }
        : { ...place, path: '', message },
    );
  return withoutRepetition(mistakes);
}

function findMistakes(
  source: YamlSource,
  parts: ReadableParts,
  mistakes: readonly ShapeMistake[],
  further: readonly Check[],
): readonly Found[] {
  const shape = mistakes.map(({ path, message, at }) => {
    const range =
      at === 'value' ? source.rangeOf(path) : source.keyRangeOf(at === 'key' ? path : path.slice(0, -1));
    return { range, path, message };
  });
  const brokenAt = firstSyntaxError(source);
  // What a syntax error swallowed is not missing: only what ends before it can be judged, and no reference.
  if (brokenAt !== undefined) return shape.filter(({ range }) => range.end <= brokenAt);
  const wrong = [...checkParts(parts), ...further.flatMap((check) => check(parts))];
  return [...shape, ...wrong.map((mistake) => placeIn(source, mistake))];
}

function placeIn(source: YamlSource, { path, message, atKey, place }: ReferenceMistake): Found {
  const range = atKey ? source.keyRangeOf(path) : source.rangeOf(path);
  return { range, path, message, ...(place && { place }) };
}

/** Syntax errors have no path; a duplicate key has one and leaves the rest as it is. */
function firstSyntaxError({ mistakes }: YamlSource): number | undefined {
  const starts = mistakes.filter(({ path }) => path.length === 0).map(({ range }) => range.start);
  return starts.length === 0 ? undefined : Math.min(...starts);
}

/** An anchor's mistake shows once at each alias; the place is the same. */
function withoutRepetition(mistakes: readonly Mistake[]): Mistake[] {
  const seen = new Set<string>();
  return mistakes.filter(({ file, line, column, message }) => {
    const key = `${file}:${line}:${column} ${message}`;
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
