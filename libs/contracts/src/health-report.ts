/**
 * H5 -> H6: a prober's whole present view of one (monitor, target).
 * Ordered by (incarnation, sequence), so that a lost, doubled or reordered report heals with the next.
 */
import * as z from 'zod';

import type { EventKind } from './cloud-event.ts';
import { healthStateSchema } from './health.ts';
import { nameSchema } from './names.ts';

export const familyReportSchema = z.object({
  state: healthStateSchema,
  /** When this state began, by the prober's wall clock. */
  sinceMs: z.number().int().nonnegative(),
  /** Why, in a few words a person understands: `status 503, wanted 301`. */
  reason: z.string().max(512),
  /** Round trip of the last probe; absent when nothing came back. */
  roundTripMs: z.number().nonnegative().optional(),
  /** What will be a failure before long, though it is none yet: `certificate expires on 2026-12-24`. */
  warning: z.string().max(512).optional(),
});
export type FamilyReport = z.output<typeof familyReportSchema>;

export const healthReportSchema = z.object({
  monitor: nameSchema,
  target: nameSchema,
  vantage: nameSchema,
  prober: nameSchema,
  /** Start of the prober's process in wall-clock ms: a later process outranks all reports of an earlier one. */
  incarnation: z.number().int().nonnegative(),
  /** Grows by one with each report of the incarnation, over all pairs. */
  sequence: z.number().int().positive(),
  families: z.object({ ipv4: familyReportSchema.optional(), ipv6: familyReportSchema.optional() }),
  /** Changes of state since the incarnation began, so that coalesced flips count. */
  flips: z.number().int().nonnegative(),
});
export type HealthReport = z.output<typeof healthReportSchema>;

export const healthReported: EventKind<typeof healthReportSchema> = {
  type: 'signpost.health.reported.v1',
  schema: healthReportSchema,
};

/** True when `a` was made after `b` by the same prober. */
export function isNewer(
  a: Pick<HealthReport, 'incarnation' | 'sequence'>,
  b: Pick<HealthReport, 'incarnation' | 'sequence'>,
): boolean {
  return a.incarnation > b.incarnation || (a.incarnation === b.incarnation && a.sequence > b.sequence);
}
