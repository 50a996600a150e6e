/**
 * Steering by load against a population of caches, for tests: pools that push what they carry every 5 s, with noise,
 * and a leader that looks at each push. Everything is pure, so hours pass in milliseconds.
 */
import type { LoadLimits } from '@signpost/contracts/policy-configuration';
import { NO_OVERRIDES } from '@signpost/policy/override-view';

import { evolveLoad } from '../load/evolve-load.ts';
import type { LoadPool, LoadPools } from '../load/load-pools.ts';
import { loadView } from '../load/load-view.ts';
import { NO_LOAD_STATE, type HeardLoad, type LoadState } from '../load/pool-load.ts';
import { createCachePopulation, type CachePopulation } from './cache-population.ts';

export interface SimulatedPool {
  readonly limits: LoadLimits;
  /** Load that all its own clients bring. */
  readonly demand: number;
}

export interface LoadSimulationOptions {
  readonly pools: Readonly<Record<string, SimulatedPool>>;
  readonly ttlMs: number;
  /** What caches make of the TTL: 1 honours it. */
  readonly stretch?: number;
  /** 0.05: what is pushed is up to 5 % off. */
  readonly noise?: number;
  readonly resolversPerPool?: number;
  readonly draw: () => number;
}

/** As all pools are at one time. */
export interface LoadSample {
  readonly atMs: number;
  readonly load: ReadonlyMap<string, number>;
  readonly keep: ReadonlyMap<string, number>;
}

export interface LoadSimulation {
  readonly caches: CachePopulation;
  readonly samples: readonly LoadSample[];
  state(): LoadState;
  setDown(pool: string, down: boolean): void;
  setSilent(pool: string, silent: boolean): void;
  run(ms: number): void;
}

const PUSH_EVERY_MS = 5_000;

export function simulateLoad(options: LoadSimulationOptions): LoadSimulation {
  const { ttlMs, stretch = 1, noise = 0, resolversPerPool = 400, draw } = options;
  const demand = Object.fromEntries(Object.entries(options.pools).map(([name, pool]) => [name, pool.demand]));
  const caches = createCachePopulation({ demand, ttlMs: ttlMs * stretch, resolversPerPool, draw });
  const loadPools = loadPoolsOfSimulation(options);
  const targets = Object.fromEntries(
    Object.keys(demand).map((name) => [name, { status: 'obey' as const, a: '192.0.2.1' }]),
  );
  const down = new Set<string>();
  const silent = new Set<string>();
  const heard = new Map<string, HeardLoad>();
  const samples: LoadSample[] = [];
  let state = NO_LOAD_STATE;
  let nowMs = 0;
  const isUp = (pool: string) => !down.has(pool);
  const step = () => {
    nowMs += PUSH_EVERY_MS;
    caches.ask(nowMs, loadView(state.steering), isUp);
    const load = caches.loads();
    for (const [pool, carried] of load) {
      if (silent.has(pool)) continue;
      heard.set(pool, { load: carried * (1 + noise * (2 * draw() - 1)), heardAtMs: nowMs });
    }
    state = evolveLoad(state, {
      loadPools,
      targets,
      heard,
      health: (_monitor, target) => {
        const health = isUp(target) ? ('up' as const) : ('down' as const);
        return { state: health, ipv4: health, ipv6: health, reason: 'simulated' };
      },
      overrides: NO_OVERRIDES,
      stored: new Map(),
      deciding: true,
      urgent: false,
      hearingSinceMs: 0,
      nowMs,
    });
    samples.push({
      atMs: nowMs,
      load,
      keep: new Map([...state.pools].map(([name, { keep }]) => [name, keep])),
    });
  };
  return {
    caches,
    samples,
    state: () => state,
    setDown: (pool, isDown) => put(down, pool, isDown),
    setSilent: (pool, isSilent) => put(silent, pool, isSilent),
    run: (ms) => {
      for (let left = ms; left > 0; left -= PUSH_EVERY_MS) step();
    },
  };
}

function put(set: Set<string>, pool: string, isIn: boolean): void {
  if (isIn) set.add(pool);
  else set.delete(pool);
}

function loadPoolsOfSimulation({ pools, ttlMs }: LoadSimulationOptions): LoadPools {
  const names = Object.keys(pools).toSorted();
  return new Map(
    names.map((name): [string, LoadPool] => [
      name,
      {
        name,
        pool: { monitor: 'simulated', members: [{ target: name, weight: 1 }], load: pools[name]!.limits },
        limits: pools[name]!.limits,
        beside: names.filter((other) => other !== name),
        ttlMs,
      },
    ]),
  );
}
