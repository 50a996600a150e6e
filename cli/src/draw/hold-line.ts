/** What a guard holds, as one line for a person. Pure. */
import type { HoldView } from '@signpost/contracts/guard';

import { drawAge } from './table.ts';

/** `nowMs`: wall clock. */
export function drawHold(hold: HoldView, nowMs: number): string {
  const { id, policy, cause, removed, targets, targetCount, why, sinceMs } = hold;
  const named = targets.slice(0, 5).join(', ');
  const more = targetCount > 5 ? ` and ${targetCount - 5} more` : '';
  const share = `${Math.round(removed * 1000) / 10} % of ${policy}`;
  const what = targetCount === 0 ? share : `${share} (${named}${more})`;
  return `${id}  ${what} by ${cause}, for ${drawAge(nowMs - sinceMs)}: ${why}`;
}
