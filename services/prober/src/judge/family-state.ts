/**
 * What a prober knows of one address family of one (monitor, target).
 * A value: `judgeFamily` makes the next one from it, nothing edits it.
 */
import type { HealthState } from '@signpost/contracts/health';

export interface FamilyState {
  readonly state: HealthState;
  /** When this state began, wall clock. */
  readonly sinceMs: number;
  /** Why, for people; empty while unknown. */
  readonly reason: string;
  /** Round trip of the last probe; absent when nothing came back. */
  readonly roundTripMs?: number;
  /** Absent before the first probe. */
  readonly lastPassed?: boolean;
  /**
   * When the probes began, monotonic, whose results contradict: failures while not down, passes while down. All
   * began after `favourMs`, so they are in a row; never as many as it takes to turn the state.
   */
  readonly against: readonly number[];
  /** When the newest probe began that agrees: a pass while not down, a failure while down; absent before the first. */
  readonly favourMs?: number;
  /** The last of `up` and `down` that was reached; absent before the first. `suspect` is on the way, not a place. */
  readonly settled?: 'up' | 'down';
  /** How often it went from up to down or back, reported or not. */
  readonly flips: number;
}

export function unknownFamily(nowMs: number): FamilyState {
  return { state: 'unknown', sinceMs: nowMs, reason: 'not probed yet', against: [], flips: 0 };
}
