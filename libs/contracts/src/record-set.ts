/**
 * What is published for one owner name and type: TTL, answers, and the part of the policy that depends on the
 * client, already stripped of everything health decided. An authority needs nothing else to answer.
 *
 *   steered:  rules ──first match──> branch ──sticky draw──> group ──pick, select──> answers
 *             └─ those of the view, for a client near a vantage that sees health otherwise than the rest
 */
import * as z from 'zod';

import { nameSchema } from './names.ts';

/** RFC 2181 section 8: a TTL has 31 bits. */
export const ttlSchema = z.number().int().min(0).max(2_147_483_647);

const answerSchema = z.object({
  /** RDATA in presentation format; names absolute with the final dot. */
  rdata: z.string(),
  target: nameSchema,
  /** 0 is never drawn as long as another weight in the group is positive. */
  weight: z.number().int().min(0),
});
export type SteeredAnswer = z.output<typeof answerSchema>;

const groupSchema = z.object({
  pool: nameSchema,
  /** `CNAME` when the pool's targets are host names: then it answers for every type. */
  type: z.enum(['A', 'AAAA', 'CNAME']),
  pick: z.enum(['weighted', 'round_robin']),
  /** How many different answers a response carries at most. */
  select: z.number().int().min(1),
  /** Why these answers: the pool is healthy enough, the last resort, or served though all are down. */
  standing: z.enum(['healthy', 'last_resort', 'fail_open', 'nodata']),
  /** Empty: NODATA, because the pool lacks this type or has no healthy target of its family. */
  answers: z.array(answerSchema),
});
export type AnswerGroup = z.output<typeof groupSchema>;

const branchSchema = z.object({
  /** More than one: the client's prefix and the owner name decide, by weight, the same for all types. */
  groups: z.array(z.object({ group: z.number().int().min(0), weight: z.number().int().min(0) })).min(1),
});
export type Branch = z.output<typeof branchSchema>;

const ruleSchema = z.object({
  /** Prefixes such as `10.0.0.0/8`; values OR, and AND with `geos`. Neither: matches everybody. */
  subnets: z.array(z.string()).optional(),
  /** `EU`, `AS-TR`, `NA-US-CA`. */
  geos: z.array(z.string()).optional(),
  branch: z.number().int().min(0),
});
export type SteeringRule = z.output<typeof ruleSchema>;

/** More vantages than anybody runs. */
export const MAX_VIEWS = 64;

const viewSchema = z.object({
  vantage: nameSchema,
  /** Geo codes. Of the codes of all views the most specific one that the client is in decides. */
  near: z.array(z.string()).min(1),
  /** As the set's own, with the same branches. Absent: the set's own; here since it lies within another view. */
  rules: z.array(ruleSchema).min(1).optional(),
});
export type SteeringView = z.output<typeof viewSchema>;

export const staticRecordSetSchema = z.object({
  kind: z.literal('static'),
  ttl: ttlSchema,
  rdata: z.array(z.string()).min(1),
});
export type StaticRecordSet = z.output<typeof staticRecordSetSchema>;

export const steeredRecordSetSchema = z.object({
  kind: z.literal('steered'),
  ttl: ttlSchema,
  policy: nameSchema,
  /** The first that matches serves; the last matches everybody. */
  rules: z.array(ruleSchema).min(1),
  branches: z.array(branchSchema).min(1),
  groups: z.array(groupSchema).min(1),
  /** Absent, as nearly always: all clients are steered by the same view of health. */
  views: z.array(viewSchema).min(1).max(MAX_VIEWS).optional(),
});
export type SteeredRecordSet = z.output<typeof steeredRecordSetSchema>;

export const recordSetSchema = z.discriminatedUnion('kind', [staticRecordSetSchema, steeredRecordSetSchema]);
export type RecordSet = z.output<typeof recordSetSchema>;

/** What an authority must know of a zone besides its record sets. The SOA RRset is made from it. */
export const zoneFactsSchema = z.object({
  soa: z.object({
    primary: z.string(),
    contact: z.string(),
    serial: z.number().int().min(0).max(4_294_967_295),
    refresh: ttlSchema,
    retry: ttlSchema,
    expire: ttlSchema,
    /** MINIMUM: how long a denial may be cached (RFC 2308). */
    negativeTtl: ttlSchema,
    ttl: ttlSchema,
  }),
});
export type ZoneFacts = z.output<typeof zoneFactsSchema>;
