/**
 * An override: somebody says how targets count, whatever checks say, until an end. Stored in the bucket
 * `signpost_overrides`, one key per override; ends are judged by the controller's wall clock. The event tells
 * everybody what is in force for a target now.
 */
import * as z from 'zod';

import type { EventKind } from './cloud-event.ts';
import { durationSchema } from './duration.ts';
import { nameSchema } from './names.ts';
import { unhealthyRuleSchema } from './unhealthy-rule.ts';

export const OVERRIDE_SETTINGS = ['up', 'down', 'drain'] as const;
/** `up`: counts as up whatever checks say. `down`: never answered. `drain`: not answered any more, and no failure. */
export type OverrideSetting = (typeof OVERRIDE_SETTINGS)[number];

export const overrideSettingSchema = z.enum(OVERRIDE_SETTINGS);
/** A human outranks an external system. */
export const overrideSourceSchema = z.enum(['human', 'external']);

/** No line breaks or control characters: it is shown in logs, tables and events. */
const lineSchema = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    // oxlint-disable-next-line no-control-regex -- what is to be refused
    .regex(/^[^\u0000-\u001F\u007F]*$/, 'write one line without control characters');

export const matchSchema = lineSchema(256).meta({
  description:
    'Targets by name, eu-* or target/eu-a; the members of pools, pool/eu; the targets of a site, site/fra.',
});
export const ownerSchema = lineSchema(128).meta({ description: 'Who answers for it: ops@example.net.' });
export const overrideReasonSchema = lineSchema(512).meta({ description: 'Why, for whoever finds it later.' });

const timeSchema = z.number().int().min(0).max(8_640_000_000_000_000);

export const overrideSchema = z.object({
  id: nameSchema,
  match: matchSchema,
  set: overrideSettingSchema,
  by: ownerSchema,
  reason: overrideReasonSchema,
  source: overrideSourceSchema,
  /** In force from `sinceMs` on, until before `untilMs`; the wall clock of the controller. */
  sinceMs: timeSchema,
  untilMs: timeSchema,
});
export type Override = z.output<typeof overrideSchema>;

/** Taken back before its end. The key stays until the event of that is told. */
export const liftedSchema = z.object({ by: ownerSchema, reason: overrideReasonSchema, atMs: timeSchema });
export type Lifted = z.output<typeof liftedSchema>;

/** What the bucket holds under the override's id. */
export const storedOverrideSchema = overrideSchema.extend({ lifted: liftedSchema.optional() });
export type StoredOverride = z.output<typeof storedOverrideSchema>;

export const overrideChangedSchema = z.object({
  target: nameSchema,
  change: z.enum(['began', 'replaced', 'lifted', 'expired']),
  /** null: the target obeys its checks. */
  inForce: overrideSchema.nullable(),
  previous: overrideSchema.nullable(),
  /** Who brought the change about, and why. */
  by: ownerSchema,
  reason: overrideReasonSchema,
  /** End of what is in force. */
  untilMs: timeSchema.nullable(),
});
export type OverrideChanged = z.output<typeof overrideChangedSchema>;

export const overrideChanged: EventKind<typeof overrideChangedSchema> = {
  type: 'signpost.override.changed.v1',
  schema: overrideChangedSchema,
};

/** Longest time that an override may be made for. */
export const LONGEST_OVERRIDE_MS = 366 * 86_400_000;

/** What the API is asked for: `for` or `until`, not both. */
export const overrideRequestSchema = z.strictObject({
  match: matchSchema,
  set: overrideSettingSchema,
  by: ownerSchema,
  reason: overrideReasonSchema,
  source: overrideSourceSchema.default('human'),
  for: durationSchema.optional(),
  until: z.iso.datetime({ offset: true }).meta({ description: 'RFC 3339.' }).optional(),
});
export type OverrideRequest = z.output<typeof overrideRequestSchema>;

/** An override and what it comes to at present. */
export const overrideViewSchema = overrideSchema.extend({
  /** `configuration`: from `maintenance` or `overrides` of the file; it cannot be lifted, only outvoted. */
  origin: z.enum(['bucket', 'configuration']),
  /** Targets it matches now. */
  targets: z.array(z.string()),
  /** Those of them for which no other override counts more. Empty before it begins. */
  inForce: z.array(z.string()),
});
export type OverrideView = z.output<typeof overrideViewSchema>;

export const overrideListSchema = z.object({ nowMs: timeSchema, overrides: z.array(overrideViewSchema) });
export const overrideMadeSchema = z.object({
  override: overrideSchema,
  targets: z.array(z.string()),
  /** Rules over those targets that have no healthy pool with it, and what they answer all the same. */
  unhealthy: z.array(unhealthyRuleSchema).default([]), // controllers of before do not tell
});
export type OverrideMade = z.output<typeof overrideMadeSchema>;
export const overridesLiftedSchema = z.object({
  lifted: z.array(overrideSchema),
  /** What still overrides one of the targets: wider matches, and what the configuration says. */
  remaining: z.array(overrideViewSchema),
});

export const OVERRIDE_WORDS = { up: 'set up', down: 'set down', drain: 'drained' } as const;

/** `drained by ops@example.net until 2026-12-01T06:00:00Z: kernel update`. */
export function describeOverride({
  set,
  by,
  reason,
  untilMs,
}: Pick<Override, 'set' | 'by' | 'reason' | 'untilMs'>): string {
  return `${OVERRIDE_WORDS[set]} by ${by} until ${timeText(untilMs)}: ${reason}`;
}

/** To the second: `2026-12-01T06:00:00Z`. */
export function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
