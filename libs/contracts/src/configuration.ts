/**
 * The configuration: monitors, targets, pools, policies, zones. Shape only; references between nouns are checked
 * in libs/config, which also knows the line of every mistake. The same schemas read the file, the nouns in the
 * bucket `signpost_config` (stored as they were written) and the API, and make the JSON Schema for editors.
 */
import * as z from 'zod';

import { durationSchema } from './duration.ts';
import {
  dnsMonitor,
  grpcMonitor,
  httpMonitor,
  icmpMonitor,
  tcpMonitor,
  tlsMonitor,
} from './monitor-kinds.ts';
import { nameSchema } from './names.ts';
import { matchSchema, overrideReasonSchema, overrideSettingSchema, ownerSchema } from './override.ts';
import { allDownSchema, policySchema, poolSchema } from './policy-configuration.ts';
import { recordSchema } from './record-configuration.ts';
import { ttlSchema } from './record-set.ts';
import { DEFAULT_TTL, ttlPlanSchema } from './ttl-plan.ts';

const locationSchema = z
  .tuple([z.number().min(-90).max(90), z.number().min(-180).max(180)])
  .meta({ description: 'Latitude and longitude in degrees.' });

export const defaultsSchema = z.strictObject({
  ttl: ttlPlanSchema.default(DEFAULT_TTL),
  all_down: allDownSchema.default('fail_open'),
});

export const vantageSchema = z.strictObject({
  at: locationSchema.optional(),
  /** For `decide: regional`. Of all codes of all vantages the most specific one that a client is in decides. */
  near: z
    .array(z.string())
    .max(250)
    .optional()
    .meta({ description: 'Geo codes of the clients near this vantage, such as EU, AS-TR or NA-US-CA.' }),
});

export type VantageConfiguration = z.output<typeof vantageSchema>;

/** How many of the vantages must say down for down: most of them, one, all, or so many. */
const quorumSchema = z.union([z.enum(['majority', 'any', 'all']), z.number().int().min(1)]);
export type Quorum = z.output<typeof quorumSchema>;

const monitorVantagesSchema = z.strictObject({
  /** Absent: all vantages of the configuration. */
  use: z.array(nameSchema).min(1).optional(),
  quorum: quorumSchema.default('majority'),
  /** Fresh votes needed to change a verdict; absent: floor(V/2)+1 of the V vantages. */
  min_reports: z.number().int().min(1).optional(),
  decide: z.enum(['global', 'regional']).default('global').meta({
    description:
      'Regional: clients near a vantage that sees a target otherwise than the quorum are steered by it.',
  }),
});

/** How a first failure is confirmed: by probes from all vantages at once, or `off`: by the next ones due. */
const burstSchema = z
  .union([z.literal('off'), z.strictObject({ spacing: durationSchema.default(300) })])
  .meta({
    description:
      'A first failure is confirmed at once from all vantages by probes so far apart: { spacing }, or off.',
  });
const dampingSettingsSchema = z.strictObject({
  /** In this time a penalty falls to half. */
  half_life: durationSchema.default(300_000),
  /** Each down and up again adds 1; from this penalty on a target that is down stays out. */
  suppress: z.number().positive().max(1_000).default(3),
  /** Below this penalty it may come back. */
  reuse: z.number().positive().max(1_000).default(1),
});
export type DampingConfiguration = z.output<typeof dampingSettingsSchema>;

const dampingSchema = z
  .union([z.literal('off'), dampingSettingsSchema])
  .default({ half_life: 300_000, suppress: 3, reuse: 1 })
  .meta({ description: 'Keeps a flapping target out: { half_life, suppress, reuse }, or off.' });

const monitorTiming = {
  interval: durationSchema.default(10_000),
  timeout: durationSchema.default(3_000),
  rise: z.number().int().min(1).max(100).default(3),
  fall: z.number().int().min(1).max(100).default(2),
  burst: burstSchema.default({ spacing: 300 }),
  vantages: monitorVantagesSchema.default({ quorum: 'majority', decide: 'global' }),
  damping: dampingSchema,
};

const portSchema = z.number().int().min(1).max(65_535);

/** Nobody probes: the target, or somebody for it, sends heartbeats (NATS or the API), and silence is what tells. */
const pushMonitorSchema = z.strictObject({
  type: z.literal('push'),
  expect_every: durationSchema,
  /** What a missing heartbeat means at first: suspect, and down after `down_after`, or down at once. */
  silence: z.enum(['suspect', 'down']).default('suspect'),
  /** Silence until down, with `silence: suspect`; absent: three times `expect_every`. */
  down_after: durationSchema.optional(),
  damping: dampingSchema,
});

/** Concludes from other monitors of the same target; what is given of `all`, `any` and `at_least` must all hold. */
const calculatedMonitorSchema = z.strictObject({
  type: z.literal('calculated'),
  all: z.array(nameSchema).min(1).optional(),
  any: z.array(nameSchema).min(1).optional(),
  at_least: z.strictObject({ n: z.number().int().min(1), of: z.array(nameSchema).min(1) }).optional(),
});

export const monitorSchema = z.discriminatedUnion('type', [
  z.strictObject({ ...httpMonitor, ...monitorTiming }),
  z.strictObject({ ...tcpMonitor, ...monitorTiming }),
  z.strictObject({ ...tlsMonitor, ...monitorTiming }),
  z.strictObject({ ...grpcMonitor, ...monitorTiming }),
  z.strictObject({ ...dnsMonitor, ...monitorTiming }),
  z.strictObject({ ...icmpMonitor, ...monitorTiming }),
  pushMonitorSchema,
  calculatedMonitorSchema,
]);
export type MonitorConfiguration = z.output<typeof monitorSchema>;
export type PushMonitor = Extract<MonitorConfiguration, { type: 'push' }>;
export type CalculatedMonitor = Extract<MonitorConfiguration, { type: 'calculated' }>;
/** What probers check. */
export type ProbedMonitor = Exclude<MonitorConfiguration, PushMonitor | CalculatedMonitor>;

export function isProbed(monitor: MonitorConfiguration): monitor is ProbedMonitor {
  return monitor.type !== 'push' && monitor.type !== 'calculated';
}

/** Monitors that a calculated one looks at, each once. */
export function childrenOf({ all = [], any = [], at_least }: CalculatedMonitor): readonly string[] {
  return [...new Set([...all, ...any, ...(at_least?.of ?? [])])];
}

export const targetSchema = z.strictObject({
  a: z.ipv4().optional(),
  aaaa: z.ipv6().optional(),
  /** A host name instead of addresses, with the final dot. */
  cname: z.string().optional(),
  at: locationSchema.optional(),
  site: z.string().max(63).optional(),
  /** `up` and `down` overrule the monitor; `down` is never answered. */
  status: z.enum(['obey', 'up', 'down']).default('obey'),
  /** Where to probe instead of the answer address, and as which host. */
  check: z
    .strictObject({
      address: z.string().min(1).max(255).optional(),
      port: portSchema.optional(),
      /** Goes before the monitor's: Host header and gRPC authority. */
      host: z.string().min(1).max(255).optional(),
      /** Goes before the monitor's: SNI and the name in the certificate. */
      server_name: z.string().min(1).max(255).optional(),
    })
    .optional(),
});
export type TargetConfiguration = z.output<typeof targetSchema>;

/** `file` or `text` brings SOA and NS; without them `soa` and `ns` are required, which libs/config checks. */
export const zoneSchema = z.strictObject({
  /** Path of a zone file, relative to the configuration file. Read and put into `text` before anything is stored. */
  file: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'Path of an RFC 1035 zone file, relative to this file. Brings SOA and NS.' }),
  text: z
    .string()
    .optional()
    .meta({ description: 'The zone file itself. Brings SOA and NS; $INCLUDE cannot stand in it.' }),
  soa: z
    .strictObject({
      primary: z.string(),
      contact: z.string(),
      refresh: ttlSchema.default(3_600),
      retry: ttlSchema.default(600),
      expire: ttlSchema.default(1_209_600),
      negative_ttl: ttlSchema.default(30),
      ttl: ttlSchema.default(3_600),
    })
    .optional(),
  ns: z.array(z.string()).min(1).optional(),
  /** Absent: `ttl`. */
  ns_ttl: ttlSchema.optional(),
  /** TTL of static records that name none, `ns` included; not of those in the zone file. */
  ttl: ttlSchema.default(3_600),
  /** Owner names relative to the apex, which is `@`. */
  records: z.record(z.string(), z.union([recordSchema, z.array(recordSchema).min(1)])).default({}),
});
export type ZoneConfiguration = z.output<typeof zoneSchema>;

/** RFC 3339 with an offset; milliseconds since 1970 in the code. */
const instantSchema = z.iso
  .datetime({ offset: true, error: 'a time is written as 2026-12-01T06:00:00Z' })
  .transform((text) => Date.parse(text))
  .meta({ description: 'A time such as 2026-12-01T06:00:00Z (RFC 3339).' });

/** Planned work: in force between its times, and TTLs are short before it begins. */
export const maintenanceSchema = z.strictObject({
  match: matchSchema,
  set: overrideSettingSchema.extract(['drain', 'down']).default('drain'),
  from: instantSchema,
  /** One of `until` and `for`. */
  until: instantSchema.optional(),
  for: durationSchema.optional(),
  by: ownerSchema,
  reason: overrideReasonSchema,
});
export type MaintenanceConfiguration = z.output<typeof maintenanceSchema>;

/** An override that is part of the configuration. */
export const configuredOverrideSchema = z.strictObject({
  match: matchSchema,
  set: overrideSettingSchema,
  by: ownerSchema,
  reason: overrideReasonSchema,
  /** Absent: in force at once, and older than any other, so that later ones count more. */
  from: instantSchema.optional(),
  until: instantSchema,
});
export type ConfiguredOverride = z.output<typeof configuredOverrideSchema>;

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
  maintenance: z.array(maintenanceSchema).max(10_000).default([]),
  overrides: z.array(configuredOverrideSchema).max(10_000).default([]),
  guards: guardsSchema.default({ assertions: [] }),
});
/** Checked shape. References may still be wrong: `checkConfiguration` in libs/config says so. */
export type Configuration = z.output<typeof configurationSchema>;
/** As it was written, before defaults and units. */
export type ConfigurationInput = z.input<typeof configurationSchema>;

/** Octets of one noun as JSON: below the 1 MiB that a NATS server takes by default. */
export const MAX_NOUN_OCTETS = 1_000_000;

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
/** The manifest of a candidate, which is compared and not applied. */
export const CANDIDATE_KEY = 'candidate';
