/**
 * Chance for the query path: xoshiro128** (Blackman and Vigna, 2021), which needs words of 32 bits alone. `Math.random`
 * makes an object of each number that it gives; this writes it where it is wanted. Not for secrets.
 */

/** Writes one number, uniform in [0, 1), to the first place. */
export type WriteDraw = (into: Float64Array) => void;

/** @param state four words, not all 0, from then on the generator's own */
export function uniformDraws(state: Int32Array): WriteDraw {
  return (into) => {
    const high = nextWord(state) >>> 5;
    const low = nextWord(state) >>> 6;
    into[0] = (high * 0x400_0000 + low) / 0x20_0000_0000_0000; // 27 bits and 26
  };
}

/** 32 bits, signed. */
export function nextWord(state: Int32Array): number {
  const second = state[1]!;
  const product = Math.imul(second, 5);
  const word = Math.imul((product << 7) | (product >>> 25), 9);
  const third = state[2]! ^ state[0]!;
  const fourth = state[3]! ^ second;
  state[1] = second ^ third;
  state[0] = state[0]! ^ fourth;
  state[2] = third ^ (second << 9);
  state[3] = (fourth << 11) | (fourth >>> 21);
  return word;
}
