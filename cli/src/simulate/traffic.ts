/**
 * What each target sees, second by second: requests of clients, and answers that name it. A target is its number in
 * the order given. No request is an event: a cached answer adds the rate of its clients for as long as it is held.
 */
import type { Demand } from './demand.ts';

export const SECOND_MS = 1_000;

/** In place of a target: clients got no address. */
export const UNANSWERED = -1;
export const NO_TARGETS: readonly number[] = [UNANSWERED];

export class Traffic {
  readonly targets: readonly string[];
  readonly seconds: number;
  /** By target: requests in each second. */
  readonly requests: readonly Float64Array[];
  /** By target: answers of authorities in each second; of several targets each has its part. */
  readonly answers: readonly Float64Array[];
  readonly unanswered: Float64Array;

  constructor(targets: readonly string[], seconds: number) {
    this.targets = targets;
    this.seconds = seconds;
    this.requests = targets.map(() => new Float64Array(seconds));
    this.answers = targets.map(() => new Float64Array(seconds));
    this.unanswered = new Float64Array(seconds);
  }

  /** One request at `atMs`. Clients of an answer with several targets go to each of them alike. */
  addOne(to: readonly number[], atMs: number): void {
    this.#add(to, Math.floor(atMs / SECOND_MS), 1);
  }

  /** What clients with that rate ask while they hold an answer. */
  addHeld(to: readonly number[], ratePerMs: number, demand: Demand, fromMs: number, untilMs: number): void {
    const end = Math.min(untilMs, this.seconds * SECOND_MS);
    const steady = demand.steadyFactor(fromMs, end);
    for (let at = fromMs; at < end;) {
      const second = Math.floor(at / SECOND_MS);
      const next = Math.min(end, (second + 1) * SECOND_MS);
      const amount = steady === undefined ? demand.amountBetween(at, next) : steady * (next - at);
      this.#add(to, second, ratePerMs * amount);
      at = next;
    }
  }

  addAnswer(to: readonly number[], atMs: number): void {
    const second = Math.floor(atMs / SECOND_MS);
    for (const target of to) {
      if (target !== UNANSWERED && second < this.seconds) this.answers[target]![second]! += 1 / to.length;
    }
  }

  /** Requests per second of a target between two whole seconds. */
  rateOf(target: string, fromMs: number, untilMs: number): number {
    const counts = this.requests[this.targets.indexOf(target)]!;
    const seconds = counts.subarray(fromMs / SECOND_MS, untilMs / SECOND_MS);
    return seconds.reduce((sum, count) => sum + count, 0) / seconds.length;
  }

  #add(to: readonly number[], second: number, amount: number): void {
    if (second >= this.seconds) return;
    for (const target of to) {
      const counts = target === UNANSWERED ? this.unanswered : this.requests[target]!;
      counts[second]! += amount / to.length;
    }
  }
}
