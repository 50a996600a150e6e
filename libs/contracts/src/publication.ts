/**
 * H10 -> H11: one atomic step of the store, and the event that announces it.
 * The change stream holds publications; a new leader announces from it what an old one could not.
 */
import * as z from 'zod';

import type { Generation } from './brands.ts';
import type { EventKind } from './cloud-event.ts';
import { MAX_CHANGES_PER_PUBLICATION } from './keys.ts';
import { recordSetSchema, zoneFactsSchema } from './record-set.ts';

export const generationSchema = z
  .number()
  .int()
  .min(0)
  .max(Number.MAX_SAFE_INTEGER)
  .transform((value) => value as Generation);

export const recordChangeSchema = z.object({
  zone: z.string(),
  owner: z.string(),
  /** `A`, `MX`, `TYPE65280`. */
  type: z.string(),
  before: recordSetSchema.nullable(),
  /** null: the record set is gone. */
  after: recordSetSchema.nullable(),
});
export type RecordChange = z.output<typeof recordChangeSchema>;

export const publicationSchema = z.object({
  /** The generation the writer diffed against; a reader that is not there reads everything anew. */
  base: generationSchema,
  generation: generationSchema,
  atMs: z.number().int().nonnegative(),
  /** What brought it about, one line each: `health web/eu-a: up -> down, connection refused`. */
  why: z.array(z.string().max(1024)),
  changes: z.array(recordChangeSchema).max(MAX_CHANGES_PER_PUBLICATION),
  /** Zones whose facts move with this publication: the last one of a large change. null: the zone is gone. */
  zones: z.record(z.string(), zoneFactsSchema.nullable()),
});
export type Publication = z.output<typeof publicationSchema>;

export const recordsChangedSchema = z.object({
  zone: z.string(),
  base: generationSchema,
  generation: generationSchema,
  why: z.array(z.string().max(1024)),
  changes: z.array(recordChangeSchema.omit({ zone: true })),
});
export type RecordsChanged = z.output<typeof recordsChangedSchema>;

export const recordsChanged: EventKind<typeof recordsChangedSchema> = {
  type: 'signpost.records.changed.v1',
  schema: recordsChangedSchema,
};

export const configChangedSchema = z.object({
  /** Revision of the manifest in `signpost_config`. */
  revision: z.number().int().nonnegative(),
  hash: z.string(),
  zones: z.array(z.string()),
});

export const configChanged: EventKind<typeof configChangedSchema> = {
  type: 'signpost.config.changed.v1',
  schema: configChangedSchema,
};
