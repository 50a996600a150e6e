/**
 * Chance from a seed: the same seed and purpose give the same row of numbers on every machine. Each part of a
 * simulation draws from a row of its own, so that one draw more in one of them moves nothing in the others.
 * Not fit for anything secret.
 */

export interface Chance {
  /** In [0, 1). */
  uniform(): number;
  /** Above 0, mean 1. */
  exponential(): number;
  /** From 0 to below `bound`, which is at most 2^32. */
  below(bound: number): number;
}

/** sfc32 by Chris Doty-Humphrey: 128 bits of state, of which the seed and the purpose fill two words. */
export function seededChance(seed: number, purpose: string): Chance {
  let a = 0;
  let b = seed | 0;
  let c = hashOf(purpose);
  let counter = 1;
  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < WARM_UP; i += 1) next();
  return {
    uniform: next,
    exponential: () => -Math.log(1 - next()),
    below: (bound) => Math.floor(next() * bound),
  };
}

/** Until every bit of the seed has reached every bit of the state. */
const WARM_UP = 16;

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}

/** In place, each order as likely as any other. */
export function shuffle(items: unknown[], chance: Chance): void {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = chance.below(i + 1);
    [items[i], items[j]] = [items[j], items[i]];
  }
}
