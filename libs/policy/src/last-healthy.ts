/**
 * Who was up last, for `all_down: last_healthy`: when everything seems down, those whom checks lost last are the
 * likeliest to live. Pure; decided by when verdicts changed, so that every controller says the same.
 */
import type { MemberStanding, PoolStanding } from './pool-standing.ts';

/** Those that went down within this time before the very last one went together with it. */
export const TOGETHER_MS = 30_000;

/**
 * The first pool with a member that was up last, with those of its members alone as the ones that serve though they
 * are down. Undefined: nobody was ever up, or all are withdrawn.
 */
export function lastHealthy(pools: readonly PoolStanding[]): PoolStanding | undefined {
  const lost = pools.flatMap(({ servingThoughDown }) => servingThoughDown.map(lostAtMs));
  const last = Math.max(...lost);
  if (!Number.isFinite(last)) return undefined;
  for (const pool of pools) {
    const servingThoughDown = pool.servingThoughDown.filter(
      (member) => lostAtMs(member) >= last - TOGETHER_MS,
    );
    if (servingThoughDown.length > 0) return { ...pool, servingThoughDown };
  }
  return undefined;
}

function lostAtMs({ state, changedMs, override }: MemberStanding): number {
  return state === 'down' && override === undefined ? (changedMs ?? -Infinity) : -Infinity;
}
