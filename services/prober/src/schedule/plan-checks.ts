/**
 * Assignments -> one entry of the schedule per check. Pure.
 */
import { pairKey } from '@signpost/contracts/names';
import type { Assignment, Check } from '@signpost/contracts/probe-assignment';

export interface PlannedCheck {
  /** Unique among the checks: pair and position. */
  readonly key: string;
  readonly pair: string;
  readonly assignment: Assignment;
  readonly check: Check;
  /** Equal exactly when the same would be probed: whatever differs besides concerns only when, or how it is judged. */
  readonly subject: string;
}

export function planChecks(assignments: readonly Assignment[]): readonly PlannedCheck[] {
  return assignments.flatMap((assignment) => {
    const pair = pairKey(assignment.monitor, assignment.target);
    return assignment.checks.map((check, i) => ({
      key: `${pair}.${i}`,
      pair,
      assignment,
      check,
      subject: JSON.stringify([assignment.probe, check]),
    }));
  });
}
