/**
 * Branded numbers that must not be confused with a count, a TTL or a time.
 * A brand is made only here or by the decoder that checked the value.
 */

declare const brand: unique symbol;

/** Number of a publication: it only grows, and every publication carries it. Milliseconds of the wall clock or more. */
export type Generation = number & { readonly [brand]: 'Generation' };

/** The generation of an empty store: the base of the very first publication. */
export const NO_GENERATION = 0 as Generation;

/** The generation that follows `stored`; never lower than the wall clock, so a wiped store never goes back. */
export function nextGeneration(stored: Generation, nowMs: number): Generation {
  return Math.max(stored + 1, Math.floor(nowMs)) as Generation;
}
