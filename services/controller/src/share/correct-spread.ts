/**
 * One spread over time: what was seen and what is wanted -> factors and keeps, and which of them are published.
 * Waits while nothing can be known, and does not move for little. Pure; times are monotonic.
 */
import { boundAffinity, type Keeps } from './bound-affinity.ts';
import { amongThese, madeUpBefore, makeUp, type Surplus } from './make-up.ts';
import type { PlannedSpread } from './plan-shares.ts';
import type { Seen } from './see-shares.ts';
import {
  DEAD_BAND,
  FORGET_AFTER_MS,
  GAIN,
  HOLD_MS,
  HOLD_PER_SET_MS,
  KEEP_DEAD_BAND,
  SETTLE_TTLS,
  STICKY_GAIN,
  STICKY_SLACK,
} from './share-settings.ts';
import { sameSpread, type Spread } from './spread.ts';

/** By name. */
export type Factors = ReadonlyMap<string, number>;

export interface Correction extends Seen {
  readonly wanted: Spread;
  readonly surplus: Surplus;
  /** What would be right now, and what is published of it. */
  readonly factors: Factors;
  readonly publishedFactors: Factors;
  readonly keeps: Keeps;
  readonly publishedKeeps: Keeps;
  readonly atMs: number;
  /** Until then caches hold answers of another time. */
  readonly settlesAtMs: number;
  /** When there was something to see last. */
  readonly seenAtMs: number;
  /** Nothing else is published before. */
  readonly heldUntilMs: number;
}

export interface CorrectOptions {
  readonly planned: PlannedSpread;
  readonly seen: Seen;
  readonly weigh: boolean;
  readonly bounded: number | undefined;
  /** Something else moves clients now: what is seen says nothing of weights. */
  readonly waits: boolean;
  readonly nowMs: number;
}

export function correctSpread(known: Correction | undefined, options: CorrectOptions): Correction {
  const { planned, seen, nowMs, waits } = options;
  const before = withWanted(known ?? begun(options), options);
  const now = { ...before, ...seen, atMs: nowMs };
  const spread = seen.measured;
  if (spread === undefined) {
    return nowMs - before.seenAtMs < FORGET_AFTER_MS ? now : published(forgotten(now), planned, nowMs);
  }
  if (waits || nowMs < before.settlesAtMs) return { ...now, seenAtMs: nowMs };
  return published({ ...now, ...corrected(before, spread, options), seenAtMs: nowMs }, planned, nowMs);
}

function corrected(
  before: Correction,
  spread: Spread,
  { planned, weigh, bounded, nowMs }: CorrectOptions,
): Pick<Correction, 'surplus' | 'factors' | 'keeps'> {
  const ttls = Math.min(1, (nowMs - before.atMs) / Math.max(planned.ttlMs, HOLD_MS));
  const made = weigh
    ? makeUp(before.surplus, { wanted: planned.wanted, seen: spread, ttls, ...paceOf(planned) })
    : { surplus: NOTHING, factors: NOTHING };
  const keeps =
    bounded === undefined ? NOTHING : boundAffinity(before.keeps, planned.wanted, spread, bounded, ttls);
  return { ...made, keeps };
}

function paceOf({ sticky }: PlannedSpread): { readonly gain: number; readonly slack: number } {
  return sticky ? { gain: STICKY_GAIN, slack: STICKY_SLACK } : { gain: GAIN, slack: 0 };
}

const NOTHING: ReadonlyMap<string, number> = new Map();

/** Goes on from what is published: a controller that takes over must not begin anew. */
function begun({ planned, weigh, bounded, nowMs }: CorrectOptions): Correction {
  const { surplus, factors } = weigh
    ? madeUpBefore(planned.wanted, planned.given, paceOf(planned).gain)
    : { surplus: NOTHING, factors: NOTHING };
  const keeps = bounded === undefined ? NOTHING : planned.keeps;
  return {
    wanted: planned.wanted,
    measured: undefined,
    estimated: undefined,
    surplus,
    factors,
    publishedFactors: factors,
    keeps,
    publishedKeeps: keeps,
    atMs: nowMs,
    settlesAtMs: nowMs + planned.ttlMs * SETTLE_TTLS,
    seenAtMs: nowMs,
    heldUntilMs: nowMs,
  };
}

function withWanted(before: Correction, { planned, nowMs }: CorrectOptions): Correction {
  const { wanted, ttlMs } = planned;
  if (sameSpread(before.wanted, wanted)) return before;
  const surplus = amongThese(before.surplus, wanted);
  return { ...before, wanted, surplus, settlesAtMs: nowMs + ttlMs * SETTLE_TTLS };
}

function forgotten(correction: Correction): Correction {
  return { ...correction, surplus: NOTHING, factors: NOTHING, keeps: NOTHING };
}

function published(correction: Correction, { ttlMs, sets }: PlannedSpread, nowMs: number): Correction {
  const { factors, publishedFactors, keeps, publishedKeeps, heldUntilMs } = correction;
  if (nowMs < heldUntilMs) return correction;
  const moved =
    farApart(factors, publishedFactors, (a, b) => Math.abs(Math.log(a / b)) > DEAD_BAND) ||
    farApart(keeps, publishedKeeps, (a, b) => Math.abs(a - b) > KEEP_DEAD_BAND);
  if (!moved) return correction;
  const holdMs = Math.max(HOLD_MS, ttlMs / 4, sets * HOLD_PER_SET_MS);
  return {
    ...correction,
    publishedFactors: factors,
    publishedKeeps: new Map([...keeps].map(([name, keep]) => [name, Math.round(keep * 1_000) / 1_000])),
    heldUntilMs: nowMs + holdMs,
  };
}

function farApart(a: Factors, b: Factors, differ: (a: number, b: number) => boolean): boolean {
  return [...new Set([...a.keys(), ...b.keys()])].some((name) => differ(a.get(name) ?? 1, b.get(name) ?? 1));
}
