/** What octoDNS's zone files hold, as far as an import looks at it; other keys pass, and are remarked. */
import * as z from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const whole = z.union([z.int(), z.string().regex(/^\d+$/).transform(Number)]);

const poolSchema = z.looseObject({
  fallback: z.string().nullable().optional(),
  values: z
    .array(
      z.looseObject({
        value: scalar,
        weight: whole.pipe(z.int().min(0).max(1_000_000)).optional(),
        status: z.enum(['up', 'down', 'obey']).optional(),
      }),
    )
    .min(1),
});
export type OctodnsPool = z.output<typeof poolSchema>;

const ruleSchema = z.looseObject({
  pool: z.string(),
  geos: z.array(z.string()).nullable().optional(),
  subnets: z.array(z.string()).nullable().optional(),
});
export type OctodnsRule = z.output<typeof ruleSchema>;

export const dynamicSchema = z.looseObject({
  pools: z.record(z.string(), poolSchema),
  rules: z.array(ruleSchema).min(1),
});
export type OctodnsDynamic = z.output<typeof dynamicSchema>;

const healthcheckSchema = z.looseObject({
  host: z.string().nullable().optional(),
  path: z.string().optional(),
  port: whole.pipe(z.int().min(1).max(65_535)).optional(),
  protocol: z.enum(['HTTP', 'HTTPS', 'TCP', 'UDP', 'ICMP']).optional(),
});
export type OctodnsHealthcheck = z.output<typeof healthcheckSchema>;

export const recordShape = z.looseObject({
  type: z.string(),
  ttl: whole.pipe(z.int().min(0).max(2_147_483_647)).optional(),
  /** Of the type's own form. */
  value: z.unknown().optional(),
  values: z.unknown().optional(),
  /** Before `dynamic` there was this. */
  geo: z.unknown().optional(),
  dynamic: dynamicSchema.optional(),
  octodns: z
    .looseObject({
      healthcheck: healthcheckSchema.optional(),
      ignored: z.boolean().optional(),
      lenient: z.boolean().optional(),
      excluded: z.array(z.string()).optional(),
      included: z.array(z.string()).optional(),
    })
    .nullable()
    .optional(),
});
export type OctodnsRecord = z.output<typeof recordShape>;
