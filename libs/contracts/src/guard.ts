/**
 * Guards: what they hold back and remember, and the event that tells of a hold. Stored in the bucket
 * `signpost_guards`: `policy.<name>` holds what a new leader needs to go on holding, `approved.<id>` that somebody
 * let a hold pass.
 */
import * as z from 'zod';

import type { EventKind } from './cloud-event.ts';
import { nameSchema } from './names.ts';

/** Where an unconfirmed removal comes from: the configuration, an override, or a monitor that one vantage alone sees. */
export const GUARD_CAUSES = ['configuration', 'override', 'vantage'] as const;
export type GuardCause = (typeof GUARD_CAUSES)[number];

const timeSchema = z.number().int().nonnegative();
const shareSchema = z.number().min(0).max(1);
/** One line: it is shown in logs, tables and events. */
const lineSchema = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    // oxlint-disable-next-line no-control-regex -- what is to be refused
    .regex(/^[^\u0000-\u001F\u007F]*$/, 'write one line without control characters');

export const holdIdSchema = z
  .string()
  .regex(/^[a-z0-9-]{1,128}$/, 'the id of a hold has a-z, 0-9 and "-"')
  .meta({ description: 'As `signpost approve` without an id lists it.' });

export const holdSchema = z.object({
  id: holdIdSchema,
  policy: nameSchema,
  cause: z.enum(GUARD_CAUSES),
  /** Those that stay as they were. Of a held configuration: those that it would take away. */
  targets: z.array(nameSchema),
  /** Share of the policy's capacity that would go. */
  removed: shareSchema,
  /** Share that may go within the window; absent: no limit, it is held for another reason. */
  limit: shareSchema.optional(),
  /** Which guard holds, in words. */
  why: z.string().max(1024),
  sinceMs: timeSchema,
  /** Of a held configuration: its revision. */
  revision: z.number().int().nonnegative().optional(),
});
export type Hold = z.output<typeof holdSchema>;

/** Who let a hold pass, and why. */
export const approvalSchema = z.object({ by: lineSchema(128), reason: lineSchema(512), atMs: timeSchema });
export type Approval = z.output<typeof approvalSchema>;
export const approvalRequestSchema = approvalSchema.omit({ atMs: true });

const endedSchema = z.object({
  hold: holdSchema,
  /** Absent: nobody did, its cause is gone. */
  approval: approvalSchema.optional(),
  reason: z.string().max(1024),
});

/** What is remembered of one policy. */
export const guardMemorySchema = z.object({
  policy: nameSchema,
  /** Revision of the configuration that it is compiled from. */
  revision: z.number().int().nonnegative(),
  /** Targets of it that do not serve, with good reason. */
  gone: z.array(nameSchema),
  /** Of them, those that an override sets down and that may be: `fail_open` must not serve them either. */
  withdrawn: z.array(nameSchema).default([]),
  /** What went lately, and when. */
  window: z.array(
    z.object({ target: nameSchema, share: shareSchema, atMs: timeSchema, confirmed: z.boolean() }),
  ),
  holds: z.array(holdSchema),
  /** Ids of holds that were told. */
  told: z.array(holdIdSchema),
  /** Holds that ended, until that is told. */
  ended: z.array(endedSchema),
});
export type GuardMemory = z.output<typeof guardMemorySchema>;

/** As many targets as are named; how many there are stands beside them. */
const NAMED_TARGETS = 100;

export const holdViewSchema = holdSchema.extend({
  targets: z.array(nameSchema).max(NAMED_TARGETS),
  targetCount: z.number().int().nonnegative(),
  /** The command that lets it pass. */
  approve: z.string(),
});
export type HoldView = z.output<typeof holdViewSchema>;

export const guardsViewSchema = z.object({ holds: z.array(holdViewSchema) });

export function viewHold(hold: Hold): HoldView {
  return {
    ...hold,
    targets: hold.targets.slice(0, NAMED_TARGETS),
    targetCount: hold.targets.length,
    approve: `signpost approve ${hold.id}`,
  };
}

export const guardHeldSchema = holdViewSchema.extend({
  state: z.enum(['held', 'lifted']),
  /** Of one that is lifted: by whom; absent: its cause is gone. */
  by: z.string().optional(),
  /** Why it is held or lifted. */
  reason: z.string().max(1024),
});
export type GuardHeld = z.output<typeof guardHeldSchema>;

export const guardHeld: EventKind<typeof guardHeldSchema> = {
  type: 'signpost.guard.held.v1',
  schema: guardHeldSchema,
};

export const guardKeys = {
  policy: (name: string) => `policy.${name}`,
  approved: (id: string) => `approved.${id}`,
} as const;
