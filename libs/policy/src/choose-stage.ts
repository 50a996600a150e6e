/**
 * Walks `try` of a rule and chooses the stage that serves: the first that is healthy enough, else the last
 * resort, else what `all_down` says.
 * Pure. Decided by the overall state of targets, never by family, so that every type gets the same pools.
 */
import type { Stage } from '@signpost/contracts/policy-configuration';
import type { AnswerGroup } from '@signpost/contracts/record-set';

import { describePool, type PoolStanding } from './pool-standing.ts';

/** A pool that a stage may choose; weights are compared within the stage. */
export interface StagePool {
  readonly pool: string;
  readonly weight: number;
}

export interface StageChoice {
  /** Index into `try`; undefined: no stage serves, the answer is NODATA. */
  readonly stage: number | undefined;
  readonly standing: AnswerGroup['standing'];
  /** At least one. Several: the client's prefix draws among them. For `nodata`, the first pool tried. */
  readonly pools: readonly StagePool[];
  /** One per stage, in words. */
  readonly reasons: readonly string[];
}

type Standings = ReadonlyMap<string, PoolStanding>;

export function chooseStage(
  stages: readonly Stage[],
  standings: Standings,
  allDown: 'fail_open' | 'nodata',
): StageChoice {
  const healthy = firstStage(stages, standings, (pool) => pool.healthyEnough);
  if (healthy !== undefined) return chosen('healthy', healthy, stages, standings);
  const lastResort = firstStage(stages, standings, (pool) => pool.serving.length > 0);
  if (lastResort !== undefined) return chosen('last_resort', lastResort, stages, standings);
  const failOpen =
    allDown === 'fail_open'
      ? firstStage(stages, standings, (pool) => pool.servingThoughDown.length > 0)
      : undefined;
  if (failOpen !== undefined) return chosen('fail_open', failOpen, stages, standings);
  return {
    stage: undefined,
    standing: 'nodata',
    pools: [{ pool: stagePools(stages[0]!)[0]!.pool, weight: 1 }],
    reasons: stages.map((stage) => `${describeStage(stage, standings)}; all_down is ${allDown}`),
  };
}

/** The pools of a stage, by name: an order that does not depend on how the configuration was stored. */
export function stagePools(stage: Stage): readonly StagePool[] {
  if (typeof stage === 'string') return [{ pool: stage, weight: 1 }];
  return Object.entries(stage.weighted)
    .map(([pool, weight]) => ({ pool, weight }))
    .toSorted((a, b) => (a.pool < b.pool ? -1 : 1));
}

interface FoundStage {
  readonly stage: number;
  readonly pools: readonly StagePool[];
}

function firstStage(
  stages: readonly Stage[],
  standings: Standings,
  mayServe: (pool: PoolStanding) => boolean,
): FoundStage | undefined {
  for (const [index, stage] of stages.entries()) {
    const able = stagePools(stage).filter(({ pool }) => mayServe(standings.get(pool)!));
    const weighted = able.filter(({ weight }) => weight > 0);
    const pools = weighted.length > 0 ? weighted : able;
    // One pool needs no draw, whatever its weight, and must be the same branch as the pool by itself.
    if (pools.length === 1) return { stage: index, pools: [{ pool: pools[0]!.pool, weight: 1 }] };
    if (pools.length > 1) return { stage: index, pools };
  }
  return undefined;
}

function chosen(
  standing: 'healthy' | 'last_resort' | 'fail_open',
  found: FoundStage,
  stages: readonly Stage[],
  standings: Standings,
): StageChoice {
  const reasons = stages.map((stage, index) => {
    if (index > found.stage && standing === 'healthy') return 'a stage before serves';
    const pools = describeStage(stage, standings);
    return index === found.stage ? `${pools}${WHY_TAKEN[standing]}` : pools;
  });
  return { ...found, standing, reasons };
}

const WHY_TAKEN = {
  healthy: '',
  last_resort: '; no stage is healthy enough, and this is the first with a target that is not down',
  fail_open: '; every pool is down, and all_down is fail_open',
} as const;

function describeStage(stage: Stage, standings: Standings): string {
  return stagePools(stage)
    .map(({ pool, weight }) => describePool(standings.get(pool)!) + (weight === 0 ? ', weight 0' : ''))
    .join('; ');
}
