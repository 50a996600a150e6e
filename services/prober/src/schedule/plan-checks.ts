/**
 * Assignments -> one entry of the schedule per check. Pure but for what it remembers: of ten thousand assignments a
 * change touches few, and the others are the same objects as before.
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

export function checkPlanner(): (assignments: readonly Assignment[]) => readonly PlannedCheck[] {
  const planned = new WeakMap<Assignment, readonly PlannedCheck[]>();
  return (assignments) =>
    assignments.flatMap((assignment) => {
      let checks = planned.get(assignment);
      if (checks === undefined) planned.set(assignment, (checks = checksOf(assignment)));
      return checks;
    });
}

export function planChecks(assignments: readonly Assignment[]): readonly PlannedCheck[] {
  return checkPlanner()(assignments);
}

function checksOf(assignment: Assignment): readonly PlannedCheck[] {
  const pair = pairKey(assignment.monitor, assignment.target);
  return assignment.checks.map((check, i) => ({
    key: `${pair}.${i}`,
    pair,
    assignment,
    check,
    subject: JSON.stringify([assignment.probe, check]),
  }));
}
