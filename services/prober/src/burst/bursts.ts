/**
 * Which checks are in a burst and when they were last, so that each is in one at a time and other probers cannot
 * keep it in bursts. Pure state: times are monotonic milliseconds and come in.
 *
 * A first failure of one's own always begins a burst, unless one is under way: it takes a pass in between to fail
 * first once more. Being asked does so only after a rest, or probers that see a target flap would drive each other.
 */
import type { PlannedCheck } from '../schedule/plan-checks.ts';
import { burstDelays } from './burst-delays.ts';

/** Asked by others, a check is in a burst at most once per interval, or once in this where the interval is longer. */
const REST_MS = 5_000;

interface Burst {
  readonly beganMs: number;
  /** When its last probe has ended at the latest, or what ended it. */
  readonly untilMs: number;
}

export class Bursts {
  readonly #last = new Map<string, Burst>();

  isActive(key: string, nowMs: number): boolean {
    const last = this.#last.get(key);
    return last !== undefined && nowMs < last.untilMs;
  }

  /** Whether others may send it into a burst now. */
  isRested({ key, assignment }: PlannedCheck, nowMs: number): boolean {
    const last = this.#last.get(key);
    return last === undefined || nowMs >= last.beganMs + Math.min(assignment.intervalMs, REST_MS);
  }

  /** Begins one of `count` probes; returns how long from now each of them begins. */
  begin({ key, assignment }: PlannedCheck, count: number, nowMs: number): readonly number[] {
    const delaysMs = assignment.burst === undefined ? [] : burstDelays(count, assignment.burst.spacingMs);
    if (delaysMs.length > 0) {
      this.#last.set(key, { beganMs: nowMs, untilMs: nowMs + delaysMs.at(-1)! + assignment.timeoutMs });
    }
    return delaysMs;
  }

  /** Whether a probe that began then belongs to the burst under way, or began after that did. */
  coversStart(key: string, startedMs: number): boolean {
    const last = this.#last.get(key);
    return last !== undefined && startedMs >= last.beganMs;
  }

  end(key: string, nowMs: number): void {
    const last = this.#last.get(key);
    if (last !== undefined) this.#last.set(key, { ...last, untilMs: Math.min(last.untilMs, nowMs) });
  }

  /** Forgets all but these. */
  keepOnly(checks: readonly PlannedCheck[]): void {
    const kept = new Set(checks.map(({ key }) => key));
    for (const key of this.#last.keys()) if (!kept.has(key)) this.#last.delete(key);
  }
}
