/** Whether two verdicts differ in what others act on. Votes and reasons alone are no change. Pure. */
import { FAMILIES } from '@signpost/contracts/health';
import type { Verdict } from '@signpost/contracts/verdict';

export type VerdictStates = Pick<Verdict, 'state' | 'families' | 'sinceMs'>;

/** What stands before the first verdict of a pair. */
export const NO_VERDICT: VerdictStates = { state: 'unknown', families: {}, sinceMs: 0 };

export function sameStates(a: VerdictStates | undefined, b: VerdictStates | undefined): boolean {
  const before = a ?? NO_VERDICT;
  const after = b ?? NO_VERDICT;
  return (
    before.state === after.state &&
    FAMILIES.every(
      (family) => (before.families[family] ?? 'unknown') === (after.families[family] ?? 'unknown'),
    )
  );
}

export function statesOf({ state, families, sinceMs }: VerdictStates): VerdictStates {
  return { state, families, sinceMs };
}
