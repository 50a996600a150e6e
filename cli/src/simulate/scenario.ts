/**
 * A scenario: who asks, and what happens when. Shape only; `read-scenario.ts` checks it against a configuration.
 *
 *   population: { resolvers: 1000, alpha: 1.1, ttl: [{ share: 10%, at_least: 5m }] }
 *   events: [{ at: 5m, kill: target/eu-a }, { at: 20m, recover: target/eu-a }]
 */
import { durationSchema } from '@signpost/contracts/duration';
import { nameSchema } from '@signpost/contracts/names';
import { matchSchema } from '@signpost/contracts/override';
import { percentSchema } from '@signpost/contracts/policy-configuration';
import * as z from 'zod';

/** More than anybody has patience for. */
export const MAX_RESOLVERS = 1_000_000;

/** What a share of the resolvers does to a TTL; exactly one of the three. */
const ttlHabitSchema = z
  .strictObject({
    share: percentSchema,
    at_least: durationSchema.optional(),
    at_most: durationSchema.optional(),
    times: z.number().positive().max(1_000).optional(),
  })
  .refine(
    ({ at_least, at_most, times }) =>
      [at_least, at_most, times].filter((habit) => habit !== undefined).length === 1,
    'write one of at_least, at_most and times',
  );
export type TtlHabit = z.output<typeof ttlHabitSchema>;

export const populationSchema = z
  .strictObject({
    resolvers: z.number().int().min(1).max(MAX_RESOLVERS).default(1_000),
    /** Sizes follow a Pareto distribution with this exponent: the smaller, the heavier the largest. */
    alpha: z.number().min(0.5).max(100).default(1.1),
    /** Requests of all clients together, per second. */
    requests: z.number().positive().max(1e9).default(1_000),
    /** Share of the resolvers that send the prefix of their client (ECS). */
    ecs: percentSchema.default(0),
    /** Client networks behind each of those. */
    networks: z.number().int().min(1).max(256).default(16),
    /** Habits of some; the others keep to the TTL. */
    ttl: z.array(ttlHabitSchema).max(16).default([]),
  })
  .refine(
    ({ ttl }) => ttl.reduce((sum, { share }) => sum + share, 0) <= 1 + 1e-9,
    'the shares of ttl add up to more than 100%',
  );
export type PopulationSettings = z.output<typeof populationSchema>;

const at = { at: durationSchema };

const killSchema = z.strictObject({
  ...at,
  kill: matchSchema,
  /** Refuses connections, or is silent, so that each probe takes its whole timeout. */
  how: z.enum(['refused', 'silent']).default('refused'),
});
/** So many of the probes fail: a brown-out. */
const degradeSchema = z.strictObject({ ...at, degrade: matchSchema, failing: percentSchema });
const recoverSchema = z.strictObject({ ...at, recover: matchSchema });
/** As `signpost drain`. Without `for` until the end. */
const drainSchema = z.strictObject({ ...at, drain: matchSchema, for: durationSchema.optional() });
const weightsSchema = z.strictObject({
  ...at,
  weights: z.strictObject({
    pool: nameSchema,
    members: z.record(nameSchema, z.number().int().min(0).max(1_000_000)),
  }),
});
/** Clients ask so many times as often, all or those of some places. Without `for` until the end. */
const surgeSchema = z.strictObject({
  ...at,
  surge: z.number().min(0).max(1_000),
  for: durationSchema.optional(),
  geos: z.array(z.string()).min(1).optional(),
});

export const eventSchema = z.union([
  killSchema,
  degradeSchema,
  recoverSchema,
  drainSchema,
  weightsSchema,
  surgeSchema,
]);
export type ScenarioEvent = z.output<typeof eventSchema>;

export const scenarioSchema = z.strictObject({
  population: populationSchema.prefault({}),
  events: z.array(eventSchema).max(10_000).default([]),
});
export type Scenario = z.output<typeof scenarioSchema>;

export const EMPTY_SCENARIO: Scenario = scenarioSchema.parse({});

/** The targets that an event is about, as they are written; undefined: it is about none. */
export function matchOf(event: ScenarioEvent): string | undefined {
  if ('kill' in event) return event.kill;
  if ('degrade' in event) return event.degrade;
  if ('recover' in event) return event.recover;
  return 'drain' in event ? event.drain : undefined;
}

/** An event as far as it can be read: what it is about, whatever is wrong with its time and the rest. For its mistakes. */
export function readableEvent(written: unknown): ScenarioEvent | undefined {
  const whole = eventSchema.safeParse(written);
  if (whole.success || typeof written !== 'object' || written === null) return whole.data;
  const { kill, degrade, recover, drain, weights, geos } = written as Record<string, unknown>;
  const bare = [
    { kill },
    { degrade, failing: '0%' },
    { recover },
    { drain },
    { weights },
    { surge: 1, geos },
  ];
  return bare.map((event) => eventSchema.safeParse({ at: '0s', ...event }).data).find(Boolean);
}
