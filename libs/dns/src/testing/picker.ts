/** For tests only: choices made of uniform numbers in [0, 1). */
export interface Picker {
  /** An integer in [0, bound). */
  below(bound: number): number;
  pick<T>(values: readonly T[]): T;
  /** True with this probability. */
  isRare(probability: number): boolean;
}

export function picker(draw: () => number): Picker {
  const below = (bound: number): number => Math.floor(draw() * bound);
  return {
    below,
    pick: (values) => values[below(values.length)]!,
    isRare: (probability) => draw() < probability,
  };
}
