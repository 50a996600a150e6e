/**
 * Connections with more to answer go on one after the other, a few in each turn of the event loop, so that a
 * thousand of them hold up whoever comes new no longer than a few do. It must not know what they answer.
 */

/** Connections that go on in one turn. */
const PER_TURN = 4;

export class Turns {
  /** First come, first served. */
  readonly #waiting: (() => void)[] = [];

  /** `goOn` is called once, in a later turn. */
  wait(goOn: () => void): void {
    if (this.#waiting.push(goOn) === 1) setImmediate(() => this.#next());
  }

  #next(): void {
    const turn = this.#waiting.slice(0, PER_TURN);
    for (const goOn of turn) goOn();
    // Only now, so that whoever asks again meanwhile finds others waiting and begins no second round.
    this.#waiting.splice(0, turn.length);
    if (this.#waiting.length > 0) setImmediate(() => this.#next());
  }
}
