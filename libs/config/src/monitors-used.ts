/** Which monitors pools need, also by way of calculated ones. Pure. */
import { childrenOf } from '@signpost/contracts/configuration';

import type { ReadableParts } from './readable-parts.ts';

/** Whether a pool is judged by the monitor, directly or through calculated ones. */
export function isUsed(monitor: string, parts: ReadableParts): boolean {
  const seen = new Set<string>();
  const reaches = (name: string | undefined): boolean => {
    if (name === undefined || seen.has(name)) return false;
    seen.add(name);
    return name === monitor || childMonitors(name, parts).some(reaches);
  };
  return Object.values(parts.nouns.pools).some((pool) => reaches(pool.monitor));
}

/** Those that a calculated monitor looks at; none for another, or one that could not be read. */
export function childMonitors(name: string, { nouns }: ReadableParts): readonly string[] {
  const monitor = Object.hasOwn(nouns.monitors, name) ? nouns.monitors[name] : undefined;
  return monitor?.type === 'calculated' ? childrenOf(monitor) : [];
}
