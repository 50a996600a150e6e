/**
 * What the controller concludes of one (monitor, target), and the event that tells everybody when it changes.
 * Stored in the bucket `signpost_verdicts` before anything is published from it.
 */
import * as z from 'zod';

import type { EventKind } from './cloud-event.ts';
import { healthStateSchema } from './health.ts';
import { familyReportSchema } from './health-report.ts';
import { nameSchema } from './names.ts';

export const verdictSchema = z.object({
  monitor: nameSchema,
  target: nameSchema,
  /** The best of its families. */
  state: healthStateSchema,
  families: z.object({ ipv4: healthStateSchema.optional(), ipv6: healthStateSchema.optional() }),
  /** When `state` began, by the controller's wall clock. */
  sinceMs: z.number().int().nonnegative(),
  /** What `state` followed; absent: nothing was known before. */
  from: healthStateSchema.optional(),
  /** When it last came back from down, by the same clock; absent: it did not, or is down. */
  recoveredMs: z.number().int().nonnegative().optional(),
  reason: z.string().max(1024),
});
export type Verdict = z.output<typeof verdictSchema>;

/** One prober's part in a verdict. */
export const evidenceSchema = z.object({
  vantage: nameSchema,
  prober: nameSchema,
  families: z.object({ ipv4: familyReportSchema.optional(), ipv6: familyReportSchema.optional() }),
  /** Whether it had a vote: its heartbeat was fresh. */
  fresh: z.boolean(),
  /** Milliseconds since its last heartbeat, by the controller's monotonic clock; absent: none was heard. */
  heartbeatAgeMs: z.number().nonnegative().optional(),
});
export type Evidence = z.output<typeof evidenceSchema>;

export const healthChangedSchema = z.object({
  monitor: nameSchema,
  target: nameSchema,
  from: verdictSchema.pick({ state: true, families: true, sinceMs: true }),
  to: verdictSchema.pick({ state: true, families: true, sinceMs: true }),
  reason: z.string().max(1024),
  evidence: z.array(evidenceSchema).max(1024),
});
export type HealthChanged = z.output<typeof healthChangedSchema>;

export const healthChanged: EventKind<typeof healthChangedSchema> = {
  type: 'signpost.health.changed.v1',
  schema: healthChangedSchema,
};
