/**
 * The configuration: monitors, targets, pools, policies, zones. Shape only; references between nouns are checked
 * in libs/config, which also knows the line of every mistake. The same schemas read the file, the nouns in the
 * bucket `signpost_config` (stored as they were written) and the API, and make the JSON Schema for editors.
 */
import * as z from 'zod';

import { durationSchema } from './duration.ts';
import { nameSchema } from './names.ts';
import { ttlSchema } from './record-set.ts';

const locationSchema = z
  .tuple([z.number().min(-90).max(90), z.number().min(-180).max(180)])
  .meta({ description: 'Latitude and longitude in degrees.' });

const percentSchema = z
  .string()
  .regex(/^(100|[1-9]?\d)(\.\d+)?%$/, 'a share is written as a percentage from 0% to 100%')
  .transform((text) => Number(text.slice(0, -1)) / 100)
  .meta({ description: 'A share such as 50%.' });

const SETTLE_MS = 60_000;

/**
 * `stable` while all is well, `suspect` while a target of the policy is suspect and for `settle` after one changed;
 * both at least `floor`. In seconds; `settle` is a duration, milliseconds in the code.
 */
const ttlPlanSchema = z
  .union([
    ttlSchema.transform((ttl) => ({ stable: ttl, suspect: ttl, floor: 0, settle: 0 })),
    z.strictObject({
      stable: ttlSchema,
      suspect: ttlSchema.default(10),
      floor: ttlSchema.default(5),
      settle: durationSchema.default(SETTLE_MS),
    }),
  ])
  .meta({ description: 'Seconds, or { stable, suspect, floor, settle }.' });
export type TtlPlan = z.output<typeof ttlPlanSchema>;

const DEFAULT_TTL: TtlPlan = { stable: 30, suspect: 10, floor: 5, settle: SETTLE_MS };

const allDownSchema = z
  .enum(['fail_open', 'nodata'])
  .meta({ description: 'What to answer when every pool of a rule is down.' });

export const defaultsSchema = z.strictObject({
  ttl: ttlPlanSchema.default(DEFAULT_TTL),
  all_down: allDownSchema.default('fail_open'),
});

export const vantageSchema = z.strictObject({ at: locationSchema.optional() });

const monitorVantagesSchema = z.strictObject({
  /** Absent: all vantages of the configuration. */
  use: z.array(nameSchema).min(1).optional(),
  quorum: z.literal('majority').default('majority'),
  /** Fresh votes needed to change a verdict; absent: floor(V/2)+1 of the V vantages. */
  min_reports: z.number().int().min(1).optional(),
});

const monitorTiming = {
  interval: durationSchema.default(10_000),
  timeout: durationSchema.default(3_000),
  rise: z.number().int().min(1).max(100).default(3),
  fall: z.number().int().min(1).max(100).default(2),
  vantages: monitorVantagesSchema.default({ quorum: 'majority' }),
};

const portSchema = z.number().int().min(1).max(65_535);

const httpMonitorSchema = z.strictObject({
  type: z.literal('http'),
  url: z.strictObject({
    scheme: z.enum(['http', 'https']).default('http'),
    /** Host header, SNI and the name in the certificate. */
    host: z.string().min(1).max(255),
    /** Absent: 80 or 443 by the scheme. */
    port: portSchema.optional(),
    path: z.string().startsWith('/').max(2048).default('/'),
  }),
  method: z.enum(['GET', 'HEAD']).default('GET'),
  headers: z.record(z.string(), z.string()).default({}),
  expect: z
    .strictObject({
      status: z.array(z.number().int().min(100).max(599)).min(1).default([200]),
      header: z.record(z.string(), z.string()).default({}),
      /** Certificates are always verified; `ca` adds PEM certificates of a private authority. */
      ca: z.string().optional(),
    })
    .default({ status: [200], header: {} }),
  ...monitorTiming,
});

const tcpMonitorSchema = z.strictObject({ type: z.literal('tcp'), port: portSchema, ...monitorTiming });

export const monitorSchema = z.discriminatedUnion('type', [httpMonitorSchema, tcpMonitorSchema]);
export type MonitorConfiguration = z.output<typeof monitorSchema>;

export const targetSchema = z.strictObject({
  a: z.ipv4().optional(),
  aaaa: z.ipv6().optional(),
  /** A host name instead of addresses, with the final dot. */
  cname: z.string().optional(),
  at: locationSchema.optional(),
  site: z.string().max(63).optional(),
  /** `up` and `down` overrule the monitor; `down` is never answered. */
  status: z.enum(['obey', 'up', 'down']).default('obey'),
  /** Where to probe instead of the answer address. */
  check: z
    .strictObject({ address: z.string().min(1).max(255).optional(), port: portSchema.optional() })
    .optional(),
});
export type TargetConfiguration = z.output<typeof targetSchema>;

export const poolSchema = z.strictObject({
  /** Absent: its targets count as up. */
  monitor: nameSchema.optional(),
  members: z
    .array(z.strictObject({ target: nameSchema, weight: z.number().int().min(0).max(1_000_000).default(1) }))
    .min(1),
  /** Below this share of weight the pool counts as down for `try`. Absent: one target is enough. */
  min_up: percentSchema.optional(),
  /** A member that comes back from down gets its weight in steps over this time. Absent: at once. */
  ramp_up: durationSchema.optional(),
});
export type PoolConfiguration = z.output<typeof poolSchema>;

const stageSchema = z.union([
  nameSchema,
  z.strictObject({
    weighted: z
      .record(nameSchema, z.number().int().min(0).max(1_000_000))
      .refine(
        (weights) => Object.values(weights).some((weight) => weight > 0),
        'at least one weight must be above 0',
      ),
  }),
]);
export type Stage = z.output<typeof stageSchema>;

const ruleSchema = z.strictObject({
  when: z
    .strictObject({
      subnets: z.array(z.string()).min(1).optional(),
      geos: z.array(z.string()).min(1).optional(),
    })
    .optional(),
  try: z.array(stageSchema).min(1),
});
export type PolicyRule = z.output<typeof ruleSchema>;

export const policySchema = z.strictObject({
  rules: z.array(ruleSchema).min(1),
  within: z
    .strictObject({
      pick: z.enum(['weighted', 'round_robin']).default('weighted'),
      select: z.number().int().min(1).max(64).default(1),
    })
    .default({ pick: 'weighted', select: 1 }),
  /** Absent: as in `defaults`. */
  all_down: allDownSchema.optional(),
});
export type PolicyConfiguration = z.output<typeof policySchema>;

const steeredRecordSchema = z.strictObject({
  steer: nameSchema,
  types: z
    .array(z.enum(['A', 'AAAA']))
    .min(1)
    .default(['A', 'AAAA']),
  ttl: ttlPlanSchema.optional(),
});

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
]);
export type RecordValue = z.output<typeof recordValueSchema>;

const staticRecordSchema = z.strictObject({
  type: z.enum(['A', 'AAAA', 'CAA', 'CNAME', 'MX', 'NS', 'SRV', 'TXT']),
  ttl: ttlSchema.optional(),
  value: recordValueSchema.optional(),
  values: z.array(recordValueSchema).min(1).optional(),
});
export type StaticRecordConfiguration = z.output<typeof staticRecordSchema>;

export const recordSchema = z.union([steeredRecordSchema, staticRecordSchema]);
export type RecordConfiguration = z.output<typeof recordSchema>;

export const zoneSchema = z.strictObject({
  soa: z.strictObject({
    primary: z.string(),
    contact: z.string(),
    refresh: ttlSchema.default(3_600),
    retry: ttlSchema.default(600),
    expire: ttlSchema.default(1_209_600),
    negative_ttl: ttlSchema.default(30),
    ttl: ttlSchema.default(3_600),
  }),
  ns: z.array(z.string()).min(1),
  /** TTL of static records that name none, NS included. */
  ttl: ttlSchema.default(3_600),
  /** Owner names relative to the apex, which is `@`. */
  records: z.record(z.string(), z.union([recordSchema, z.array(recordSchema).min(1)])).default({}),
});
export type ZoneConfiguration = z.output<typeof zoneSchema>;

const capacityGuardSchema = z.strictObject({
  /** Of a policy's capacity, the sum of its pools' weights: so much may go within the time without confirmation. */
  percent: z.number().min(0).max(100),
  within: durationSchema.default(60_000),
  // oxlint-disable-next-line unicorn/no-thenable -- a word of the configuration, never a function
  then: z.literal('hold_and_alert').default('hold_and_alert'),
});

const assertionSchema = z.strictObject({
  pools: z.array(nameSchema).min(1),
  /** So many of the pools must stay healthy enough. */
  at_least_up: z.number().int().min(1),
});

/** What removals that no quorum of vantages confirmed must not do. Absent: they may not leave a name without answer. */
export const guardsSchema = z.strictObject({
  /** Absent: no limit. */
  max_capacity_removed: capacityGuardSchema.optional(),
  assertions: z.array(assertionSchema).max(1_000).default([]),
});
export type GuardsConfiguration = z.output<typeof guardsSchema>;

export const configurationSchema = z.strictObject({
  apiVersion: z.literal('signpost/v1'),
  defaults: defaultsSchema.default({ ttl: DEFAULT_TTL, all_down: 'fail_open' }),
  vantages: z.record(nameSchema, vantageSchema).default({}),
  monitors: z.record(nameSchema, monitorSchema).default({}),
  targets: z.record(nameSchema, targetSchema).default({}),
  pools: z.record(nameSchema, poolSchema).default({}),
  policies: z.record(nameSchema, policySchema).default({}),
  zones: z.record(z.string(), zoneSchema).default({}),
  guards: guardsSchema.default({ assertions: [] }),
});
/** Checked shape. References may still be wrong: `checkConfiguration` in libs/config says so. */
export type Configuration = z.output<typeof configurationSchema>;
/** As it was written, before defaults and units. */
export type ConfigurationInput = z.input<typeof configurationSchema>;

export const manifestSchema = z.object({
  /** SHA-256 of the configuration as written, in canonical JSON. */
  hash: z.string(),
  /** Hash of the file that a controller's SIGNPOST_CONFIG applied last, so that a restart never undoes an `apply`. */
  fileHash: z.string().optional(),
  atMs: z.number().int().nonnegative(),
  /** Key of the bucket -> revision. Only these together are the configuration; others are half-written or old. */
  keys: z.record(z.string(), z.number().int().positive()),
});
export type Manifest = z.output<typeof manifestSchema>;

export const MANIFEST_KEY = 'manifest';
