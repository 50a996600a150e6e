/**
 * Flap damping: (what is concluded, what was remembered, flips since, clock) -> what is answered. Pure.
 *
 * Each down and up again adds 1 to a penalty, which falls to half in `half_life`. From `suppress` on whatever is
 * down stays down, until the penalty is below `reuse`. It never exceeds what decays to `reuse` in MAX_HALF_LIVES,
 * so nothing is kept out longer than that after it last flapped.
 */
import type { DampingConfiguration } from '@signpost/contracts/configuration';
import { FAMILIES, type Family, type HealthState } from '@signpost/contracts/health';
import type { FamilyStates, Flaps } from '@signpost/contracts/verdict';

/** One change, down or up, is half of a flap. */
const PENALTY_PER_FLIP = 0.5;
export const MAX_HALF_LIVES = 4;

export interface Damped {
  readonly families: FamilyStates;
  readonly flaps: Flaps;
  /** Wall clock; absent: nothing is kept down. */
  readonly dampedUntilMs?: number;
}

export interface DampInput {
  readonly judged: FamilyStates;
  /** What was answered last, and what was remembered with it. */
  readonly last: { readonly families: FamilyStates; readonly flaps?: Flaps | undefined } | undefined;
  /** Changes between down and not down since. */
  readonly flips: number;
  readonly counted: Flaps['counted'];
  readonly settings: DampingConfiguration;
  readonly wallMs: number;
}

export function dampFlaps({ judged, last, flips, counted, settings, wallMs }: DampInput): Damped {
  const nowMs = Math.max(0, Math.floor(wallMs));
  const before = last?.flaps ?? { penalty: 0, atMs: 0, suppressing: false };
  const present = penaltyAt(before, settings, nowMs);
  const penalty = Math.min(highestPenalty(settings), present + Math.max(0, flips) * PENALTY_PER_FLIP);
  // What ended before these flips has ended, whether or not anybody looked then.
  const goesOn = before.suppressing && present >= settings.reuse;
  const suppressing = penalty >= (goesOn ? settings.reuse : settings.suppress);
  // Written anew only when it grows, or when the wall clock was set back: decay needs no writing.
  const moved = flips > 0 || nowMs < before.atMs;
  const basis = moved ? { penalty, atMs: nowMs } : { penalty: before.penalty, atMs: before.atMs };
  const families = suppressing ? keepDown(judged, last?.families ?? {}) : judged;
  const flaps: Flaps = { ...basis, suppressing, judged, counted };
  if (!suppressing || !Object.values(families).includes('down')) return { families, flaps };
  return { families, flaps, dampedUntilMs: reusableAt(basis, settings) };
}

/** Never negative; a wall clock that was set back does not let it grow. */
export function penaltyAt(
  { penalty, atMs }: Pick<Flaps, 'penalty' | 'atMs'>,
  { half_life }: DampingConfiguration,
  nowMs: number,
): number {
  return penalty * 0.5 ** (Math.max(0, nowMs - atMs) / half_life);
}

export function highestPenalty({ reuse }: DampingConfiguration): number {
  return reuse * 2 ** MAX_HALF_LIVES;
}

/** The first millisecond at which the penalty is below `reuse`. */
function reusableAt(
  { penalty, atMs }: Pick<Flaps, 'penalty' | 'atMs'>,
  { half_life, reuse }: DampingConfiguration,
): number {
  return atMs + Math.ceil(half_life * Math.max(0, Math.log2(penalty / reuse))) + 1;
}

function keepDown(judged: FamilyStates, last: FamilyStates): FamilyStates {
  const kept: Partial<Record<Family, HealthState | undefined>> = { ...judged };
  for (const family of FAMILIES) {
    if (judged[family] !== undefined && last[family] === 'down') kept[family] = 'down';
  }
  return kept;
}
