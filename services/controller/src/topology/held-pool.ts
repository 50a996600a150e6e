/** Names of pools that a held policy keeps, beside those of the configuration that is applied. Pure. */
import type { Configuration } from '@signpost/contracts/configuration';

/** No pool of a configuration has a dot in its name. */
export function heldPool(policy: string, pool: string): string {
  return `held.${policy}.${pool}`;
}

export function heldPoolsOf(policy: string, { pools }: Configuration): readonly string[] {
  return Object.keys(pools).filter((name) => name.startsWith(heldPool(policy, '')));
}

/** What matches of overrides find targets by: a pool has the members that it has, and those that are held in it. */
export function matchable({ targets, pools }: Configuration): Pick<Configuration, 'targets' | 'pools'> {
  const merged: Record<string, Configuration['pools'][string]> = {};
  for (const [name, pool] of Object.entries(pools)) {
    const base = name.slice(name.lastIndexOf('.') + 1);
    const known = Object.hasOwn(merged, base) ? merged[base] : undefined;
    merged[base] = known === undefined ? pool : { ...known, members: [...known.members, ...pool.members] };
  }
  return { targets, pools: merged };
}
