/**
 * Load: pools that are to be shed, or spilled by room, and nobody beside them whose room is known. No mistake, since
 * clients go where they would without it; but hardly what was meant.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { PolicyRule } from '@signpost/contracts/policy-configuration';

import type { ReadableParts } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

export function loadWarnings({ nouns }: ReadableParts): ReferenceMistake[] {
  return [...shedNowhere(nouns), ...spillBlindly(nouns)];
}

/**
 * By pool: the others with `load`, by name, that stand in a rule with it, so that they may take its clients. Pools that
 * have no `load` themselves are there when such a one stands beside them.
 */
export function poolsBeside({
  pools,
  policies,
}: Pick<Configuration, 'pools' | 'policies'>): ReadonlyMap<string, readonly string[]> {
  const isLimited = (name: string) => Object.hasOwn(pools, name) && pools[name]?.load !== undefined;
  const beside = new Map(
    Object.keys(pools)
      .filter(isLimited)
      .map((name) => [name, new Set<string>()]),
  );
  for (const { rules } of Object.values(policies)) {
    for (const rule of rules) {
      const chosen = poolsOfRule(rule).filter((name) => Object.hasOwn(pools, name));
      const limited = chosen.filter(isLimited);
      if (limited.length === 0) continue;
      for (const name of chosen) {
        const others = beside.get(name) ?? new Set();
        for (const other of limited) if (other !== name) others.add(other);
        if (others.size > 0) beside.set(name, others);
      }
    }
  }
  return new Map([...beside].map(([name, others]) => [name, [...others].toSorted()]));
}

/** Those of nested policies are in rules of their own. */
function poolsOfRule(rule: PolicyRule): string[] {
  const pools = rule.try.flatMap((stage) => {
    if (typeof stage === 'string') return [stage];
    if ('policy' in stage) return [];
    if ('weighted' in stage) return Object.keys(stage.weighted);
    return 'nearest' in stage ? stage.nearest : stage.fastest;
  });
  return [...new Set(pools)];
}

function shedNowhere(nouns: ReadableParts['nouns']): ReferenceMistake[] {
  const beside = poolsBeside(nouns);
  return Object.keys(nouns.pools).flatMap((name) => {
    if (nouns.pools[name]?.load === undefined || (beside.get(name)?.length ?? 0) > 0) return [];
    const message =
      'it keeps all its clients whatever its load, since in no rule there is another pool with load beside it; write load there too';
    return [{ path: ['pools', name, 'load'], message, atKey: true as const }];
  });
}

function spillBlindly(nouns: ReadableParts['nouns']): ReferenceMistake[] {
  return Object.entries(nouns.policies).flatMap(([name, { spill, rules }]) => {
    if (spill !== 'headroom') return [];
    const known = rules.flatMap(poolsOfRule).some((pool) => nouns.pools[pool]?.load !== undefined);
    if (known) return [];
    const message =
      'none of its pools has load: { soft, hard }, so nobody knows where there is room, and clients go to the next stage; write load in them, or leave spill out';
    return [{ path: ['policies', name, 'spill'], message }];
  });
}
