/** Whether two verdicts differ in what others act on. Votes and reasons alone are no change, nor is a penalty that grows. Pure. */
import { FAMILIES } from '@signpost/contracts/health';
import type { VerdictStates } from '@signpost/contracts/verdict';

/** What stands before the first verdict of a pair. */
export const NO_VERDICT: VerdictStates = { state: 'unknown', families: {}, sinceMs: 0 };

export function sameStates(a: VerdictStates | undefined, b: VerdictStates | undefined): boolean {
  const before = a ?? NO_VERDICT;
  const after = b ?? NO_VERDICT;
  return (
    before.state === after.state &&
    (before.dampedUntilMs === undefined) === (after.dampedUntilMs === undefined) &&
    FAMILIES.every(
      (family) => (before.families[family] ?? 'unknown') === (after.families[family] ?? 'unknown'),
    )
  );
}

export function statesOf({ state, families, sinceMs, dampedUntilMs }: VerdictStates): VerdictStates {
  return { state, families, sinceMs, ...(dampedUntilMs === undefined ? {} : { dampedUntilMs }) };
}
