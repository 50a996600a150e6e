/**
 * Policies as they are configured: rules that match clients, stages that order pools, and how a pool's targets are
 * picked. Shape only; `configuration.ts` puts it together with the other nouns.
 *
 *   policy ──rules, first match──> rule ──try, first that serves──> stage ──> pool ──within──> targets
 */
import * as z from 'zod';

import { durationSchema } from './duration.ts';
import { nameSchema } from './names.ts';

export const percentSchema = z
  .string()
  .regex(/^(100|[1-9]?\d)(\.\d+)?%$/, 'a share is written as a percentage from 0% to 100%')
  .transform((text) => Number(text.slice(0, -1)) / 100)
  .meta({ description: 'A share such as 50%.' });

/**
 * `fail_open`: targets that are only drained, of the first pool that has any, else the first pool that has targets, as
 * if they were up. `last_healthy`: those that were up last.
 * `fallback`: the policy's fallback pool, even if all of it is down. `nodata`: no answer, NOERROR. `servfail`: SERVFAIL.
 */
export const allDownSchema = z
  .enum(['fail_open', 'last_healthy', 'fallback', 'nodata', 'servfail'])
  .meta({ description: 'What to answer when every pool of a rule is down.' });
export type AllDown = z.output<typeof allDownSchema>;

const weightSchema = z.number().int().min(0).max(1_000_000);

/** Bias as Route 53 has it: positive n draws clients, distance x (1 - n/100); negative n sheds, / (1 + n/100). */
const biasSchema = z.number().min(-99).max(99);

const nearestSchema = z.strictObject({
  nearest: z.array(nameSchema).min(1),
  bias: z.record(nameSchema, biasSchema).optional().meta({
    description: 'Per pool, -99 to 99: above 0 it serves clients from further away, below 0 from less far.',
  }),
});

const fastestSchema = z.strictObject({
  fastest: z.array(nameSchema).min(1),
  /** Pools this close to the best count as equal, and the first listed of them serves. */
  slack: z
    .union([
      durationSchema.transform((ms) => ({ ms, share: 0 })),
      percentSchema.transform((share) => ({ ms: 0, share })),
    ])
    .default({ ms: 10, share: 0 })
    .meta({ description: 'Pools slower than the best by no more than this count as equal: 10ms or 20%.' }),
});

const weightedSchema = z.strictObject({
  weighted: z
    .record(nameSchema, weightSchema)
    .refine(
      (weights) => Object.values(weights).some((weight) => weight > 0),
      'at least one weight must be above 0',
    ),
});

/** The rules of another policy, with its own `within`; where none of its pools serves, the next stage is tried. */
const nestedSchema = z.strictObject({ policy: nameSchema });

const stageSchema = z.union([nameSchema, weightedSchema, nearestSchema, fastestSchema, nestedSchema]);
export type Stage = z.output<typeof stageSchema>;

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

const clockTimeSchema = z
  .string()
  .regex(
    /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/,
    'a time of day is written as 08:00, and the end of a day as 24:00',
  )
  .meta({ description: 'A time of day such as 08:00.' });

/** In force from `from` until just before `to`; when `to` is not later, until that time on the next day. */
const timeWindowSchema = z.strictObject({
  /** On which it begins. Absent: every day. */
  days: z.array(z.enum(WEEKDAYS)).min(1).optional(),
  from: clockTimeSchema.default('00:00'),
  to: clockTimeSchema.default('24:00'),
  zone: z
    .string()
    .min(1)
    .max(64)
    .default('UTC')
    .meta({ description: 'IANA time zone such as Europe/Berlin.' }),
});
export type TimeWindow = z.output<typeof timeWindowSchema>;

/** Values of one list OR, lists AND. */
export const whenSchema = z.strictObject({
  subnets: z.array(z.string()).min(1).optional(),
  geos: z.array(z.string()).min(1).optional(),
  asns: z
    .array(z.number().int().min(1).max(4_294_967_295))
    .min(1)
    .optional()
    .meta({ description: 'Autonomous systems of clients; needs a database of them.' }),
  vantages: z
    .array(nameSchema)
    .min(1)
    .optional()
    .meta({ description: 'Clients near these vantages, by the most specific geo code of all of them.' }),
  times: z.array(timeWindowSchema).min(1).optional(),
});
export type When = z.output<typeof whenSchema>;

const ruleSchema = z.strictObject({
  when: whenSchema.optional(),
  /** Empty: nobody who matches gets an answer (NODATA). */
  try: z.array(stageSchema),
  /** Absent: the policy's. `nodata` makes a fence: never a pool that the rule does not name. */
  all_down: allDownSchema.optional(),
  /** This share of clients goes to the next stage that is healthy, so that a standby is never cold. */
  trickle: percentSchema.optional(),
});
export type PolicyRule = z.output<typeof ruleSchema>;

const affinitySchema = z.strictObject({
  /** Leading bits of a client's address that count. */
  v4: z.number().int().min(1).max(32).default(24),
  v6: z.number().int().min(1).max(128).default(56),
  /** A target carries at most so many times its share of what is measured; the rest goes to each client's next. */
  bounded: z.number().min(1.01).max(100).optional(),
});
export type Affinity = z.output<typeof affinitySchema>;

const withinSchema = z.strictObject({
  /** `ordered`: as listed in the pool, those that serve. */
  pick: z.enum(['weighted', 'round_robin', 'ordered']).default('weighted'),
  /** The same client, the same targets, as long as they serve; shares follow the weights. Only with `weighted`. */
  affinity: affinitySchema.optional(),
  select: z.number().int().min(1).max(64).default(1),
  /** `clients`: weights are corrected for what caches answer, so that clients follow them. Absent: `queries`. */
  weigh: z.enum(['queries', 'clients']).optional(),
});
export type Within = z.output<typeof withinSchema>;

export const policySchema = z.strictObject({
  rules: z.array(ruleSchema).min(1),
  within: withinSchema.default({ pick: 'weighted', select: 1 }),
  /** Absent: as in `defaults`. */
  all_down: allDownSchema.optional(),
  /** For `all_down: fallback`: served even if all of it is down. */
  fallback: nameSchema.optional(),
  /** Where the clients of a pool that is down go: to the next stage, as when absent, or wherever there is room. */
  spill: z.enum(['next', 'headroom']).optional(),
});
export type PolicyConfiguration = z.output<typeof policySchema>;

/** In the unit of the pushed signal: connections, requests per second. */
const loadSchema = z
  .strictObject({
    /** From here on clients are sent elsewhere, the more the nearer to `hard`. */
    soft: z.number().positive(),
    /** Here all are, as far as others have room. */
    hard: z.number().positive(),
  })
  .refine(({ soft, hard }) => soft < hard, 'soft must be below hard');
export type LoadLimits = z.output<typeof loadSchema>;

export const poolSchema = z.strictObject({
  /** Absent: its targets count as up. */
  monitor: nameSchema.optional(),
  members: z.array(z.strictObject({ target: nameSchema, weight: weightSchema.default(1) })).min(1),
  /** Below this share of weight the pool counts as down for `try`. Absent: one target is enough. */
  min_up: percentSchema.optional(),
  /** A member that comes back from down gets its weight in steps over this time. Absent: at once. */
  ramp_up: durationSchema.optional(),
  /** What the pool can carry, against the sum of its targets' pushed loads. Absent: it is not shed. */
  load: loadSchema.optional(),
});
export type PoolConfiguration = z.output<typeof poolSchema>;
