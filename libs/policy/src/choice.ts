/**
 * What a rule ends in: a small tree whose leaves are pools. Health has decided who is in it; where it has several
 * leaves, the client decides. Data alone; `plan-branches.ts` writes it down as the branches of a record set.
 */
import type { Within } from '@signpost/contracts/policy-configuration';
import type { AnswerGroup } from '@signpost/contracts/record-set';

import type { PoolStanding } from './pool-standing.ts';

export interface PoolChoice {
  readonly kind: 'pool';
  readonly pool: PoolStanding;
  /** Of the policy that chose the pool. */
  readonly within: Within;
  readonly standing: AnswerGroup['standing'];
}

export interface WeightedChoice {
  readonly kind: 'weighted';
  readonly of: readonly { readonly choice: Choice; readonly weight: number; readonly key: string }[];
}

export interface NearestChoice {
  readonly kind: 'nearest';
  /** `stretch`: what bias makes of a distance. */
  readonly of: readonly { readonly choice: Choice; readonly pool: PoolStanding; readonly stretch: number }[];
}

export interface FastestChoice {
  readonly kind: 'fastest';
  readonly of: readonly { readonly choice: Choice; readonly pool: PoolStanding }[];
  readonly slack: { readonly ms: number; readonly share: number };
}

export type Choice = PoolChoice | WeightedChoice | NearestChoice | FastestChoice;

/** Whether health decided who serves; else all were down, and `all_down` decided. */
export function goesByHealth(standing: AnswerGroup['standing']): standing is 'healthy' | 'last_resort' {
  return standing === 'healthy' || standing === 'last_resort';
}

/** Its leaves, each as often as it is one. */
export function leavesOf(choice: Choice): readonly PoolChoice[] {
  return choice.kind === 'pool' ? [choice] : choice.of.flatMap(({ choice: part }) => leavesOf(part));
}
