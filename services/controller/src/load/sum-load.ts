/**
 * The load of a pool: the sum of its targets', as far as each is known. Pure. A target that is down or only stands by
 * carries nothing unless it says so; silence of any other makes the whole sum unknown, never smaller.
 */
import type { MemberStanding } from '@signpost/policy/pool-standing';

import { FRESH_FOR_MS } from './load-settings.ts';
import type { HeardLoad } from './pool-load.ts';

export type LoadSum =
  | { readonly known: true; readonly sum: number }
  /** Targets that are silent, in the order of the pool. */
  | { readonly known: false; readonly silent: readonly string[] };

export function sumLoad(
  members: readonly Pick<MemberStanding, 'target' | 'weight' | 'state'>[],
  heard: ReadonlyMap<string, HeardLoad>,
  nowMs: number,
): LoadSum {
  const standbyOnly = members.every(({ weight }) => weight === 0);
  const silent: string[] = [];
  let sum = 0;
  for (const { target, weight, state } of members) {
    const load = heard.get(target);
    if (load !== undefined && nowMs - load.heardAtMs <= FRESH_FOR_MS) sum += load.load;
    else if (state !== 'down' && (weight > 0 || standbyOnly)) silent.push(target);
  }
  return silent.length === 0 ? { known: true, sum } : { known: false, silent };
}
