/**
 * How a vantage stands with the controller: whether its votes count, and if not, why. Stored beside the verdicts
 * under `_vantage.<name>`, and told to everybody when it changes.
 */
import * as z from 'zod';

import type { EventKind } from './cloud-event.ts';
import { nameSchema } from './names.ts';

/**
 * `voting`: its votes count. `silent`: no prober of it is heard, so it has none. `quarantined`: it sees most
 * targets fail where the other vantages do not, so it is not believed.
 */
export const VANTAGE_STATES = ['voting', 'silent', 'quarantined'] as const;
export const vantageStateSchema = z.enum(VANTAGE_STATES);
export type VantageState = z.output<typeof vantageStateSchema>;

export const vantageEvidenceSchema = z.object({
  /** Probers that are heard. */
  probers: z.number().int().nonnegative(),
  /** Targets that it has fresh votes on. */
  targets: z.number().int().nonnegative(),
  /** Of them: seen suspect or down from here. */
  failing: z.number().int().nonnegative(),
  /** Of those: seen well by most of the other vantages. */
  contradicted: z.number().int().nonnegative(),
  /** Pairs it is to vote on that had too few votes for a new verdict: their last one stands. */
  frozen: z.number().int().nonnegative(),
});
export type VantageEvidence = z.output<typeof vantageEvidenceSchema>;

export const vantageStandingSchema = z.object({
  vantage: nameSchema,
  state: vantageStateSchema,
  /** When `state` began, by the controller's wall clock. */
  sinceMs: z.number().int().nonnegative(),
  reason: z.string().max(1024),
  /** As it was when `state` began. */
  evidence: vantageEvidenceSchema,
});
export type VantageStanding = z.output<typeof vantageStandingSchema>;

/** Before anything is known of a vantage nobody has heard of it. */
export const UNHEARD: Pick<VantageStanding, 'state' | 'sinceMs'> = { state: 'silent', sinceMs: 0 };

export const vantageChangedSchema = vantageStandingSchema.omit({ state: true, sinceMs: true }).extend({
  from: vantageStandingSchema.pick({ state: true, sinceMs: true }),
  to: vantageStandingSchema.pick({ state: true, sinceMs: true }),
});
export type VantageChanged = z.output<typeof vantageChangedSchema>;

export const vantageChanged: EventKind<typeof vantageChangedSchema> = {
  type: 'signpost.vantage.changed.v1',
  schema: vantageChangedSchema,
};

/** Key in `signpost_verdicts`. No pair has it: names hold no underscore. */
export function vantageKey(vantage: string): string {
  return `${VANTAGE_KEYS}${vantage}`;
}

export const VANTAGE_KEYS = '_vantage.';
