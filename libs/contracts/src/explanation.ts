/**
 * Why a client gets its answer: the result of `explain`, given by the controller's API and drawn by the CLI.
 */
import * as z from 'zod';

import { healthStateSchema } from './health.ts';
import { overrideSettingSchema } from './override.ts';

const memberSchema = z.object({
  target: z.string(),
  weight: z.number(),
  state: healthStateSchema,
  /** Whether it is among the answers of its pool. */
  serves: z.boolean(),
  reason: z.string(),
  /** In force for it, so that checks do not count. */
  override: overrideSettingSchema.optional(),
});

const poolViewSchema = z.object({
  pool: z.string(),
  /** Share of weight that is not down, and the share it needs. */
  up: z.number(),
  minUp: z.number(),
  healthyEnough: z.boolean(),
  /** Whether it is the one that this client is answered from. */
  chosen: z.boolean(),
  members: z.array(memberSchema),
});

const stageViewSchema = z.object({
  /** `eu`, `weighted: eu 90, us 10`. */
  stage: z.string(),
  taken: z.boolean(),
  reason: z.string(),
  pools: z.array(poolViewSchema),
});

const ruleViewSchema = z.object({
  index: z.number().int(),
  /** `geos EU, AF`, `subnets 10.0.0.0/8`, `everybody`. */
  when: z.string(),
  matched: z.boolean(),
  reason: z.string(),
  /** Bits of the client's address that this rule needed to decide. */
  prefixLength: z.number().int(),
  /** Empty for a rule that did not match or was not reached. */
  stages: z.array(stageViewSchema),
});
export type RuleView = z.output<typeof ruleViewSchema>;

export const explanationSchema = z.object({
  name: z.string(),
  /** `81.2.69.0/24`. */
  client: z.string(),
  place: z.object({
    continent: z.string(),
    country: z.string(),
    subdivision: z.string(),
    prefixLength: z.number().int(),
    /** The autonomous system; absent: not known. */
    asn: z.number().int().optional(),
  }),
  outcome: z.enum(['steered', 'static', 'nodata', 'nxdomain', 'refused']),
  zone: z.string().optional(),
  policy: z.string().optional(),
  generation: z.number().int(),
  /** The vantage near the client by whose view of health the rules were compiled; absent: by the quorum's. */
  view: z
    .object({
      vantage: z.string(),
      /** The geo code by which the client is near it. */
      near: z.string(),
      /** What it sees otherwise: `eu-a down, by quorum up`. */
      reason: z.string(),
    })
    .optional(),
  /** Of a name that leads to one target: `pinned to eu-a while it serves`. */
  pin: z.string().optional(),
  rules: z.array(ruleViewSchema),
  /** Per type: what may be answered, and how often. */
  answers: z.array(
    z.object({
      type: z.string(),
      ttl: z.number().int(),
      /** Records of one response. */
      select: z.number().int(),
      candidates: z.array(z.object({ rdata: z.string(), target: z.string().optional(), share: z.number() })),
    }),
  ),
  /**
   * ECS scope prefix length of a positive answer, as walking the rules takes it. An authority tells fewer bits where
   * neighbouring networks get the same.
   */
  scope: z.number().int(),
  /** For a moment that has passed: which, and by what was published then. RFC 3339. */
  at: z.string().optional(),
  /** What else is to be known: that what is published is not what the rules come to now. */
  notes: z.array(z.string()).optional(),
});
export type Explanation = z.output<typeof explanationSchema>;
