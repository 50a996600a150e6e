/**
 * What one stage of `try` offers: the choice among its pools that may serve, or nothing.
 * Pure. Decided by the overall state of targets, never by family, so that every type gets the same pools.
 */
import type { Stage } from '@signpost/contracts/policy-configuration';

import type { Choice } from './choice.ts';
import type { PoolStanding } from './pool-standing.ts';

/** A stage that names pools itself. */
export type PoolStage = Exclude<Stage, { policy: string }>;

/** A pool of a stage; weights are compared within the stage. */
export interface StagePool {
  readonly pool: string;
  readonly weight: number;
}

export function isNested(stage: Stage): stage is Extract<Stage, { policy: string }> {
  return typeof stage === 'object' && 'policy' in stage;
}

/** In the order of the configuration; weighted ones by name, an order that does not depend on how it was stored. */
export function stagePools(stage: PoolStage): readonly StagePool[] {
  if (typeof stage === 'string') return [{ pool: stage, weight: 1 }];
  if ('weighted' in stage) {
    return Object.entries(stage.weighted)
      .map(([pool, weight]) => ({ pool, weight }))
      .toSorted((a, b) => (a.pool < b.pool ? -1 : 1));
  }
  const names = 'nearest' in stage ? stage.nearest : stage.fastest;
  return names.map((pool) => ({ pool, weight: 1 }));
}

export interface StageTools {
  readonly standings: ReadonlyMap<string, PoolStanding>;
  /** What the pool leads to; undefined: it may not serve. */
  readonly leafOf: (pool: PoolStanding) => Choice | undefined;
  /** What a weight of a `weighted` stage is multiplied by. */
  readonly factorOf: (pool: string) => number;
}

/** Undefined: none of its pools may serve. */
export function chooseStage(
  stage: PoolStage,
  { standings, leafOf, factorOf }: StageTools,
): Choice | undefined {
  const able = stagePools(stage).flatMap(({ pool: name, weight }) => {
    const pool = standings.get(name)!;
    const choice = leafOf(pool);
    return choice === undefined ? [] : [{ pool, weight, choice }];
  });
  // One pool needs no choice, and must be the same branch as the pool by itself.
  if (able.length <= 1) return able[0]?.choice;
  if (typeof stage === 'string') return able[0]!.choice;
  if ('nearest' in stage) {
    const of = able.map(({ pool, choice }) => ({
      choice,
      pool,
      stretch: stretchOf(stage.bias?.[pool.pool]),
    }));
    return { kind: 'nearest', of };
  }
  if ('fastest' in stage) return { kind: 'fastest', of: able, slack: stage.slack };
  const weighted = able.filter(({ weight }) => weight > 0);
  const counting = weighted.length > 0 ? weighted : able;
  if (counting.length === 1) return counting[0]!.choice;
  const weights = corrected(
    counting.map(({ weight }) => Math.max(1, weight)),
    counting.map(({ pool }) => factorOf(pool.pool)),
  );
  return {
    kind: 'weighted',
    of: counting.map(({ pool, choice }, index) => ({ choice, weight: weights[index]!, key: pool.pool })),
  };
}

/** Route 53: distance x (1 - bias/100) for a bias of 1 to 99, / (1 + bias/100) for one of -1 to -99. */
export function stretchOf(bias = 0): number {
  return bias >= 0 ? 1 - bias / 100 : 1 / (1 + bias / 100);
}

/** Parts in which corrected weights are given: weights are whole numbers. */
const FINER = 1_000;

/** Weights times factors; as they were when no factor changes anything. */
export function corrected(weights: readonly number[], factors: readonly number[]): readonly number[] {
  if (factors.every((factor) => factor === 1)) return weights;
  return weights.map((weight, index) =>
    weight === 0 ? 0 : Math.max(1, Math.round(weight * FINER * factors[index]!)),
  );
}
