/**
 * How much each target carries of a policy, by the weights of its pools, and what of that a change of the
 * configuration takes away. Pure; must not know health.
 */
import { poolsOf } from '@signpost/config/check-policies';
import type { Configuration } from '@signpost/contracts/configuration';
import type { PoolConfiguration } from '@signpost/contracts/policy-configuration';

export interface Capacity {
  /** The sum of the weights of all members. */
  readonly total: number;
  /** By target: the sum of its weights, 0 when it is withdrawn (`status: down`). */
  readonly weights: ReadonlyMap<string, number>;
}

/** By target: the share of the capacity that goes. */
export type Losses = ReadonlyMap<string, number>;

/** Rounding must not make a removal of exactly the limit too large. */
export const TOLERANCE = 1e-9;

export function capacityOf(configuration: Configuration, policy: string): Capacity {
  const members = poolsOfPolicy(configuration, policy).flatMap(([, pool]) => pool.members);
  const standbyOnly = members.every(({ weight }) => weight === 0);
  const weights = new Map<string, number>();
  let total = 0;
  for (const { target, weight } of members) {
    const counted = standbyOnly ? 1 : weight;
    total += counted;
    const carried = configuration.targets[target]?.status === 'down' ? 0 : counted;
    weights.set(target, (weights.get(target) ?? 0) + carried);
  }
  return { total, weights };
}

/** Pools that a policy may choose, each once. */
export function poolsOfPolicy(
  { policies, pools }: Configuration,
  policy: string,
): [name: string, pool: PoolConfiguration][] {
  const chosen = Object.hasOwn(policies, policy) ? poolsOf(policies[policy]!, policies) : [];
  return [...new Set(chosen)].flatMap((name) => {
    const pool = Object.hasOwn(pools, name) ? pools[name] : undefined;
    return pool === undefined ? [] : [[name, pool] as [string, PoolConfiguration]];
  });
}

/**
 * Of the targets that serve, what each loses. Neither other units (80 and 20 become 8 and 2) nor new members beside
 * it take anything away from a target: its weight and its part of the whole must both be less.
 */
export function lossesOf(before: Capacity, after: Capacity, gone: ReadonlySet<string>): Losses {
  const losses = new Map<string, number>();
  for (const [target, weight] of before.weights) {
    if (gone.has(target)) continue;
    const left = after.weights.get(target) ?? 0;
    const loss = Math.min((weight - left) / before.total, weight / before.total - left / after.total);
    if (loss > TOLERANCE) losses.set(target, Math.min(1, loss));
  }
  return losses;
}

export function shareOf({ total, weights }: Capacity, target: string): number {
  return (weights.get(target) ?? 0) / total;
}

export function sumOf(shares: Iterable<number>): number {
  let sum = 0;
  for (const share of shares) sum += share;
  return Math.min(1, sum);
}
