/**
 * Which share of its clients a pool is to keep. Pure.
 *
 * The rule is NS1's shed_load on clients: of a pool with load x the share (x - soft) / (hard - soft) goes elsewhere.
 * But x is what is left after shedding, and it shows only when caches have followed; to apply the rule to each
 * reading is to chase one's own tail. So the rule is solved instead: with the demand (what would come if all were
 * kept) the share k to keep is the one at which a load of k x demand sheds 1 - k,
 *
 *   1 - k  =  over(k x demand)  -  over(load elsewhere + (effective - k) x demand),   over(x) = (x - soft) / (hard - soft)
 *
 * at least 0. The second term, which is 0 as long as the pools beside it have room below their soft targets, is the
 * same measure for those who take the clients: pools that are overloaded alike keep their own. The load that is left
 * lies between soft and hard whatever the demand.
 */
import { LEAST_KEEP } from './load-settings.ts';

/** What a pool carries, or several together, and can carry. */
export interface Capacity {
  readonly load: number;
  readonly soft: number;
  readonly hard: number;
}

export interface Shedding {
  /** What would come if all were kept. */
  readonly demand: number;
  /** The share of clients that are here by now. */
  readonly effective: number;
  readonly soft: number;
  readonly hard: number;
  /** Of the pools that take the others, together. Undefined: not known, they have room. */
  readonly elsewhere: Capacity | undefined;
}

export function aimKeep(shedding: Shedding): number {
  if (excess(1, shedding) <= 0) return 1;
  let low = LEAST_KEEP;
  let high = 1;
  // The excess grows with the share that is kept; 20 halvings are finer than any share that is published.
  for (let i = 0; i < 20; i += 1) {
    const middle = (low + high) / 2;
    if (excess(middle, shedding) > 0) high = middle;
    else low = middle;
  }
  return high;
}

/** How much more the rule would shed than is shed when the share `keep` is kept. */
function excess(keep: number, { demand, effective, soft, hard, elsewhere }: Shedding): number {
  const here = overload({ load: keep * demand, soft, hard });
  const there =
    elsewhere === undefined
      ? 0
      : overload({ ...elsewhere, load: elsewhere.load + (effective - keep) * demand });
  return here - there - (1 - keep);
}

/** 0 up to soft, 1 at hard, and on beyond it. */
function overload({ load, soft, hard }: Capacity): number {
  return Math.max(0, (load - soft) / (hard - soft));
}
