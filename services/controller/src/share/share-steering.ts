/** What record sets are compiled with of all corrections, and how a policy asks for it. Pure. */
import type { ShareView } from '@signpost/policy/share-view';

import type { Keeps } from './bound-affinity.ts';
import type { Correction, Factors } from './correct-spread.ts';

export interface ShareSteering {
  /** By pool. */
  readonly targets: ReadonlyMap<string, Factors>;
  readonly keeps: ReadonlyMap<string, Keeps>;
  /** By policy, then by pool. */
  readonly pools: ReadonlyMap<string, Factors>;
}

export const EMPTY_STEERING: ShareSteering = { targets: new Map(), keeps: new Map(), pools: new Map() };

/** The same object as before as long as nothing else is published. */
export function steeringOf(
  pools: ReadonlyMap<string, Correction>,
  stages: readonly (readonly [policy: string, correction: Correction])[],
  before: ShareSteering,
): ShareSteering {
  const steering: ShareSteering = {
    targets: filled([...pools].map(([name, { publishedFactors }]) => [name, publishedFactors])),
    keeps: filled([...pools].map(([name, { publishedKeeps }]) => [name, publishedKeeps])),
    pools: filled(
      [...Map.groupBy(stages, ([policy]) => policy)].map(([policy, of]) => [
        policy,
        new Map(of.flatMap(([, { publishedFactors }]) => [...publishedFactors])),
      ]),
    ),
  };
  const parts = ['targets', 'keeps', 'pools'] as const;
  return parts.every((part) => isSame(steering[part], before[part])) ? before : steering;
}

/** A target's factor is that of its pool, whichever policy asks: its load cannot be told apart by policy either. */
export function shareView({ targets, keeps, pools }: ShareSteering): ShareView {
  return {
    factorOf: (_policy, pool, target) => targets.get(pool)?.get(target) ?? 1,
    poolFactorOf: (policy, pool) => pools.get(policy)?.get(pool) ?? 1,
    keepOf: (_policy, pool, target) => keeps.get(pool)?.get(target) ?? 1,
  };
}

/** In a few words for each pool and policy whose weights are not those of before, for events. */
export function whyShares(before: ShareSteering | undefined, after: ShareSteering): string[] {
  const { targets, keeps, pools } = before ?? EMPTY_STEERING;
  return [
    ...changed(targets, after.targets).map(
      (pool) => `clients: weights of the targets of pool ${pool} corrected`,
    ),
    ...changed(keeps, after.keeps).map((pool) => `clients: affinity of pool ${pool} bounded anew`),
    ...changed(pools, after.pools).map(
      (policy) => `clients: weights of the pools of policy ${policy} corrected`,
    ),
  ];
}

type Named = ReadonlyMap<string, ReadonlyMap<string, number>>;

function filled(entries: readonly (readonly [string, ReadonlyMap<string, number>])[]): Named {
  return new Map(entries.filter(([, values]) => values.size > 0));
}

/** Maps are replaced when what they hold changes. */
function isSame(a: Named, b: Named): boolean {
  return changed(a, b).length === 0;
}

function changed(a: Named, b: Named): string[] {
  return [...new Set([...a.keys(), ...b.keys()])].filter((name) => !sameValues(a.get(name), b.get(name)));
}

/** What is not named is as it would be by itself: 1. */
function sameValues(a = NONE, b = NONE): boolean {
  return [...new Set([...a.keys(), ...b.keys()])].every((name) => (a.get(name) ?? 1) === (b.get(name) ?? 1));
}

const NONE: ReadonlyMap<string, number> = new Map();
