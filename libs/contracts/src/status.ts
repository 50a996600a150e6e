/** The whole present state as the controller's API gives it and `signpost status` draws it. */
import * as z from 'zod';

import { holdViewSchema } from './guard.ts';
import { healthStateSchema } from './health.ts';
import { AUTHORITY_PROGRESS, authorityHeartbeatSchema } from './heartbeats.ts';
import { overrideSchema, overrideViewSchema } from './override.ts';
import { unhealthyRuleSchema } from './unhealthy-rule.ts';
import { vantageStateSchema } from './vantage-standing.ts';
import { evidenceSchema } from './verdict.ts';

export const statusSchema = z.object({
  controller: z.object({
    leader: z.boolean(),
    converged: z.boolean(),
    generation: z.number().int(),
    /** Revision of the applied configuration's manifest; absent before the first. */
    configRevision: z.number().int().optional(),
    messagingConnected: z.boolean(),
    storeConnected: z.boolean(),
    /** What kept the leader from writing to the store at its last attempt; absent when nothing did. */
    storeProblem: z.string().optional(),
  }),
  targets: z.array(
    z.object({
      target: z.string(),
      /** Absent for a target that no pool monitors. */
      monitor: z.string().optional(),
      addresses: z.array(z.string()),
      pools: z.array(z.string()),
      state: healthStateSchema,
      sinceMs: z.number().int().optional(),
      reason: z.string(),
      /** Too few votes for a new verdict: the last one stands. */
      frozen: z.boolean(),
      /** While flap damping keeps it out: until when. */
      dampedUntilMs: z.number().int().optional(),
      evidence: z.array(evidenceSchema),
      /** In force: what `state` and `reason` say of checks does not count. */
      override: overrideSchema.optional(),
    }),
  ),
  vantages: z.array(
    z.object({
      vantage: z.string(),
      state: vantageStateSchema,
      /** Absent while nothing was heard of it. */
      sinceMs: z.number().int().optional(),
      reason: z.string(),
      probers: z.array(
        z.object({
          prober: z.string(),
          fresh: z.boolean(),
          heartbeatAgeMs: z.number(),
          reports: z.number().int(),
        }),
      ),
    }),
  ),
  /** Pools that have load limits. */
  loads: z.array(
    z.object({
      pool: z.string(),
      /** Whether its load is known; while it is not, all stays as it is, and in the end weights are as configured. */
      feed: z.enum(['fresh', 'frozen', 'released']),
      /** Why it is not fresh, else empty. */
      reason: z.string(),
      /** As pushed last; absent: never. */
      load: z.number().optional(),
      /** Estimated: what it would carry if it kept all its clients. */
      demand: z.number().optional(),
      /** Of the limits as much as of the pool's weight is up. */
      soft: z.number(),
      hard: z.number(),
      /** The share of its clients that it keeps. */
      keep: z.number(),
      /** By pool: the shares in which the others go there; absent: not known. */
      room: z.record(z.string(), z.number()).optional(),
      /** The same of all of them when it is down. */
      spill: z.record(z.string(), z.number()).optional(),
    }),
  ),
  authorities: z.array(
    authorityHeartbeatSchema.extend({ heartbeatAgeMs: z.number(), progress: z.enum(AUTHORITY_PROGRESS) }),
  ),
  /** Overrides that are still to come, the next one first. */
  planned: z.array(overrideViewSchema),
  /** Removals that guards hold back. */
  guards: z.array(holdViewSchema),
  /** Rules without a healthy pool, and what is answered all the same. */
  unhealthy: z.array(unhealthyRuleSchema).default([]), // controllers of before do not tell
  /** Whose addresses are published, as they were found last. */
  hosts: z.array(
    z.object({
      host: z.string(),
      addresses: z.array(z.string()),
      /** Why it cannot be looked up now; absent: it can. */
      failing: z.string().optional(),
    }),
  ),
  zones: z.array(z.object({ apex: z.string(), serial: z.number().int(), recordSets: z.number().int() })),
});
export type Status = z.output<typeof statusSchema>;
