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
  /** Results of the other kind than the last settled state, in a row: failures while not down, passes while down. */
  readonly against: number;
  /** The last of `up` and `down` that was reached; absent before the first. `suspect` is on the way, not a place. */
  readonly settled?: 'up' | 'down';
  /** How often it went from up to down or back, reported or not. */
  readonly flips: number;
}

export function unknownFamily(nowMs: number): FamilyState {
  return { state: 'unknown', sinceMs: nowMs, reason: 'not probed yet', against: 0, flips: 0 };
}
