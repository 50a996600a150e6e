/**
 * Resolvers with caches and clients behind them, as weights of answers meet them: sizes are heavy-tailed (Pareto), each
 * asks again at the first client after its answer ran out. For tests only; chance comes from `draw`.
 */
import type { SeededDraw } from './seeded-draw.ts';

export interface Population {
  readonly resolvers: readonly Resolver[];
  /** Of all clients, the share of the largest resolver. */
  readonly largest: number;
}

export interface Resolver {
  /** IPv4, each in a /24 of its own. */
  readonly address: Uint8Array;
  /** Clients that ask it per second. */
  readonly rate: number;
  /** It keeps an answer at least so many seconds, whatever the TTL. */
  readonly keepsAtLeast: number;
  held: string | undefined;
  /** Seconds. */
  heldUntil: number;
  asksAt: number;
}

export interface PopulationOptions {
  readonly count: number;
  /** Of the Pareto distribution: the nearer to 1, the heavier the tail. */
  readonly alpha: number;
  /** Clients per second of a resolver, on average. */
  readonly meanRate: number;
  /** This share of the resolvers stretches TTLs below `to` seconds. */
  readonly stretch?: { readonly share: number; readonly to: number };
  readonly draw: SeededDraw;
}

export function resolverPopulation(options: PopulationOptions): Population {
  const { count, alpha, meanRate, stretch, draw } = options;
  const sizes = Array.from({ length: count }, () => (1 - draw()) ** (-1 / alpha));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const resolvers = sizes.map((size, i) => {
    const rate = (size / total) * count * meanRate;
    return {
      address: Uint8Array.of(10, i >> 8, i & 0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      rate,
      keepsAtLeast: draw() < (stretch?.share ?? 0) ? stretch!.to : 0,
      held: undefined,
      heldUntil: 0,
      asksAt: untilNext(rate, draw),
    };
  });
  return { resolvers, largest: Math.max(...sizes) / total };
}

export interface GivenTarget {
  readonly target: string;
  readonly ttlSeconds: number;
}

/** One second in which resolvers ask; returns the clients that each target has in it. */
export function passSecond(
  { resolvers }: Population,
  second: number,
  ask: (resolver: Resolver) => GivenTarget,
  draw: SeededDraw,
): ReadonlyMap<string, number> {
  const clients = new Map<string, number>();
  for (const resolver of resolvers) {
    while (resolver.asksAt < second + 1) {
      const { target, ttlSeconds } = ask(resolver);
      resolver.held = target;
      resolver.heldUntil = resolver.asksAt + Math.max(ttlSeconds, resolver.keepsAtLeast);
      resolver.asksAt = resolver.heldUntil + untilNext(resolver.rate, draw);
    }
    if (resolver.held === undefined || resolver.heldUntil <= second) continue;
    clients.set(resolver.held, (clients.get(resolver.held) ?? 0) + resolver.rate);
  }
  return clients;
}

/** Clients come at random. */
function untilNext(rate: number, draw: SeededDraw): number {
  return -Math.log(1 - draw()) / rate;
}
