/**
 * How clients spread now: measured by what targets say they carry, where all of them say it, else estimated from the
 * answers that caches hold. Pure.
 */
import type { Held } from './answer-book.ts';
import type { PlannedPool, PlannedStage } from './plan-shares.ts';
import { LEAST_SAMPLES, LOAD_FRESH_MS } from './share-settings.ts';
import { spreadOf, type Spread } from './spread.ts';

/** By target: its pushed load, in whatever unit. */
export type PushedLoads = ReadonlyMap<string, { readonly load: number; readonly heardAtMs: number }>;

export interface Seen {
  /** Undefined: a target did not say, or says it of other pools too. */
  readonly measured: Spread | undefined;
  /** Undefined: too few samples. */
  readonly estimated: Spread | undefined;
}

export interface Sources {
  /** By pool and target. */
  readonly held: ReadonlyMap<string, Held>;
  readonly loads: PushedLoads;
  readonly nowMs: number;
}

export function seePool({ pool, wanted, alone }: PlannedPool, sources: Sources): Seen {
  const targets = [...wanted.keys()];
  const held = targets.map((target) => [target, sources.held.get(`${pool} ${target}`)] as const);
  return {
    measured: alone ? measured(new Map(targets.map((target) => [target, [target]])), sources) : undefined,
    estimated: estimated(new Map(held.map(([target, one]) => [target, one === undefined ? [] : [one]]))),
  };
}

/** `isAlone`: whether none of the pool's targets is in another one. */
export function seeStage(
  { wanted, parts }: PlannedStage,
  isAlone: (pool: string) => boolean,
  sources: Sources,
): Seen {
  const pools = [...wanted.keys()];
  const held = Map.groupBy(sources.held.values(), ({ pool }) => pool);
  return {
    measured: pools.every(isAlone) ? measured(parts, sources) : undefined,
    estimated: estimated(new Map(pools.map((pool) => [pool, held.get(pool) ?? []]))),
  };
}

/** By name: whose loads add up. */
function measured(
  parts: ReadonlyMap<string, readonly string[]>,
  { loads, nowMs }: Sources,
): Spread | undefined {
  const sums = new Map<string, number>();
  for (const [name, targets] of parts) {
    let sum = 0;
    for (const target of targets) {
      const pushed = loads.get(target);
      if (pushed === undefined || nowMs - pushed.heardAtMs > LOAD_FRESH_MS) return undefined;
      sum += pushed.load;
    }
    sums.set(name, sum);
  }
  return spreadOf(sums);
}

function estimated(parts: ReadonlyMap<string, readonly Held[]>): Spread | undefined {
  const samples = [...parts.values()].flat().reduce((sum, held) => sum + held.samples, 0);
  if (samples < LEAST_SAMPLES) return undefined;
  return spreadOf(
    new Map([...parts].map(([name, held]) => [name, held.reduce((sum, { clients }) => sum + clients, 0)])),
  );
}
