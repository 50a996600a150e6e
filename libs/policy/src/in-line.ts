/**
 * Who is next in line behind a pool, for answers that name a second one: HTTPS, MX, SRV. Beside it in its own choice
 * the best other pool, else the first of the next stage that is healthy; never one that no rule of the client leads to.
 *
 *   weighted  the heaviest other        nearest  the one nearest to that pool
 *   fastest   the next one listed       none     what the rule would come to, if this stage had nothing
 *
 * Pure; decided when a policy is compiled, not for each client.
 */
import { type Choice, goesByHealth, type PoolChoice } from './choice.ts';
import { nearestAngle, unitVectors } from './distance.ts';
import type { Outcome } from './plan-rule.ts';
import { placesOf, type PoolStanding } from './pool-standing.ts';

export type NextInLine = (pool: PoolStanding) => PoolChoice | undefined;

export const NOBODY_IN_LINE: NextInLine = () => undefined;

/** Behind all pools of an outcome. Where the client's own rules would decide who comes then, nobody is. */
export function behind({ standing, beyond }: Outcome): NextInLine {
  if (!goesByHealth(standing)) return NOBODY_IN_LINE;
  let next: readonly Outcome[] | undefined;
  return (pool) => {
    next ??= beyond?.() ?? [];
    const [then] = next;
    return next.length !== 1 || then!.standing !== standing ? undefined : firstOf(then!.choice, pool);
  };
}

/** Behind the pools of one part of a choice: the other parts, then those beyond. */
export function besideIn(choice: Choice, index: number, beyond: NextInLine): NextInLine {
  return (pool) => {
    for (const other of othersOf(choice, index, pool)) {
      const found = firstOf(other, pool);
      if (found !== undefined) return found;
    }
    return beyond(pool);
  };
}

function firstOf(choice: Choice, pool: PoolStanding): PoolChoice | undefined {
  if (choice.kind === 'pool') {
    return choice.pool.pool === pool.pool || choice.pool.serving.length === 0 ? undefined : choice;
  }
  for (const part of othersOf(choice, -1, pool)) {
    const found = firstOf(part, pool);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Its parts but for the one at `index`, best first; each only when it is asked for, since mostly the first will do. */
function* othersOf(choice: Choice, index: number, pool: PoolStanding): Generator<Choice> {
  switch (choice.kind) {
    case 'pool':
      return;
    case 'weighted':
      yield* bestFirst(
        choice.of,
        choice.of.map(({ weight }) => -weight),
        index,
      );
      return;
    case 'nearest': {
      const from = vectorsOf(pool);
      yield* bestFirst(
        choice.of,
        choice.of.map((part) => angleBetween(from, vectorsOf(part.pool))),
        index,
      );
      return;
    }
    case 'fastest':
      for (let step = 1; step <= choice.of.length; step += 1) {
        const at = index < 0 ? step - 1 : (index + step) % choice.of.length;
        if (at !== index) yield choice.of[at]!.choice;
      }
      return;
    default:
      throw new TypeError(`unhandled choice ${JSON.stringify(choice satisfies never)}`);
  }
}

/** By ascending cost, equal ones in their order. */
function* bestFirst(
  parts: readonly { readonly choice: Choice }[],
  costs: number[],
  without: number,
): Generator<Choice> {
  if (without >= 0) costs[without] = Number.POSITIVE_INFINITY;
  for (;;) {
    let best = -1;
    for (let at = 0; at < costs.length; at += 1) {
      if (costs[at]! < (best < 0 ? Number.POSITIVE_INFINITY : costs[best]!)) best = at;
    }
    if (best < 0) return;
    costs[best] = Number.POSITIVE_INFINITY;
    yield parts[best]!.choice;
  }
}

/** Of standings, which never change: each pool is looked at from every other. */
const knownVectors = new WeakMap<PoolStanding, Float64Array>();

function vectorsOf(pool: PoolStanding): Float64Array {
  let vectors = knownVectors.get(pool);
  if (vectors === undefined) {
    vectors = unitVectors(
      placesOf(pool).flatMap(({ configuration: { at } }) => (at === undefined ? [] : [at])),
    );
    knownVectors.set(pool, vectors);
  }
  return vectors;
}

/** Of the two points that are nearest to each other; as far as can be where a pool has none. */
function angleBetween(some: Float64Array, others: Float64Array): number {
  let least = Math.PI;
  for (let at = 0; at < some.length; at += 3) {
    const angle = nearestAngle(others, 0, others.length / 3, some.subarray(at, at + 3));
    if (angle < least) least = angle;
  }
  return least;
}
