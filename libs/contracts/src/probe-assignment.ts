/**
 * H1: what the probers of a vantage are to check, from the controller. One key `<vantage>.<shard>` per part of
 * at most `ASSIGNMENTS_PER_SHARD`, so that a value stays below NATS' message limit.
 */
import * as z from 'zod';

import { familySchema } from './health.ts';
import { nameSchema } from './names.ts';

export const ASSIGNMENTS_PER_SHARD = 500;

const httpProbeSchema = z.object({
  type: z.literal('http'),
  scheme: z.enum(['http', 'https']),
  method: z.enum(['GET', 'HEAD']),
  /** The Host header, and SNI and the name the certificate must match; never where we connect to. */
  host: z.string().min(1).max(255),
  path: z.string().startsWith('/').max(2048),
  headers: z.record(z.string(), z.string()),
  expect: z.object({
    status: z.array(z.number().int().min(100).max(599)).min(1),
    /** Response headers that must be there with exactly this value; names in lower case. */
    header: z.record(z.string(), z.string()),
  }),
  /** PEM certificates trusted besides the system's; for a private CA. */
  ca: z.string().optional(),
});

const tcpProbeSchema = z.object({ type: z.literal('tcp') });

export const probeSchema = z.discriminatedUnion('type', [httpProbeSchema, tcpProbeSchema]);
export type Probe = z.output<typeof probeSchema>;
export type HttpProbe = z.output<typeof httpProbeSchema>;

/** One place to connect to, and the families of the answer that its result speaks for. */
export const checkSchema = z.object({
  families: z.array(familySchema).min(1),
  /** An address, or a host name that the prober resolves. */
  address: z.string().min(1).max(255),
  port: z.number().int().min(1).max(65_535),
});
export type Check = z.output<typeof checkSchema>;

export const assignmentSchema = z.object({
  monitor: nameSchema,
  target: nameSchema,
  probe: probeSchema,
  checks: z.array(checkSchema).min(1).max(2),
  intervalMs: z.number().int().min(100),
  timeoutMs: z.number().int().min(10),
  /** Successes in a row until up, failures in a row until down. */
  rise: z.number().int().min(1),
  fall: z.number().int().min(1),
  /** A first failure is confirmed at once by probes this far apart. Absent: it waits for the next ones due. */
  burst: z.object({ spacingMs: z.number().min(0) }).optional(),
  /**
   * Where in the interval this vantage probes, 0 <= phase < 1, on the wall clock: probes are due when
   * `now mod interval = phase * interval`. The controller spreads pairs, and staggers the vantages of one pair.
   */
  phase: z.number().min(0).lt(1),
});
export type Assignment = z.output<typeof assignmentSchema>;

export const assignmentShardSchema = z.object({
  vantage: nameSchema,
  shard: z.number().int().nonnegative(),
  assignments: z.array(assignmentSchema).max(ASSIGNMENTS_PER_SHARD),
});
export type AssignmentShard = z.output<typeof assignmentShardSchema>;

export function assignmentKey(vantage: string, shard: number): string {
  return `${vantage}.${shard}`;
}
