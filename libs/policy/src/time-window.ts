/** Replaced at merge. */
import type { TimeWindow } from '@signpost/contracts/policy-configuration';

export function isOpen(_windows: readonly TimeWindow[], _nowMs: number): boolean {
  return false;
}
