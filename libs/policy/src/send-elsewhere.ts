/**
 * Clients that a pool does not keep: those above its load, those of a pool that is down, and the few that keep a
 * standby warm. Each becomes a weighted choice that the client's prefix decides, so that nobody is tossed about.
 * Pure. The keys name both ends: they must not be those of another choice on the way to it.
 */
import type { Choice } from './choice.ts';
import type { LoadView } from './load-view.ts';

/** Weights are whole numbers. */
const PARTS = 10_000;

/** What other pools of the rule lead to, by name. */
export type Others = ReadonlyMap<string, Choice>;

/** `choice` as it is when the pool keeps everybody or nobody else has room. */
export function shed(pool: string, choice: Choice, others: Others, load: LoadView): Choice {
  const keep = load.keepOf(pool);
  if (keep >= 1) return choice;
  const rest = shareOut(pool, 1 - keep, others, load);
  if (rest.length === 0) return choice;
  const own = Math.round(keep * PARTS);
  return own === 0 ? joined(rest) : joined([{ choice, weight: own, key: `${pool}>${pool}` }, ...rest]);
}

/** Where everybody of the pool goes that is down; undefined: nothing is known of room, or nobody has any. */
export function spill(pool: string, others: Others, load: LoadView): Choice | undefined {
  const rest = shareOut(pool, 1, others, load);
  return rest.length === 0 ? undefined : joined(rest);
}

/** A share of the clients goes to the next stage. */
export function trickle(share: number | undefined, choice: Choice, next: Choice | undefined): Choice {
  if (share === undefined || next === undefined) return choice;
  const weight = Math.round(share * PARTS);
  if (weight === 0) return choice;
  if (weight === PARTS) return next;
  return joined([
    { choice, weight: PARTS - weight, key: 'trickle>stays' },
    { choice: next, weight, key: 'trickle>next' },
  ]);
}

type Part = Extract<Choice, { kind: 'weighted' }>['of'][number];

function shareOut(pool: string, share: number, others: Others, load: LoadView): readonly Part[] {
  const room = load.roomBeside(pool);
  if (room === undefined) return [];
  const able = [...others].flatMap(([name, choice]) => {
    const weight = name === pool ? 0 : (room.get(name) ?? 0);
    return weight > 0 ? [{ name, choice, weight }] : [];
  });
  let total = 0;
  for (const { weight } of able) total += weight;
  return able.map(({ name, choice, weight }) => ({
    choice,
    weight: Math.max(1, Math.round((share * PARTS * weight) / total)),
    key: `${pool}>${name}`,
  }));
}

function joined(of: readonly Part[]): Choice {
  return of.length === 1 ? of[0]!.choice : { kind: 'weighted', of };
}
