/** Guards: assertions over pools that exist, and no more of them than there are. */
import type { ReadableParts } from './readable-parts.ts';
import { missingNoun, type ReferenceMistake } from './reference-mistake.ts';

export function checkGuards(parts: ReadableParts): ReferenceMistake[] {
  return (parts.guards?.assertions ?? []).flatMap(({ pools, at_least_up: needed }, index) => {
    const path = ['guards', 'assertions', index];
    const missing = pools.flatMap((pool, at) => missingNoun(parts, 'pools', pool, [...path, 'pools', at]));
    const count = new Set(pools).size;
    if (needed <= count) return missing;
    const message = `${needed} of ${count} pools can never be up; write at most ${count}`;
    return [...missing, { path: [...path, 'at_least_up'], message }];
  });
}
