/**
 * Who is next in line behind a pool, for answers that name a second one: HTTPS, MX, SRV. Beside it in its own choice
 * the best other pool, else the first of the next stage that is healthy; never one that no rule of the client leads to.
 *
 *   weighted  the heaviest other        nearest  the one nearest to that pool
 *   fastest   the next one listed       none     what the rule would come to, if this stage had nothing
 *
 * Pure; decided when a policy is compiled, not for each client.
 */
import type { Point } from '@signpost/contracts/record-set';

import type { Choice, PoolChoice } from './choice.ts';
import { nearestAngle, unitVectors } from './distance.ts';
import type { Outcome } from './plan-rule.ts';
import { placesOf, type PoolStanding } from './pool-standing.ts';

export type NextInLine = (pool: PoolStanding) => PoolChoice | undefined;

export const NOBODY_IN_LINE: NextInLine = () => undefined;

/** Behind all pools of an outcome. Where the client's own rules would decide who comes then, nobody is. */
export function behind({ standing, beyond }: Outcome): NextInLine {
  if (standing !== 'healthy' && standing !== 'last_resort') return NOBODY_IN_LINE;
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

/** Its parts but for the one at `index`, best first. */
function othersOf(choice: Choice, index: number, pool: PoolStanding): readonly Choice[] {
  switch (choice.kind) {
    case 'pool':
      return [];
    case 'weighted':
      return without(choice.of, index)
        .toSorted((a, b) => b.weight - a.weight)
        .map((part) => part.choice);
    case 'nearest': {
      const from = pointsOf(pool);
      return without(choice.of, index)
        .map((part) => ({ part, angle: angleBetween(from, pointsOf(part.pool)) }))
        .toSorted((a, b) => a.angle - b.angle)
        .map(({ part }) => part.choice);
    }
    case 'fastest':
      return [...choice.of.slice(index + 1), ...choice.of.slice(0, Math.max(0, index))].map(
        (part) => part.choice,
      );
    default:
      throw new TypeError(`unhandled choice ${JSON.stringify(choice satisfies never)}`);
  }
}

function without<Part>(parts: readonly Part[], index: number): readonly Part[] {
  return parts.filter((_, at) => at !== index);
}

function pointsOf(pool: PoolStanding): readonly Point[] {
  return placesOf(pool).flatMap(({ configuration: { at } }): Point[] => (at === undefined ? [] : [at]));
}

/** Of the two points that are nearest to each other; as far as can be where a pool has none. */
function angleBetween(some: readonly Point[], others: readonly Point[]): number {
  const vectors = unitVectors(others);
  const angles = some.map((point) => nearestAngle(vectors, 0, others.length, unitVectors([point])));
  return Math.min(Math.PI, ...angles);
}
