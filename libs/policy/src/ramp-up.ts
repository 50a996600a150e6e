/**
 * How much of its weight a member has that came back from down a moment ago: a growing part over `ramp_up`, so that
 * cold caches and connection pools are not met by everybody at once.
 * Pure; decided by when the member came back, so that a new controller goes on where the last one was.
 *
 *   steps 1 2 3 .. 10 of 10   the first at once, the last, which is the whole weight, after 9/10 of the time
 */
import type { MemberStanding } from './pool-standing.ts';

export const RAMP_STEPS = 10;

/** By target: its step, 1 to 9, of those that have not their whole weight. */
export type Ramp = ReadonlyMap<string, number>;

const NO_RAMP: Ramp = new Map();

/** Nobody ramps when no member is there that could take what is held back. */
export function rampOf(
  serving: readonly MemberStanding[],
  rampUpMs: number | undefined,
  nowMs: number | undefined,
): Ramp {
  if (rampUpMs === undefined || nowMs === undefined) return NO_RAMP;
  const weighted = serving.filter(({ weight }) => weight > 0);
  const ramp = new Map<string, number>();
  for (const { target, recoveredMs } of weighted) {
    const step = recoveredMs === undefined ? RAMP_STEPS : rampStep(recoveredMs, rampUpMs, nowMs);
    if (step < RAMP_STEPS) ramp.set(target, step);
  }
  return ramp.size < weighted.length ? ramp : NO_RAMP;
}

/** From 1 to `RAMP_STEPS`. */
export function rampStep(recoveredMs: number, rampUpMs: number, nowMs: number): number {
  const elapsedMs = Math.max(0, nowMs - recoveredMs);
  if (elapsedMs >= rampUpMs) return RAMP_STEPS;
  return Math.min(RAMP_STEPS, Math.floor((elapsedMs * RAMP_STEPS) / rampUpMs) + 1);
}

/** When the next step begins; undefined: the whole weight is reached. */
export function nextRampStepMs(recoveredMs: number, rampUpMs: number, nowMs: number): number | undefined {
  const step = rampStep(recoveredMs, rampUpMs, nowMs);
  return step === RAMP_STEPS ? undefined : recoveredMs + Math.ceil((step * rampUpMs) / RAMP_STEPS);
}

/** Weights are whole numbers: while somebody ramps, those of the whole group are multiplied. */
export function rampedWeight(target: string, weight: number, ramp: Ramp): number {
  return ramp.size === 0 ? weight : weight * (ramp.get(target) ?? RAMP_STEPS);
}
