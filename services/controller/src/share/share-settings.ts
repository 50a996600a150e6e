/**
 * The numbers of weighing clients, all of them, with their reasons; docs/shares.md explains them. Caches set the pace:
 * an answer holds its clients for a TTL, so nothing here can be faster. Times in milliseconds.
 */

/** How often shares are looked at. */
export const LOOK_EVERY_MS = 1_000;

/**
 * Of what clients are owed, this part is made up for within a TTL. What is seen lags by half a TTL, or more where
 * resolvers stretch TTLs: at 1 it would swing, at 0.4 it does not even with twice the lag.
 */
export const GAIN = 0.4;

/**
 * The same where a client stays as long as weights do, by affinity or between pools: what is off stays off until it is
 * corrected, so there is no hurry, and whoever is moved for it loses what is kept for it where it was.
 */
export const STICKY_GAIN = 0.1;

/** And there, shares that are off by no more are left alone, or the last resolver would be moved to and fro. */
export const STICKY_SLACK = 0.02;

/** No weight is multiplied or divided by more. */
export const MOST_FACTOR = 3;

/** A factor that differs by less from the published one is not worth a publication. */
export const DEAD_BAND = 0.1;
/** The same for the share of its clients that a target keeps. */
export const KEEP_DEAD_BAND = 0.05;
/** So near to its bound a target is left alone: loads are not known better. About a share of it. */
export const BOUND_SLACK = 0.05;
/** Of what a target could take back up to its bound, this part within a TTL. */
export const TAKE_BACK_GAIN = 0.02;
/** Less would take all clients of a target from it. */
export const LEAST_KEEP = 0.05;

/** Between two changes of what was published. */
export const HOLD_MS = 15_000;
/** And so much for each record set that a change rewrites, so that large policies move seldom. */
export const HOLD_PER_SET_MS = 20;

/** After the targets or their weights changed, caches still hold answers of before: nobody is to blame for those. */
export const SETTLE_TTLS = 1.5;

/** A pushed load counts so long: three pushes at 5 s. */
export const LOAD_FRESH_MS = 15_000;

/** Nothing was seen for so long: weights go back to what is configured. Until then they stay as they are. */
export const FORGET_AFTER_MS = 300_000;

/** Answers in caches that are known by samples, below which their shares are chance. */
export const LEAST_SAMPLES = 100;

/** Resolvers that are told apart; the ones heard of longest ago give way. */
export const MOST_CACHES = 20_000;

/** A cache's count of answers fades over so many TTLs. */
export const FADE_TTLS = 15;

/** TTLs are whole seconds and clocks differ: no gap between two answers is known better. */
export const RESOLUTION_MS = 1_000;
