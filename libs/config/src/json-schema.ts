/**
 * The JSON Schema (2020-12) of a configuration file, for editors; `docs/signpost.schema.json` is held to it by a test.
 * Shape only: it knows no reference between nouns.
 */
import { configurationSchema } from '@signpost/contracts/configuration';
import { recordTypeSchema } from '@signpost/contracts/record-configuration';
import { isDataType, RRType } from '@signpost/dns/constants';
import * as z from 'zod';

/** The part of JSON Schema that zod writes for our schemas. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly pattern?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
}

export function configurationJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configurationSchema, {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ jsonSchema, zodSchema }) => {
      // Editors offer the names; what a record of each holds is not in the schema.
      if ((zodSchema as unknown) === recordTypeSchema) {
        jsonSchema.anyOf = [{ enum: RECORD_TYPES }, { pattern: '^TYPE[1-9][0-9]{0,4}$' }];
      }
      // Not a format that JSON Schema knows; the pattern beside it says the same.
      if (jsonSchema.format === 'starts_with') delete jsonSchema.format;
    },
  });
  return { title: 'Signpost configuration', ...schema } as JsonSchema;
}

const RECORD_TYPES = Object.entries(RRType)
  .filter(([, code]) => isDataType(code) && code !== RRType.SOA)
  .map(([name]) => name);

/** The file as it is kept in `docs/`. */
export function configurationJsonSchemaText(): string {
  return `${JSON.stringify(configurationJsonSchema(), undefined, 2)}\n`;
}

/** Keys that may stand in the object at `path`; empty when anything may, or nothing is known. */
export function knownKeys(schema: JsonSchema, value: unknown, path: readonly PropertyKey[]): string[] {
  const keys = schemasAt(schema, value, path).flatMap(({ properties }) => Object.keys(properties ?? {}));
  return [...new Set(keys)];
}

/** What may stand at `path`: a schema and the variants of it that go with what `value` says, none when nothing is known. */
export function schemasAt(schema: JsonSchema, value: unknown, path: readonly PropertyKey[]): JsonSchema[] {
  const variants = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter((variant) =>
    fits(variant, value),
  );
  const below = variants.flatMap((variant) => schemasAt(variant, value, path));
  const [step, ...rest] = path;
  if (step === undefined) return [schema, ...below];
  const child =
    typeof step === 'number'
      ? schema.items
      : (ownEntry(schema.properties, String(step)) ?? schema.additionalProperties);
  if (typeof child !== 'object') return below;
  return [...schemasAt(child, ownEntry(value, step), rest), ...below];
}

/** Whether a variant is the one that its constant, such as `type: http`, says. */
function fits(variant: JsonSchema, value: unknown): boolean {
  return Object.entries(variant.properties ?? {}).every(([key, property]) => {
    const actual = ownEntry(value, key);
    return property.const === undefined || actual === undefined || property.const === actual;
  });
}

function ownEntry<Value>(
  value: Readonly<Record<string, Value>> | undefined,
  key: PropertyKey,
): Value | undefined;
function ownEntry(value: unknown, key: PropertyKey): unknown;
function ownEntry(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<PropertyKey, unknown>)[key];
}
