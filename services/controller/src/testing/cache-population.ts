/**
 * A population of caching resolvers in front of pools, for tests of steering by load: each has a home pool and a
 * share of its clients (heavy-tailed), asks again when its answer's TTL has ended, and is answered as a record set
 * would: its home as long as the pool is up and keeps it, by hash, else another pool by room. Discrete time.
 */
import type { LoadView } from '@signpost/policy/load-view';

export interface CachePopulationOptions {
  /** By home pool: load of all its clients together. */
  readonly demand: Readonly<Record<string, number>>;
  readonly ttlMs: number;
  readonly resolversPerPool: number;
  /** Uniform in [0, 1). */
  readonly draw: () => number;
}

interface Resolver {
  readonly home: string;
  readonly share: number;
  /** Where among all clients its prefix falls: what is kept is kept below `keep`. */
  readonly hash: number;
  readonly otherHash: number;
  pool: string;
  untilMs: number;
}

export interface CachePopulation {
  /** By home pool; may be changed at any time, and shows at once. */
  readonly demand: Record<string, number>;
  /** Asks again for what has ended by then. */
  ask(nowMs: number, view: LoadView, isUp: (pool: string) => boolean): void;
  /** By pool: what its clients bring now. */
  loads(): Map<string, number>;
}

export function createCachePopulation(options: CachePopulationOptions): CachePopulation {
  const { ttlMs } = options;
  const demand = { ...options.demand };
  const resolvers = Object.keys(demand).flatMap((home) => resolversOf(home, options));
  return {
    demand,
    ask: (nowMs, view, isUp) => {
      for (const resolver of resolvers) {
        if (resolver.untilMs > nowMs) continue;
        resolver.pool = answer(resolver, view, isUp);
        resolver.untilMs = nowMs + ttlMs;
      }
    },
    loads: () => {
      const loads = new Map(Object.keys(demand).map((pool) => [pool, 0]));
      for (const { home, pool, share } of resolvers) {
        loads.set(pool, loads.get(pool)! + share * demand[home]!);
      }
      return loads;
    },
  };
}

function resolversOf(home: string, { resolversPerPool, ttlMs, draw }: CachePopulationOptions): Resolver[] {
  // Pareto with its tail cut: the largest of some hundred has several percent of all.
  const sizes = Array.from({ length: resolversPerPool }, () => Math.min(30, (1 - draw()) ** -0.8));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return sizes.map((size) => ({
    home,
    share: size / total,
    hash: draw(),
    otherHash: draw(),
    pool: home,
    untilMs: draw() * ttlMs,
  }));
}

function answer(
  { home, hash, otherHash }: Resolver,
  view: LoadView,
  isUp: (pool: string) => boolean,
): string {
  if (isUp(home) && hash < view.keepOf(home)) return home;
  const others = [...(view.roomBeside(home) ?? [])].filter(([pool]) => isUp(pool));
  const total = others.reduce((sum, [, weight]) => sum + weight, 0);
  let left = otherHash * total;
  for (const [pool, weight] of others) {
    left -= weight;
    if (left < 0) return pool;
  }
  return home;
}
