/**
 * What to write in place of a value of the wrong type, as far as it can be told from the value and from what the schema
 * says of the place. Must not know the name of any key.
 */
import { parseDuration } from '@signpost/contracts/duration';

import type { JsonSchema } from './json-schema.ts';

/** `expected`: types as zod calls them. `schemas`: what may stand there. Undefined: nothing can be told. */
export function typeRemedy(
  expected: readonly string[],
  actual: unknown,
  schemas: readonly JsonSchema[],
): string | undefined {
  const wants = (...types: string[]): boolean => types.some((type) => expected.includes(type));
  if (actual === null) return 'write something behind the key, or remove it';
  if (typeof actual === 'string' && wants('number', 'int')) return numberRemedy(actual, schemas);
  if (typeof actual !== 'number' && typeof actual !== 'boolean' && typeof actual !== 'string')
    return undefined;
  if (typeof actual !== 'string' && wants('string')) return textRemedy(actual, schemas);
  return wants('array') ? `write it as a list: [${actual}]` : undefined;
}

/** A duration and a share are texts: what lacks its unit does not become one by quotes. */
function textRemedy(actual: number | boolean, schemas: readonly JsonSchema[]): string {
  const patterns = schemas.flatMap(({ pattern }) => (pattern === undefined ? [] : [new RegExp(pattern)]));
  const fits = (text: string): boolean => patterns.some((pattern) => pattern.test(text));
  if (patterns.length === 0 || fits(String(actual))) return 'write it in quotes';
  const written = withUnits(actual).filter(fits);
  return written.length === 0 ? 'write it in quotes' : `write a unit, such as ${written.join(' or ')}`;
}

/** The two kinds of text that begin with a number. A share of at most 1 is one that was not written in percent. */
function withUnits(actual: number | boolean): string[] {
  const percent = typeof actual === 'number' && actual <= 1 ? Number((actual * 100).toPrecision(12)) : actual;
  return [`${actual}s`, `${percent}%`];
}

function numberRemedy(actual: string, schemas: readonly JsonSchema[]): string | undefined {
  if (actual.trim() !== '' && Number.isFinite(Number(actual))) return 'write it without quotes';
  const ms = parseDuration(actual);
  if (ms !== undefined && schemas.some(({ description }) => description?.startsWith('Seconds'))) {
    return `write ${Math.ceil(ms / 1_000)}, which is seconds, without a unit`;
  }
  const number = /^-?\d+(?:\.\d+)?(?=\s*(?:%|[a-z]+)$)/i.exec(actual)?.[0];
  return number === undefined ? undefined : `write ${Number(number)}, without a unit`;
}
