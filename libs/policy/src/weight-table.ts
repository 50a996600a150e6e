/**
 * Weights as running totals, so that a draw finds its slot by comparing.
 * Weights are whole numbers and so are points; hence the shares are exact and no rounding can cross a bound.
 *
 *   weights 2 0 3   upTo 2 2 5   points 0 1 | 2 3 4   -> slots 0, 2: a weight of 0 is never hit
 */

export interface WeightTable {
  /** `upTo[i]` is the sum of the weights 0..i. */
  readonly upTo: Float64Array;
  readonly total: number;
  /** How many slots can be hit. */
  readonly positive: number;
}

/** All 0 counts as all equal. Throws RangeError for anything but whole weights of at least 0. */
export function weightTable(weights: readonly number[]): WeightTable {
  if (weights.some((weight) => !Number.isSafeInteger(weight) || weight < 0)) {
    throw new RangeError(`weights must be whole numbers of at least 0, got [${weights.join(', ')}]`);
  }
  const counting = weights.some((weight) => weight > 0) ? weights : weights.map(() => 1);
  let total = 0;
  const upTo = Float64Array.from(counting, (weight) => (total += weight));
  return { upTo, total, positive: counting.filter((weight) => weight > 0).length };
}

/** The first slot whose bound lies above `point`. */
export function slotOf(upTo: Float64Array, point: number): number {
  let low = 0;
  let high = upTo.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (upTo[middle]! > point) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The sum of the weights before `slot`. */
export function startOf({ upTo }: WeightTable, slot: number): number {
  return slot === 0 ? 0 : upTo[slot - 1]!;
}

export function weightAt(weights: WeightTable, slot: number): number {
  return weights.upTo[slot]! - startOf(weights, slot);
}
