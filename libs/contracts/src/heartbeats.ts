/**
 * Signs of life, once a second, on core NATS. A prober's heartbeat keeps all its reports fresh and lets the
 * controller notice by digest that it misses one; an authority's says what it serves.
 */
import * as z from 'zod';

import type { EventKind } from './cloud-event.ts';
import type { HealthReport } from './health-report.ts';
import { nameSchema } from './names.ts';

export const proberHeartbeatSchema = z.object({
  vantage: nameSchema,
  prober: nameSchema,
  incarnation: z.number().int().nonnegative(),
  /** Sequence of the last report published; 0 when none was. */
  sequence: z.number().int().nonnegative(),
  /** How many pairs it reports on. */
  reports: z.number().int().nonnegative(),
  /** `reportDigest` over them. */
  digest: z.string().max(32),
});
export type ProberHeartbeat = z.output<typeof proberHeartbeatSchema>;

export const proberBeat: EventKind<typeof proberHeartbeatSchema> = {
  type: 'signpost.prober.beat.v1',
  schema: proberHeartbeatSchema,
};

/** Targets in one heartbeat, so that it stays a small message. */
export const MAX_LAST_ANSWERS = 256;

export const authorityHeartbeatSchema = z.object({
  node: nameSchema,
  incarnation: z.number().int().nonnegative(),
  sequence: z.number().int().nonnegative(),
  /** Generation that every worker of the node answers from; 0 before the first snapshot. */
  generation: z.number().int().nonnegative(),
  ready: z.boolean(),
  /** Whether the node reaches Redis now; it answers on from memory when not. */
  storeConnected: z.boolean(),
  listens: z.array(z.string().max(128)).max(64),
  /** Targets that left this node's answers, and when each was last given; newest first. Wall clock of the node. */
  lastAnswers: z
    .array(z.object({ target: nameSchema, atMs: z.number().int().nonnegative() }))
    .max(MAX_LAST_ANSWERS)
    .default([]),
  /** There were more: those are not newer than the last one listed. */
  lastAnswersCut: z.boolean().default(false),
});
export type AuthorityHeartbeat = z.output<typeof authorityHeartbeatSchema>;

export const authorityBeat: EventKind<typeof authorityHeartbeatSchema> = {
  type: 'signpost.authority.beat.v1',
  schema: authorityHeartbeatSchema,
};

/** By its heartbeats: on the newest generation, on its way to it, stuck on an older one, or not heard any more. */
export const AUTHORITY_PROGRESS = ['current', 'applying', 'behind', 'silent'] as const;
export type AuthorityProgress = (typeof AUTHORITY_PROGRESS)[number];

/** Heartbeats are sent this often, and one older than `FRESH_FOR_MS` proves nothing any more. */
export const HEARTBEAT_INTERVAL_MS = 1_000;
export const FRESH_FOR_MS = 3_000;

/**
 * Digest of a set of reports, independent of their order: the sum modulo 2^48 of a 48-bit hash of each one's
 * identity and sequence. Both sides keep it by adding and subtracting, or compute it whole.
 */
export function reportDigest(
  reports: Iterable<Pick<HealthReport, 'monitor' | 'target' | 'sequence'>>,
): string {
  let sum = 0;
  for (const report of reports) {
    sum = (sum + hash48(`${report.monitor}.${report.target}.${report.sequence}`)) % 2 ** 48;
  }
  return sum.toString(16).padStart(12, '0');
}

/** Two rounds of 32-bit FNV-1a from different seeds, 24 bits of each. */
function hash48(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ (code + 0x9e), 0x01000193);
  }
  return ((low >>> 8) & 0xffffff) * 2 ** 24 + ((high >>> 8) & 0xffffff);
}
