/**
 * What zod found wrong, in words with a remedy, for the author of a configuration.
 * Must not decide what is wrong; a schema of libs/contracts did.
 */
import type * as z from 'zod';

import { type JsonSchema, knownKeys, schemasAt } from './json-schema.ts';
import { closest } from './suggest.ts';
import { typeRemedy } from './type-remedy.ts';

type Issue = z.core.$ZodIssue;

export interface ShapeMistake {
  readonly path: (string | number)[];
  readonly message: string;
  /** Where to point: the value, its key, or the thing that lacks it. */
  readonly at: 'value' | 'key' | 'parent';
}

/** `value` is what the schema was given, `schema` the JSON Schema of the same thing. */
export function describeIssue(issue: Issue, value: unknown, schema: JsonSchema): ShapeMistake[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  const actual = at(value, path);
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, value, path);
    return issue.keys.map((key) => ({ path: [...path, key], message: unknownKey(key, known), at: 'key' }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return describeUnion(issue.errors, path, value, schema);
  }
  if (issue.code === 'invalid_key') {
    return [{ path, message: issue.issues[0]?.message ?? 'this key is not allowed', at: 'key' }];
  }
  if (actual === undefined) {
    return [{ path, message: `missing; ${missingRemedy(issue)}`, at: 'parent' }];
  }
  const message = describeValue(issue, actual, schemasAt(schema, value, path));
  return [{ path, message, at: 'value' }];
}

/** The mistakes of the alternative that the author most likely meant: the one that fits best. */
function describeUnion(
  alternatives: readonly (readonly Issue[])[],
  path: (string | number)[],
  value: unknown,
  schema: JsonSchema,
): ShapeMistake[] {
  const ofRightType = alternatives.filter(
    (issues) => !issues.some((issue) => issue.code === 'invalid_type' && issue.path.length === 0),
  );
  if (ofRightType.length === 0) {
    const expected = alternatives.flatMap((issues) =>
      issues.flatMap((issue) => (issue.code === 'invalid_type' ? [issue.expected] : [])),
    );
    return [
      { path, message: describeType(expected, at(value, path), schemasAt(schema, value, path)), at: 'value' },
    ];
  }
  const best = ofRightType.toSorted((a, b) => weightOf(a) - weightOf(b))[0]!;
  return best.flatMap((issue) => describeIssue({ ...issue, path: [...path, ...issue.path] }, value, schema));
}

function weightOf(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
}

function unknownKey(key: string, known: readonly string[]): string {
  const close = closest(key, known);
  if (close !== undefined) return `unknown key "${key}"; did you mean "${close}"?`;
  return known.length === 0
    ? `unknown key "${key}"; remove it`
    : `unknown key "${key}"; remove it, known here: ${known.join(', ')}`;
}

function missingRemedy(issue: Issue): string {
  const key = String(issue.path.at(-1) ?? '');
  switch (issue.code) {
    case 'invalid_type':
      return `add ${key}, ${TYPE_NAMES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `add ${key}: ${choices(issue.values)}`;
    case 'invalid_union':
      return `add ${key}: ${choices(optionsOf(issue))}`;
    default:
      return `add ${key}`;
  }
}

function describeValue(issue: Issue, actual: unknown, schemas: readonly JsonSchema[]): string {
  switch (issue.code) {
    case 'invalid_type':
      return describeType([issue.expected], actual, schemas);
    case 'invalid_value':
      return describeChoice(issue.values, actual);
    case 'invalid_union':
      return describeChoice(optionsOf(issue), actual);
    case 'too_big':
      return `${shown(actual)} is too ${sizeWord(issue.origin, 'large')}; at most ${issue.maximum}${unitOf(issue.origin)}`;
    case 'too_small':
      return `${shown(actual)} is too ${sizeWord(issue.origin, 'small')}; at least ${issue.minimum}${unitOf(issue.origin)}`;
    case 'invalid_format':
      return describeFormat(issue, actual);
    default:
      return issue.message;
  }
}

function describeType(expected: readonly string[], actual: unknown, schemas: readonly JsonSchema[]): string {
  const wanted = [...new Set(expected.map((type) => TYPE_NAMES[type] ?? type))].join(' or ');
  const remedy = typeRemedy(expected, actual, schemas);
  return `expected ${wanted}, got ${shown(actual)}${remedy === undefined ? '' : `; ${remedy}`}`;
}

function describeChoice(values: readonly unknown[], actual: unknown): string {
  const close = closest(String(actual), values.map(String));
  const hint = close === undefined ? '' : `; did you mean "${close}"?`;
  return `${shown(actual)} is not allowed here; write ${choices(values)}${hint}`;
}

function describeFormat(issue: Extract<Issue, { code: 'invalid_format' }>, actual: unknown): string {
  switch (issue.format) {
    case 'ipv4':
      return `${shown(actual)} is no IPv4 address; write one such as 192.0.2.1`;
    case 'ipv6':
      return `${shown(actual)} is no IPv6 address; write one such as 2001:db8::1`;
    case 'starts_with':
      return `${shown(actual)} must start with "/"`;
    default:
      return issue.message.startsWith('Invalid')
        ? `${shown(actual)} does not match ${issue.pattern ?? issue.format}; correct it`
        : `${shown(actual)} is not right: ${issue.message}`;
  }
}

/** Values of the key that tells the alternatives apart, such as `type`. */
function optionsOf(issue: Extract<Issue, { code: 'invalid_union' }>): readonly unknown[] {
  return 'options' in issue ? (issue.options ?? []) : [];
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  tuple: 'a list',
};

function sizeWord(origin: string, size: 'large' | 'small'): string {
  if (origin === 'string') return size === 'large' ? 'long' : 'short';
  return size;
}

function unitOf(origin: string): string {
  if (origin === 'string') return ' characters';
  return origin === 'array' ? ' entries' : '';
}

function choices(values: readonly unknown[]): string {
  return values.map((value) => JSON.stringify(value)).join(' or ');
}

/** A value as a message names it: short, and never a whole noun. */
function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}
