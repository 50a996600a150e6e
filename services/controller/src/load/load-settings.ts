/**
 * The numbers of steering by load, all of them, with their reasons. Caches set the pace: an answer that was given
 * stays in force for up to one TTL, so nothing here is faster than the longest stable TTL of the records that may
 * answer with the pool ("the TTL" below).
 */

/** How often load is looked at: no oftener than a tick, much oftener than anything moves. */
export const LOOK_EVERY_MS = 1_000;

/** A load counts this long: three pushes at the 5 s that docs/load.md asks for, so that one may be lost. */
export const FRESH_FOR_MS = 15_000;

/** So long all stays as it is when a feed fell silent: a restart or a deployment of whatever pushes is over by then. */
export const FALL_BACK_AFTER_MS = 300_000;

/** TTLs below count as this: a change needs some pushes to show, and each is a publication. */
export const SHORTEST_TTL_MS = 10_000;

/** At most this share of the clients is moved per TTL: less than the room that a pool keeps below its soft target. */
export const LARGEST_STEP = 0.1;

/** Nearer than this to the aim is near enough: what 5 % of noise makes of a smoothed load is about a third of it. */
export const DEAD_BAND = 0.02;

/**
 * Turning back takes twice the dead band, and twice that after each turn, up to so many doublings (16 points): a few
 * large resolvers may hold a tenth of all clients, and no share is right when they stand just at the border.
 */
export const MOST_DOUBLINGS = 3;

/** A turn is forgotten after so many TTLs without another. */
export const CALM_AFTER_TTLS = 20;

/** A few clients stay whatever happens, or nobody could tell how many would come. */
export const LEAST_KEEP = 0.05;

/** By how far shares of a plan must be off, in parts of a thousand, before it is made anew. */
export const PLAN_DEAD_BAND = 50;

/** Of the way to a better plan, per TTL: room that all pools see at once must not be filled by all of them at once. */
export const PLAN_STEP = 0.5;

/** Loads are smoothed over one TTL within these bounds: slower than the noise, not slower than what they follow. */
const SMOOTH_AT_LEAST_MS = 20_000;
const SMOOTH_AT_MOST_MS = 120_000;

/** Time constant of the mean of measured loads. */
export function smoothingMs(ttlMs: number): number {
  return Math.min(SMOOTH_AT_MOST_MS, Math.max(SMOOTH_AT_LEAST_MS, ttlMs));
}

/**
 * Time constant with which caches follow what is published. They hold answers of all ages, so after one TTL all
 * have; but resolvers stretch TTLs and connections stay open. Too slow a model errs towards too small a change
 * (what is on its way already is not asked for again), too fast a one overshoots.
 */
export function cachedMs(ttlMs: number): number {
  return ttlMs;
}

/** At least one TTL between two changes of a pool: then the last one has shown. */
export function holdMs(ttlMs: number): number {
  return ttlMs;
}

/** The share of the way that a value with this time constant goes within `ms`. */
export function approach(ms: number, constantMs: number): number {
  return 1 - Math.exp(-Math.max(0, ms) / constantMs);
}
