/**
 * What the controller concludes of one (monitor, target), and the event that tells everybody when it changes.
 * Stored in the bucket `signpost_verdicts` before anything is published from it.
 */
import * as z from 'zod';

import type { EventKind } from './cloud-event.ts';
import { healthStateSchema } from './health.ts';
import { familyReportSchema } from './health-report.ts';
import { nameSchema } from './names.ts';

const familyStatesSchema = z.object({
  ipv4: healthStateSchema.optional(),
  ipv6: healthStateSchema.optional(),
});
export type FamilyStates = z.output<typeof familyStatesSchema>;

/** What flap damping remembers of a pair, so that a new leader goes on where the last one was. */
export const flapsSchema = z.object({
  /** As of `atMs`; it decays from then on. */
  penalty: z.number().nonnegative(),
  /** Wall clock of the last growth. */
  atMs: z.number().int().nonnegative(),
  /** Whether what is down stays down: from `suppress` on until below `reuse`. */
  suppressing: z.boolean(),
  /** What was concluded without damping. */
  judged: familyStatesSchema,
  /** By `<vantage>/<prober>`: incarnation and flips of it that are counted already, so that none counts twice. */
  counted: z.record(z.string().max(128), z.tuple([z.number().int(), z.number().int()])),
});
export type Flaps = z.output<typeof flapsSchema>;

export const verdictSchema = z.object({
  monitor: nameSchema,
  target: nameSchema,
  /** The best of its families. */
  state: healthStateSchema,
  families: familyStatesSchema,
  /** When `state` began, by the controller's wall clock. */
  sinceMs: z.number().int().nonnegative(),
  /** While damping keeps a family down: until when it does, if nothing flaps again. Wall clock. */
  dampedUntilMs: z.number().int().nonnegative().optional(),
  /** What `state` followed; absent: nothing was known before. */
  from: healthStateSchema.optional(),
  /** When it last came back from down, by the same clock; absent: it did not, or is down. */
  recoveredMs: z.number().int().nonnegative().optional(),
  reason: z.string().max(1024),
  /** Absent without damping. */
  flaps: flapsSchema.optional(),
});
export type Verdict = z.output<typeof verdictSchema>;

/** One prober's part in a verdict. */
export const evidenceSchema = z.object({
  vantage: nameSchema,
  prober: nameSchema,
  families: z.object({ ipv4: familyReportSchema.optional(), ipv6: familyReportSchema.optional() }),
  /** Whether its heartbeat was fresh; without that it has no vote. */
  fresh: z.boolean(),
  /** Whether its vantage was quarantined or doubted, so that it had no vote all the same. */
  quarantined: z.literal(true).optional(),
  /** Milliseconds since its last heartbeat, by the controller's monotonic clock; absent: none was heard. */
  heartbeatAgeMs: z.number().nonnegative().optional(),
});
export type Evidence = z.output<typeof evidenceSchema>;

const verdictStatesSchema = verdictSchema.pick({
  state: true,
  families: true,
  sinceMs: true,
  dampedUntilMs: true,
});
/** What others act on, and what makes an event when it changes. */
export type VerdictStates = z.output<typeof verdictStatesSchema>;

export const healthChangedSchema = z.object({
  monitor: nameSchema,
  target: nameSchema,
  from: verdictStatesSchema,
  to: verdictStatesSchema,
  reason: z.string().max(1024),
  evidence: z.array(evidenceSchema).max(1024),
});
export type HealthChanged = z.output<typeof healthChangedSchema>;

export const healthChanged: EventKind<typeof healthChangedSchema> = {
  type: 'signpost.health.changed.v1',
  schema: healthChangedSchema,
};
