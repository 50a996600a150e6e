/**
 * How often clients ask, against their usual rate, over time: 1, but for surges, which multiply. Pure.
 *
 *   factor      ___2___
 *   ___1_______|       |___1___      amountBetween: the area; timeAfter: how far it must reach for an area
 */

export interface Surge {
  readonly fromMs: number;
  /** Infinity: to the end. */
  readonly untilMs: number;
  readonly factor: number;
}

export class Demand {
  /** From 0 on, rising; piece i lasts from `#starts[i]` until `#starts[i + 1]`. */
  readonly #starts: readonly number[];
  readonly #factors: readonly number[];

  constructor(surges: readonly Surge[]) {
    const edges = surges.flatMap(({ fromMs, untilMs }) => [fromMs, untilMs]).filter(Number.isFinite);
    this.#starts = [...new Set([0, ...edges])].toSorted((a, b) => a - b);
    this.#factors = this.#starts.map((startMs) =>
      surges
        .filter(({ fromMs, untilMs }) => fromMs <= startMs && startMs < untilMs)
        .reduce((product, { factor }) => product * factor, 1),
    );
  }

  factorAt(nowMs: number): number {
    return this.#factors[this.#pieceAt(nowMs)]!;
  }

  /** The factor that holds all that time; undefined: it changes. */
  steadyFactor(fromMs: number, untilMs: number): number | undefined {
    const piece = this.#pieceAt(fromMs);
    return untilMs <= this.#endOf(piece) ? this.#factors[piece] : undefined;
  }

  /** Milliseconds at the usual rate in which as many would ask as from `fromMs` until `untilMs`. */
  amountBetween(fromMs: number, untilMs: number): number {
    let amount = 0;
    for (let piece = this.#pieceAt(fromMs), at = fromMs; at < untilMs; piece += 1) {
      const end = Math.min(untilMs, this.#endOf(piece));
      amount += (end - at) * this.#factors[piece]!;
      at = end;
    }
    return amount;
  }

  /** When that many milliseconds at the usual rate have gone by; infinite when nobody asks any more. */
  timeAfter(fromMs: number, amount: number): number {
    let left = amount;
    for (let piece = this.#pieceAt(fromMs), at = fromMs; ; piece += 1) {
      const end = this.#endOf(piece);
      const factor = this.#factors[piece]!;
      if (factor > 0 && (end - at) * factor >= left) return at + left / factor;
      if (end === Number.POSITIVE_INFINITY) return end;
      left -= (end - at) * factor;
      at = end;
    }
  }

  #pieceAt(nowMs: number): number {
    let piece = this.#starts.length - 1;
    while (piece > 0 && this.#starts[piece]! > nowMs) piece -= 1;
    return piece;
  }

  #endOf(piece: number): number {
    return this.#starts[piece + 1] ?? Number.POSITIVE_INFINITY;
  }
}
