/**
 * The shape of every noun of a configuration, each checked by itself, so that one malformed noun neither hides
 * the mistakes of its neighbours nor makes false ones of those that refer to it.
 * Shape only; references are the business of `check-references.ts`.
 */
import {
  configurationSchema,
  configuredOverrideSchema,
  maintenanceSchema,
  guardsSchema,
  monitorSchema,
  targetSchema,
  vantageSchema,
  zoneSchema,
} from '@signpost/contracts/configuration';
import { policySchema, poolSchema } from '@signpost/contracts/policy-configuration';
import { recordSchema } from '@signpost/contracts/record-configuration';
import { nameSchema } from '@signpost/contracts/names';
import type * as z from 'zod';

import { describeIssue, type ShapeMistake } from './describe-issue.ts';
import { configurationJsonSchema, type JsonSchema } from './json-schema.ts';
import type {
  Path,
  ReadableEntry,
  ReadableParts,
  ReadableRecord,
  ReadableZone,
  Unreadable,
} from './readable-parts.ts';
import { type NamedFiles, readZoneSource } from './zone-source.ts';

export interface CheckedShape {
  readonly parts: ReadableParts;
  readonly mistakes: readonly ShapeMistake[];
}

/** `files` reads the zone files that it names; without it they are mistakes. */
export function checkShape(root: unknown, files?: NamedFiles): CheckedShape {
  const check: ShapeCheck = { mistakes: [], unreadable: [], schema: configurationJsonSchema(), root, files };
  checkTopLevel(check);
  const vantages = checkSection('vantages', check, parserOf(vantageSchema));
  const monitors = checkSection('monitors', check, parserOf(monitorSchema));
  const targets = checkSection('targets', check, parserOf(targetSchema));
  const pools = checkSection('pools', check, parserOf(poolSchema));
  const policies = checkSection('policies', check, parserOf(policySchema));
  const zones = checkSection('zones', check, readZone);
  return {
    parts: {
      nouns: {
        vantages: vantages.nouns,
        monitors: monitors.nouns,
        targets: targets.nouns,
        pools: pools.nouns,
        policies: policies.nouns,
      },
      zones: Object.values(zones.nouns),
      maintenance: readableEntries('maintenance', root, maintenanceSchema),
      overrides: readableEntries('overrides', root, configuredOverrideSchema),
      guards: guardsSchema.safeParse(isObject(root) ? (root['guards'] ?? {}) : {}).data,
      unreadable: check.unreadable,
      names: {
        vantages: vantages.names,
        monitors: monitors.names,
        targets: targets.names,
        pools: pools.names,
        policies: policies.names,
      },
    },
    mistakes: check.mistakes,
  };
}

interface ShapeCheck {
  readonly mistakes: ShapeMistake[];
  readonly unreadable: Unreadable[];
  readonly schema: JsonSchema;
  /** The whole file: issues of a noun are described against it, by their whole path. */
  readonly root: unknown;
  readonly files: NamedFiles | undefined;
}

type ReadNoun<Noun> = (noun: unknown, path: Path, check: ShapeCheck) => Noun | undefined;

const SECTION_KEYS = ['vantages', 'monitors', 'targets', 'pools', 'policies', 'zones'] as const;

/** Everything but the nouns, which are taken out: version, defaults, unknown keys, sections that are no objects. */
function checkTopLevel(check: ShapeCheck): void {
  const { root } = check;
  if (root === null) {
    const message = 'there is nothing in it; begin with "apiVersion: signpost/v1"';
    check.mistakes.push({ path: [], message, at: 'value' });
    return;
  }
  const frame = isObject(root) ? { ...root } : root;
  if (isObject(frame)) {
    for (const key of SECTION_KEYS) if (isObject(frame[key])) frame[key] = {};
  }
  parse(configurationSchema, frame, [], check);
}

function checkSection<Noun>(
  section: (typeof SECTION_KEYS)[number],
  check: ShapeCheck,
  read: ReadNoun<Noun>,
): { readonly nouns: Record<string, Noun>; readonly names: string[] | 'any' } {
  const content = isObject(check.root) ? check.root[section] : undefined;
  if (content !== undefined && !isObject(content)) return { nouns: {}, names: 'any' };
  const nouns: Record<string, Noun> = {};
  for (const [name, written] of Object.entries(content ?? {})) {
    const path = [section, name];
    const named = section === 'zones' || checkName(name, path, check);
    const noun = read(written, path, check);
    if (noun === undefined) check.unreadable.push({ path, written });
    if (named && noun !== undefined) nouns[name] = noun;
  }
  return { nouns, names: Object.keys(content ?? {}) };
}

/** Their mistakes were found with the top level. */
function readableEntries<Entry>(
  section: string,
  root: unknown,
  schema: z.ZodType<Entry>,
): ReadableEntry<Entry>[] {
  const content = isObject(root) ? root[section] : undefined;
  if (!Array.isArray(content)) return [];
  return content.flatMap((written: unknown, index) => {
    const { data } = schema.safeParse(written);
    return data === undefined ? [] : [{ entry: data, path: [section, index] }];
  });
}

function checkName(name: string, path: Path, check: ShapeCheck): boolean {
  const result = nameSchema.safeParse(name);
  if (result.success) return true;
  const message = `"${name}" is no name: ${result.error.issues[0]!.message}`;
  check.mistakes.push({ path, message, at: 'key' });
  return false;
}

function parserOf<Noun>(schema: z.ZodType<Noun>): ReadNoun<Noun> {
  return (noun, path, check) => parse(schema, noun, path, check);
}

/** Reads what can be read: a mistake in the SOA hides no record, and a malformed record no other. */
function readZone(zone: unknown, path: Path, check: ShapeCheck): ReadableZone | undefined {
  if (!isObject(zone)) {
    parse(zoneSchema, zone, path, check);
    return undefined;
  }
  const written = zone;
  const records = isObject(written['records']) ? written['records'] : {};
  const frame = isObject(written['records']) ? { ...written, records: {} } : zone;
  parse(zoneSchema, frame, path, check);
  return {
    apex: String(path[1]),
    keys: Object.keys(written),
    source: readZoneSource(String(path[1]), written, check.files),
    soa: zoneSchema.shape.soa.safeParse(written['soa']).data,
    ns: zoneSchema.shape.ns.safeParse(written['ns']).data,
    records: Object.entries(records).flatMap(([owner, content]) =>
      readRecords(owner, content, [...path, 'records', owner], check),
    ),
  };
}

function readRecords(owner: string, content: unknown, path: Path, check: ShapeCheck): ReadableRecord[] {
  if (Array.isArray(content) && content.length === 0) {
    check.mistakes.push({
      path,
      message: 'the list is empty; write a record or remove the name',
      at: 'value',
    });
  }
  const written: [unknown, Path][] = Array.isArray(content)
    ? content.map((record, index) => [record, [...path, index]])
    : [[content, path]];
  return written.flatMap(([record, recordPath]) => {
    const parsed = parse(recordSchema, record, recordPath, check);
    if (parsed === undefined) check.unreadable.push({ path: recordPath, written: record });
    return parsed === undefined ? [] : [{ owner, path: recordPath, record: parsed }];
  });
}

function parse<Value>(
  schema: z.ZodType<Value>,
  value: unknown,
  path: Path,
  check: ShapeCheck,
): Value | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) {
    const whole = { ...issue, path: [...path, ...issue.path] };
    check.mistakes.push(...describeIssue(whole, check.root, check.schema));
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
