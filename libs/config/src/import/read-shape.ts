/**
 * Values of a source by a schema that lets unknown keys pass: mistakes of form end the import, keys that nobody knows
 * are remarked. Must not know any format.
 */
import * as z from 'zod';

import type { Mistake } from '../check-configuration.ts';
import type { Path } from '../read-yaml.ts';
import { type ImportSource, mistakeAt } from './import-source.ts';
import { type Remarks, shortly } from './remark.ts';

export interface ShapeReader {
  readonly source: ImportSource;
  readonly mistakes: Mistake[];
  readonly remarks: Remarks;
}

/** Undefined after collecting what is wrong. `path` leads to `value`, which is said of `subject`. */
export function readShape<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  path: Path,
  subject: string,
  { source, mistakes, remarks }: ShapeReader,
): z.output<Schema> | undefined {
  const read = schema.safeParse(value);
  if (!read.success) {
    for (const issue of read.error.issues) {
      const at = [...path, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
      mistakes.push(mistakeAt(source.placeOf(at, subject), `${pathText(issue.path)}${issue.message}`));
    }
    return undefined;
  }
  for (const unknown of unknownKeys(schema, value)) {
    const said = valueAt(value, unknown);
    const message = `nothing is known of ${pathText(unknown)}${shortly(said)}`;
    remarks.lost(source.placeOf([...path, ...unknown], subject), message, said);
  }
  return read.data;
}

/** Paths of keys that a schema of loose objects, lists and records does not name. */
function unknownKeys(schema: z.ZodType, value: unknown): Path[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) {
    return value === undefined || value === null ? [] : unknownKeys(schema.unwrap() as z.ZodType, value);
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.flatMap((item, index) =>
      unknownKeys(schema.element as z.ZodType, item).map((path) => [index, ...path]),
    );
  }
  if (typeof value !== 'object' || value === null) return [];
  if (schema instanceof z.ZodRecord) {
    return Object.entries(value).flatMap(([key, item]) =>
      unknownKeys(schema.valueType as z.ZodType, item).map((path) => [key, ...path]),
    );
  }
  if (!(schema instanceof z.ZodObject)) return [];
  const shape = schema.shape as Record<string, z.ZodType>;
  return Object.entries(value).flatMap(([key, item]) =>
    Object.hasOwn(shape, key) ? unknownKeys(shape[key]!, item).map((path) => [key, ...path]) : [[key]],
  );
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, step) => (at as Record<string | number, unknown>)[step], value);
}

function pathText(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '' : `${path.map(String).join('.')}: `;
}
