/**
 * What is published for one owner name and type: TTL, answers, and the part of the policy that depends on the
 * client, already stripped of everything health decided. An authority needs nothing else to answer.
 *
 *   steered:  rules ──first match──> branch ──by weight, distance, round trip──> group ──pick, select──> answers
 *             └─ those of the view, for a client near a vantage that sees health otherwise than the rest
 */
import * as z from 'zod';

import { nameSchema } from './names.ts';

/** RFC 2181 section 8: a TTL has 31 bits. */
export const ttlSchema = z.number().int().min(0).max(2_147_483_647).meta({ description: 'Seconds.' });

const answerSchema = z.object({
  /** RDATA in presentation format; names absolute with the final dot. */
  rdata: z.string(),
  target: nameSchema,
  /** 0 is never drawn as long as another weight in the group is positive. */
  weight: z.number().int().min(0),
  /** For `affinity`: the share of its clients that it keeps; the others go to their next. Absent: all. */
  keep: z.number().min(0).max(1).optional(),
});
export type SteeredAnswer = z.output<typeof answerSchema>;

const groupSchema = z.object({
  pool: nameSchema,
  /** `CNAME` when the pool's targets are host names: then it answers for every type. Else the set's own type. */
  type: z.enum(['A', 'AAAA', 'CNAME', 'MX', 'SRV', 'HTTPS', 'SVCB']),
  /**
   * `weighted`: a new draw for each query. `affinity`: weighted rendezvous hashing on the client's prefix, so the same
   * answers for it on every node. `ordered`: the first ones.
   */
  pick: z.enum(['weighted', 'round_robin', 'ordered', 'affinity']),
  /** For `affinity`: leading bits of the client's address that count. */
  bits: z.object({ v4: z.number().int().min(1).max(32), v6: z.number().int().min(1).max(128) }).optional(),
  /** How many different answers a response carries at most. */
  select: z.number().int().min(1),
  /** Why these answers: the pool is healthy enough, the last resort, or served though all are down. */
  standing: z.enum(['healthy', 'last_resort', 'fail_open', 'last_healthy', 'fallback', 'nodata', 'servfail']),
  /** Empty: NODATA, because the pool lacks this type or has no healthy target of its family; SERVFAIL if it stands so. */
  answers: z.array(answerSchema),
});
export type AnswerGroup = z.output<typeof groupSchema>;

/** An entry of `branches` before the one that names it, so that no chain of them is endless. */
const branchIndexSchema = z.number().int().min(0);

/** Latitude and longitude in degrees. */
const pointSchema = z.tuple([z.number().min(-90).max(90), z.number().min(-180).max(180)]);
export type Point = z.output<typeof pointSchema>;

const leafSchema = z.object({ group: z.number().int().min(0) });

/** The client's prefix and the owner name decide, by weight (rendezvous hashing), the same for all types. */
const weightedBranchSchema = z.object({
  weighted: z
    .array(
      z.object({
        branch: branchIndexSchema,
        weight: z.number().int().min(0),
        /** What is hashed: stays the same as long as the choice means the same. */
        key: z.string(),
      }),
    )
    .min(1),
});

/** The nearest to the client by great-circle distance x `stretch`; the first for a client whose place is not known. */
const nearestBranchSchema = z.object({
  nearest: z
    .array(
      z.object({
        branch: branchIndexSchema,
        /** Of its targets; the nearest counts. None: it is as far as can be. */
        at: z.array(pointSchema),
        /** Above 0: what bias makes of a distance. */
        stretch: z.number().positive(),
      }),
    )
    .min(1),
});

/**
 * The first of those whose round trip is at most the best one + `slackMs` and + `slackShare` of it. A round trip is
 * that of the fastest target that was measured; where none was, of the nearest one, by its distance. For whom nothing
 * is known of any, the first serves.
 */
const fastestBranchSchema = z.object({
  fastest: z
    .array(
      z.object({
        branch: branchIndexSchema,
        targets: z.array(z.object({ target: nameSchema, at: pointSchema.optional() })).min(1),
      }),
    )
    .min(1),
  slackMs: z.number().min(0),
  slackShare: z.number().min(0).max(1),
});

const branchSchema = z.union([leafSchema, weightedBranchSchema, nearestBranchSchema, fastestBranchSchema]);
export type Branch = z.output<typeof branchSchema>;
export type WeightedBranch = z.output<typeof weightedBranchSchema>;
export type NearestBranch = z.output<typeof nearestBranchSchema>;
export type FastestBranch = z.output<typeof fastestBranchSchema>;

/** Values of one list OR, lists AND. */
const conditionSchema = z.object({
  /** Prefixes such as `10.0.0.0/8`. */
  subnets: z.array(z.string()).optional(),
  /** `EU`, `AS-TR`, `NA-US-CA`. */
  geos: z.array(z.string()).optional(),
  /** Places within `geos` that do not match all the same. */
  butNotIn: z.array(z.string()).optional(),
  /** Autonomous systems. */
  asns: z.array(z.number().int()).optional(),
});
export type SteeringCondition = z.output<typeof conditionSchema>;

const ruleSchema = z.object({
  /** All must hold. Absent: matches everybody. */
  when: z.array(conditionSchema).min(1).optional(),
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
  /** Owner name whose draws these are, in canonical text: the same client gets the same pool and target at both. Absent: its own. */
  seed: z.string().optional(),
  /** The first that matches serves; the last matches everybody. */
  rules: z.array(ruleSchema).min(1),
  /** Choices come after what they choose from. */
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
