/**
 * H1: what the probers of a vantage are to check, from the controller. One key `<vantage>.<shard>` per part of
 * at most `ASSIGNMENTS_PER_SHARD`, so that a value stays below NATS' message limit.
 */
import * as z from 'zod';

import { familySchema } from './health.ts';
import { nameSchema } from './names.ts';

export const ASSIGNMENTS_PER_SHARD = 500;

/** What is asked of a TLS server; what is absent has its default, so that assignments stay small. */
const tlsTermsSchema = z.object({
  /** SNI and the name that the certificate must be for. Absent: the host asked for, else the check's address. */
  serverName: z.string().min(1).max(255).optional(),
  /** PEM certificates trusted besides the system's; for a private CA. */
  ca: z.string().optional(),
  /** False takes any certificate. Default true. */
  verify: z.boolean().optional(),
  /** A warning when the certificate expires within this time. Default 0. */
  warnBeforeMs: z.number().nonnegative().optional(),
  /** A failure when it expires within this time. Default: when it has expired and is verified. */
  failBeforeMs: z.number().nonnegative().optional(),
});
export type TlsTerms = z.output<typeof tlsTermsSchema>;

const httpProbeSchema = z.object({
  type: z.literal('http'),
  scheme: z.enum(['http', 'https']),
  /** Default http1. */
  protocol: z.enum(['http1', 'http2', 'any']).optional(),
  method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']),
  /** The Host header, and SNI and the name the certificate must match unless `tls` names it; never where we connect to. */
  host: z.string().min(1).max(255),
  path: z.string().startsWith('/').max(2048),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
  /** How many redirects to the same host are followed. Default 0. */
  redirects: z.number().int().min(0).max(5).optional(),
  expect: z.object({
    /** Statuses, and sets of them from the first to the second. */
    status: z.array(z.union([z.number().int(), z.tuple([z.number().int(), z.number().int()])])).min(1),
    /** Response headers that must be there with exactly this value; names in lower case. */
    header: z.record(z.string(), z.string()),
    /** Text that the first `MAX_ANSWER_OCTETS` of the body must contain. */
    contains: z.string().min(1).optional(),
  }),
  tls: tlsTermsSchema.optional(),
});

const talk = { send: z.string().min(1).optional(), contains: z.string().min(1).optional() };

const tcpProbeSchema = z.object({ type: z.literal('tcp'), ...talk });

const tlsProbeSchema = z.object({
  type: z.literal('tls'),
  ...talk,
  /** Offered; the server must choose one of them. */
  alpn: z.array(z.string()).optional(),
  tls: tlsTermsSchema,
});

const grpcProbeSchema = z.object({
  type: z.literal('grpc'),
  /** `:authority`; absent: the check's address and port. */
  host: z.string().min(1).max(255).optional(),
  service: z.string(),
  /** Absent: without TLS. */
  tls: tlsTermsSchema.optional(),
});

const dnsProbeSchema = z.object({
  type: z.literal('dns'),
  transport: z.enum(['udp', 'tcp']),
  name: z.string(),
  /** Text, such as `AAAA` or `TYPE65`. */
  queryType: z.string(),
  recurse: z.boolean(),
  rcode: z.string(),
  /** Data in text that must be among the answers; absent: any answers will do, also none. */
  answers: z.array(z.string()).optional(),
});

const icmpProbeSchema = z.object({ type: z.literal('icmp') });

export const probeSchema = z.discriminatedUnion('type', [
  httpProbeSchema,
  tcpProbeSchema,
  tlsProbeSchema,
  grpcProbeSchema,
  dnsProbeSchema,
  icmpProbeSchema,
]);
export type Probe = z.output<typeof probeSchema>;
export type ProbeOf<Type extends Probe['type']> = Extract<Probe, { type: Type }>;
export type HttpProbe = ProbeOf<'http'>;
export type Talk = Pick<ProbeOf<'tcp'>, 'send' | 'contains'>;

/** One place to connect to, and the families of the answer that its result speaks for. */
export const checkSchema = z.object({
  families: z.array(familySchema).min(1),
  /** An address, or a host name that the prober resolves. */
  address: z.string().min(1).max(255),
  /** 0 for the kind that has no ports, which is icmp. */
  port: z.number().int().min(0).max(65_535),
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
