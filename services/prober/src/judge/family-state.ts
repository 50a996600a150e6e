/**
 * What a prober knows of one address family of one (monitor, target).
 * A value: `judgeFamily` makes the next one from it, nothing edits it.
 */
import type { HealthState } from '@signpost/contracts/health';

import type { CertificateSeen } from '../probe/probe-result.ts';

export interface FamilyState {
  readonly state: HealthState;
  /** When this state began, wall clock. */
  readonly sinceMs: number;
  /** Why, for people; empty while unknown. */
  readonly reason: string;
  /** Round trip of the last probe; absent when nothing came back. */
  readonly roundTripMs?: number;
  /** Of the last probe that saw one. */
  readonly certificate?: CertificateSeen;
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

const NOT_PROBED = 'not probed yet';

export function unknownFamily(nowMs: number): FamilyState {
  return { state: 'unknown', sinceMs: nowMs, reason: NOT_PROBED, against: [], flips: 0 };
}

/** This prober cannot look, for a reason that its operator must hear of: what it knew counts no more. */
export function unableFamily(before: FamilyState, reason: string, nowMs: number): FamilyState {
  if (before.state === 'unknown' && before.reason === reason) return before;
  return { state: 'unknown', sinceMs: nowMs, reason, against: [], flips: before.flips };
}

/** Nothing happened yet that could be told. */
export function isUnprobed({ state, reason }: FamilyState): boolean {
  return state === 'unknown' && reason === NOT_PROBED;
}

/** Whether others must hear of the difference. Reasons alone are none, except of not knowing. */
export function isWorthTelling(before: FamilyState, after: FamilyState): boolean {
  return (
    after.state !== before.state ||
    after.certificate?.warning !== before.certificate?.warning ||
    (after.state === 'unknown' && after.reason !== before.reason)
  );
}
