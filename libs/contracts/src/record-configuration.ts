/**
 * Records of a zone as they are configured: steered by a policy, an alias of another name, or static.
 * Shape only; `configuration.ts` puts it together with the other nouns.
 */
import * as z from 'zod';

import { nameSchema } from './names.ts';
import { ttlSchema } from './record-set.ts';
import { ttlPlanSchema } from './ttl-plan.ts';

/** What a policy can answer with. CNAME is no choice: pools of host names answer so wherever they are chosen. */
export const STEERED_TYPES = ['A', 'AAAA', 'MX', 'SRV', 'HTTPS', 'SVCB'] as const;

/** RFC 9460. One record for the chosen pool, with priority 1; with `failover` one for the next healthy pool, with 2. */
const serviceBindingSchema = z.strictObject({
  /** Protocols in the order of preference: h3, h2. */
  alpn: z
    .array(z.string().regex(/^[\w./-]{1,255}$/, 'a protocol is written as h3, h2 or http/1.1'))
    .min(1)
    .max(16)
    .optional(),
  port: z.number().int().min(1).max(65_535).optional(),
  /** Each pool gets a name of its own, `<pool>.<owner>`, as target of its record. */
  failover: z.boolean().default(true),
  /** Addresses of the targets as ipv4hint and ipv6hint. */
  hints: z.boolean().default(true),
});
export type ServiceBinding = z.output<typeof serviceBindingSchema>;

export const steeredRecordSchema = z.strictObject({
  steer: nameSchema,
  types: z.array(z.enum(STEERED_TYPES)).min(1).default(['A', 'AAAA']),
  ttl: ttlPlanSchema.optional(),
  /** For HTTPS and SVCB. */
  https: serviceBindingSchema.optional(),
  /** For MX: of the chosen pool's hosts; the next healthy pool's are 10 more. */
  mx: z.strictObject({ preference: z.number().int().min(0).max(65_525).default(10) }).optional(),
  /** For SRV: priority of the chosen pool's hosts, 1 more for the next healthy pool's; weights are the members'. */
  srv: z
    .strictObject({
      priority: z.number().int().min(0).max(65_534).default(10),
      port: z.number().int().min(0).max(65_535),
    })
    .optional(),
  /** Below this owner, signed names that lead to one target as long as it is healthy: `<target>-<code>.<owner>`. */
  affinity_names: z.boolean().optional(),
});
export type SteeredRecordConfiguration = z.output<typeof steeredRecordSchema>;

/**
 * The addresses of another name, without a CNAME, so that it can stand at an apex: of a steered record of this zone
 * (relative, `go`), or of a host elsewhere (absolute, `host.example.org.`), which the controller resolves on a timer.
 */
export const aliasRecordSchema = z.strictObject({
  alias: z.string().min(1).max(255),
  /** Of a host elsewhere: the TTL is never longer than this, nor than what was found. */
  ttl: ttlSchema.default(60),
});
export type AliasRecordConfiguration = z.output<typeof aliasRecordSchema>;

const recordValueSchema = z.union([
  z.string(),
  z.strictObject({ preference: z.number().int().min(0).max(65_535), exchange: z.string() }),
  z.strictObject({
    priority: z.number().int().min(0).max(65_535),
    weight: z.number().int().min(0).max(65_535),
    port: z.number().int().min(0).max(65_535),
    target: z.string(),
  }),
  z.strictObject({
    flags: z.number().int().min(0).max(255).default(0),
    tag: z.string().regex(/^[a-zA-Z0-9]{1,255}$/),
    value: z.string(),
  }),
  /** As a zone file has it, for any type: a TXT of several strings, octets as `\\# LENGTH HEX` (RFC 3597). */
  z.strictObject({ rdata: z.string() }),
]);
export type RecordValue = z.output<typeof recordValueSchema>;

/** `A`, `HTTPS`, `TYPE65280`. Which of them may stand in a zone is checked in libs/config, which knows the types. */
export const recordTypeSchema = z.string().meta({
  description: 'A record type such as A, MX or HTTPS, or TYPE and its number.',
});

const staticRecordSchema = z.strictObject({
  type: recordTypeSchema,
  ttl: ttlSchema.optional(),
  value: recordValueSchema.optional(),
  values: z.array(recordValueSchema).min(1).optional(),
});
export type StaticRecordConfiguration = z.output<typeof staticRecordSchema>;

export const recordSchema = z.union([steeredRecordSchema, aliasRecordSchema, staticRecordSchema]);
export type RecordConfiguration = z.output<typeof recordSchema>;
