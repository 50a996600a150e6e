/**
 * How far a target is out of the world's caches: published without it, applied by every authority, last answer
 * given, and when the last cache that may hold it forgets it. Given by the controller's API, shown by the CLI.
 */
import * as z from 'zod';

import { overrideSchema } from './override.ts';

const timeSchema = z.number().int().nonnegative();

/** In this order; one may be skipped. */
export const DRAIN_PHASES = ['none', 'answering', 'applying', 'caching', 'empty'] as const;

export const drainSchema = z.object({
  target: z.string(),
  /** The controller's wall clock now. */
  nowMs: timeSchema,
  override: overrideSchema.nullable(),
  /**
   * `none`: nothing withdraws it. `answering`: record sets still hold it. `applying`: an authority has not taken the
   * generation without it. `caching`: caches may hold an answer. `empty`: none does any more.
   */
  phase: z.enum(DRAIN_PHASES),
  /** In words: what is waited for. */
  reason: z.string(),
  /** First generation without it. */
  generation: z.number().int().nonnegative().optional(),
  /** Largest TTL that an answer with it may still have in a cache. */
  ttlSeconds: z.number().int().nonnegative().optional(),
  /** By the clocks of the authorities; absent: none that runs now answered it lately. */
  lastAnswerMs: timeSchema.optional(),
  cachesEmptyAtMs: timeSchema.optional(),
  authorities: z.array(
    z.object({
      node: z.string(),
      generation: z.number().int().nonnegative(),
      /** Whether its heartbeat is fresh. */
      live: z.boolean(),
      lastAnswerMs: timeSchema.optional(),
    }),
  ),
});
export type Drain = z.output<typeof drainSchema>;
