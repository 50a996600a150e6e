/** Overrides as tables and words. Pure. */
import { timeText, type OverrideView } from '@signpost/contracts/override';

import { paint } from './print.ts';
import { drawTable } from './table.ts';

export function drawOverrides(overrides: readonly OverrideView[], nowMs: number): string[] {
  const rows = overrides.map((override) => [
    override.id,
    override.match,
    override.set,
    stateOf(override, nowMs),
    override.sinceMs === 0 ? '-' : timeText(override.sinceMs),
    timeText(override.untilMs),
    override.by,
    override.source,
    override.reason,
  ]);
  return drawTable(
    ['OVERRIDE', 'MATCH', 'SET', 'NOW', 'FROM', 'UNTIL', 'BY', 'SOURCE', 'REASON'],
    rows,
    (text, _column, isHeader) => (isHeader ? paint('dim', text) : text),
  );
}

/** What it comes to: the targets for which it counts, or why it counts for none. */
function stateOf({ sinceMs, targets, inForce, origin }: OverrideView, nowMs: number): string {
  if (origin === 'configuration' && sinceMs > nowMs) return 'planned';
  if (targets.length === 0) return 'matches nothing';
  if (inForce.length === 0) return 'outvoted';
  return inForce.length === targets.length
    ? inForce.join(',')
    : `${inForce.join(',')} of ${targets.join(',')}`;
}
