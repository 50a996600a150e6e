/**
 * How many clients one answer serves, guessed from how often a cache asks. A cache that honours the TTL asks again at
 * the first client after it ran out, so with clients coming at random at `rate` it asks every TTL + 1 / rate:
 *
 *   ──answer──────── TTL ────────┤ idle ├──answer──────── TTL ────────┤ idle ├──
 *
 * The idle time tells the rate; what an answer serves is the client that asked and `rate * TTL` more. Of a large cache
 * the idle time is below what can be seen: then this is a lower bound, by far. Pure.
 */
import { FADE_TTLS, RESOLUTION_MS } from './share-settings.ts';

export interface Cache {
  /** Answers, faded, and the time in which they were given, faded as well. */
  readonly answers: number;
  readonly observedMs: number;
  /** What thinning by samples adds to the variance of `answers`. */
  readonly thinned: number;
  readonly heardMs: number;
}

/** One that was never heard of: as if it were idle for one TTL after each answer, so that an answer serves two. */
export function newCache(weight: number, ttlMs: number, nowMs: number): Cache {
  return { answers: weight, observedMs: 2 * weight * ttlMs, thinned: thinning(weight), heardMs: nowMs };
}

/** `weight`: how many answers the sample stands for. */
export function hearAnswer(cache: Cache, weight: number, ttlMs: number, nowMs: number): Cache {
  const sinceMs = Math.max(0, nowMs - cache.heardMs);
  const kept = Math.exp(-sinceMs / (FADE_TTLS * Math.max(ttlMs, RESOLUTION_MS)));
  return {
    answers: cache.answers * kept + weight,
    observedMs: cache.observedMs * kept + sinceMs,
    thinned: cache.thinned * kept + thinning(weight),
    heardMs: nowMs,
  };
}

/** Clients that one of its answers serves until it runs out; at least 1. */
export function clientsPerAnswer({ answers, observedMs, thinned }: Cache, ttlMs: number): number {
  if (ttlMs === 0) return 1;
  const heldMs = answers * ttlMs;
  // More answers than one cache could have asked for: there are several behind the address.
  const caches = Math.max(1, Math.ceil((heldMs * 0.98) / observedMs));
  // What cannot be seen counts as idle, so that a guess errs towards small.
  const unseenMs = answers * RESOLUTION_MS + Math.sqrt(thinned) * ttlMs;
  const idleMs = Math.max(0, caches * observedMs - heldMs) + unseenMs;
  return 1 + (ttlMs * answers) / idleMs;
}

/** A sample that stands for `weight` answers says that there were so many, give or take. */
function thinning(weight: number): number {
  return weight * (weight - 1);
}
