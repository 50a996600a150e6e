/**
 * (what is known of how clients spread, what arrived) -> the same, later. One step of all corrections. Pure; every
 * controller takes it, so that one that takes over knows what the last one knew.
 *
 *   samples ──> book of answers in caches ──estimated──┐
 *   pushed loads ───────────────────────────measured──┴─> correction of each spread ──beyond a dead band──> steering
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { StoredRecords } from '@signpost/contracts/record-store';

import { type AnswerBook, EMPTY_BOOK, expireAnswers, type HeardSamples, noteAnswers } from './answer-book.ts';
import { type Correction, correctSpread } from './correct-spread.ts';
import { NOTHING_PLANNED, planShares, type PlannedStage, type SharePlan } from './plan-shares.ts';
import { type PushedLoads, seePool, seeStage, type Sources } from './see-shares.ts';
import { LOOK_EVERY_MS } from './share-settings.ts';
import { EMPTY_STEERING, steeringOf, type ShareSteering } from './share-steering.ts';

export interface ShareState {
  readonly book: AnswerBook;
  readonly plan: SharePlan;
  /** What it was made of. */
  readonly plannedFrom: readonly [Configuration | undefined, StoredRecords | undefined];
  /** By pool. */
  readonly pools: ReadonlyMap<string, Correction>;
  /** By `stageKey`. */
  readonly stages: ReadonlyMap<string, Correction>;
  /** What record sets are compiled with: replaced when it changes, and only then. */
  readonly steering: ShareSteering;
  readonly atMs: number;
}

export const NO_SHARES: ShareState = {
  book: EMPTY_BOOK,
  plan: NOTHING_PLANNED,
  plannedFrom: [undefined, undefined],
  pools: new Map(),
  stages: new Map(),
  steering: EMPTY_STEERING,
  atMs: Number.NEGATIVE_INFINITY,
};

export interface ShareInput {
  readonly samples: readonly HeardSamples[];
  readonly loads: PushedLoads;
  readonly configuration: Configuration | undefined;
  /** As far as it is known what is published. */
  readonly records: StoredRecords | undefined;
  /** Whether a target of the pool comes back step by step now. */
  readonly ramping: (pool: string) => boolean;
  /** Whether clients of the pool are sent elsewhere for its load: then they do not spread as weights say, rightly. */
  readonly shed: (pool: string) => boolean;
  /** Monotonic. */
  readonly nowMs: number;
}

export function evolveShares(before: ShareState, input: ShareInput): ShareState {
  const { samples, nowMs } = input;
  const planned = withPlan(before, input);
  const { pools, stages } = planned.plan;
  if (pools.size === 0 && stages.length === 0)
    return planned === before ? before : { ...NO_SHARES, ...planFrom(planned) };
  const counted = new Set([...pools.keys(), ...stages.flatMap(({ wanted }) => [...wanted.keys()])]);
  const book =
    samples.length === 0 ? planned.book : noteAnswers(planned.book, samples, (pool) => counted.has(pool));
  if (nowMs - planned.atMs < LOOK_EVERY_MS) return { ...planned, book };
  return look({ ...planned, book: expireAnswers(book, nowMs), atMs: nowMs }, input);
}

/** Of a weighted stage. */
export function stageKey({ policy, wanted }: Pick<PlannedStage, 'policy' | 'wanted'>): string {
  return `${policy}: ${[...wanted.keys()].toSorted().join(' ')}`;
}

function look(state: ShareState, { loads, configuration, ramping, shed, nowMs }: ShareInput): ShareState {
  const sources: Sources = { held: state.book.held, loads, nowMs };
  const pools = new Map(
    [...state.plan.pools].map(([name, planned]) => {
      const { weigh, bounded, wanted } = planned;
      const seen = seePool(planned, sources);
      const waits = ramping(name);
      // What a ramp makes of weights was published to make up for nothing.
      const of = waits ? { ...planned, given: wanted } : planned;
      const options = { planned: of, seen, weigh, bounded, waits, nowMs };
      return [name, correctSpread(state.pools.get(name), options)] as const;
    }),
  );
  const isAlone = alonePools(configuration);
  const stages = new Map(
    state.plan.stages.map((planned) => {
      const seen = seeStage(planned, isAlone, sources);
      const waits = planned.spills || [...planned.wanted.keys()].some(shed);
      const options = { planned, seen, weigh: true, bounded: undefined, waits, nowMs };
      const key = stageKey(planned);
      return [key, correctSpread(state.stages.get(key), options)] as const;
    }),
  );
  const steering = steeringOf(
    pools,
    state.plan.stages.map((stage) => [stage.policy, stages.get(stageKey(stage))!]),
    state.steering,
  );
  return { ...state, pools, stages, steering };
}

function alonePools(configuration: Configuration | undefined): (pool: string) => boolean {
  const all = Object.entries(configuration?.pools ?? {});
  return (name) => {
    const members = configuration?.pools[name]?.members ?? [];
    const isShared = (target: string) =>
      all.some(([other, pool]) => other !== name && pool.members.some((member) => member.target === target));
    return !members.some(({ target }) => isShared(target));
  };
}

function withPlan(before: ShareState, { configuration, records }: ShareInput): ShareState {
  const [fromConfiguration, fromRecords] = before.plannedFrom;
  if (fromConfiguration === configuration && fromRecords === records) return before;
  const plan = configuration === undefined ? NOTHING_PLANNED : planShares(configuration, records);
  return { ...before, plan, plannedFrom: [configuration, records] };
}

function planFrom({ plan, plannedFrom }: ShareState): Pick<ShareState, 'plan' | 'plannedFrom'> {
  return { plan, plannedFrom };
}
