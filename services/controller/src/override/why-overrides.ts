/** Why overrides make a publication, one line for each target whose override changed, or for planned work. Pure. */
import { describeOverride, timeText } from '@signpost/contracts/override';

import { NONE_PRESENT, type PresentOverrides } from './overrides-at.ts';

export function whyOverrides(before: PresentOverrides = NONE_PRESENT, after: PresentOverrides): string[] {
  const targets = new Set([...before.inForce.keys(), ...after.inForce.keys()]);
  const lines: string[] = [];
  for (const target of targets) {
    const now = after.inForce.get(target);
    if (before.inForce.get(target)?.id === now?.id) continue;
    lines.push(
      `override ${target}: ${now === undefined ? 'ended, it obeys its checks' : describeOverride(now)}`,
    );
  }
  for (const [target, beginsMs] of after.beginsAtMs) {
    if (before.beginsAtMs.get(target) === beginsMs) continue;
    lines.push(`planned work on ${target} begins at ${timeText(beginsMs)}: short TTL before it`);
  }
  return lines;
}
