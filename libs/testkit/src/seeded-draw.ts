/**
 * Repeatable chance: uniform numbers in [0, 1) from a seed (mulberry32).
 * For tests only; it is not fit for anything secret.
 */
export type SeededDraw = () => number;

/** The same seed gives the same row of numbers, on every machine. */
export function seededDraw(seed: number): SeededDraw {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
