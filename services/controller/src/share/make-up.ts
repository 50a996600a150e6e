/**
 * What clients are owed is made up for: (owed so far, wanted, seen) -> how answers are to be spread. An integral
 * controller: a target that had too many clients for a while gets as many too few, so that over some TTLs all have
 * what is wanted, though each answer is chance. What is not possible is not remembered. Pure.
 */
import { MOST_FACTOR } from './share-settings.ts';
import type { Spread } from './spread.ts';

/** By name: in shares of all clients times TTLs; above 0 it had too many. They add up to 0. */
export type Surplus = ReadonlyMap<string, number>;

export interface MadeUp {
  readonly surplus: Surplus;
  /** By name: what its weight is to be multiplied by. */
  readonly factors: ReadonlyMap<string, number>;
}

export interface MakeUpOptions {
  readonly wanted: Spread;
  readonly seen: Spread;
  /** How much of a TTL has passed. */
  readonly ttls: number;
  /** The part of what is owed that is made up for within a TTL. */
  readonly gain: number;
  /** While no share is off by more, nothing is owed. */
  readonly slack: number;
}

export function makeUp(before: Surplus, { wanted, seen, ttls, gain, slack }: MakeUpOptions): MadeUp {
  const off = (name: string, share: number) => (seen.get(name) ?? 0) - share;
  const isNear = [...wanted].every(([name, share]) => Math.abs(off(name, share)) <= slack);
  const aims = new Map(
    [...wanted].map(([name, share]) => {
      const surplus = (before.get(name) ?? 0) + (isNear ? 0 : off(name, share) * ttls);
      return [name, clamp(share - gain * surplus, share / MOST_FACTOR, share * MOST_FACTOR)] as const;
    }),
  );
  return ofAims(wanted, aims, gain);
}

/** As if these factors had come about by making up: for one who finds them published. */
export function madeUpBefore(wanted: Spread, given: Spread, gain: number): MadeUp {
  const aims = new Map(
    [...wanted].map(([name, share]) => [
      name,
      clamp(given.get(name) ?? share, share / MOST_FACTOR, share * MOST_FACTOR),
    ]),
  );
  return ofAims(wanted, aims, gain);
}

/** What is owed, by those that are left. */
export function amongThese(surplus: Surplus, wanted: Spread): Surplus {
  const kept = [...wanted.keys()].map((name) => [name, surplus.get(name) ?? 0] as const);
  const excess = kept.reduce((sum, [, amount]) => sum + amount, 0);
  return new Map(kept.map(([name, amount]) => [name, amount - excess * wanted.get(name)!]));
}

function ofAims(wanted: Spread, aims: ReadonlyMap<string, number>, gain: number): MadeUp {
  const total = [...aims.values()].reduce((sum, aim) => sum + aim, 0);
  const surplus = new Map<string, number>();
  const factors = new Map<string, number>();
  for (const [name, share] of wanted) {
    const aim = aims.get(name)! / total;
    surplus.set(name, (share - aim) / gain);
    factors.set(name, rounded(clamp(aim / share, 1 / MOST_FACTOR, MOST_FACTOR)));
  }
  return { surplus, factors };
}

/** Finer than anybody's weights; and 1 must be 1. */
function rounded(factor: number): number {
  return Math.round(factor * 1_000) / 1_000;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
