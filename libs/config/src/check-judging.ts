/** What makes no sense of a monitor's way to its verdict: quorum, damping, heartbeats. */
import type { MonitorConfiguration, PushMonitor, Quorum } from '@signpost/contracts/configuration';
import { formatDuration } from '@signpost/contracts/duration';

import type { Path } from './readable-parts.ts';
import type { ReferenceMistake } from './reference-mistake.ts';

/** A penalty never exceeds what decays to `reuse` in four half-lives, so that nothing is kept out for ever. */
const HIGHEST_SUPPRESS = 16;

/** `path` of the monitor's `vantages`, of which there are `count`. */
export function checkQuorum(quorum: Quorum, count: number, path: Path): ReferenceMistake[] {
  if (typeof quorum !== 'number' || quorum <= count || count === 0) return [];
  const message = `a quorum of ${quorum} is never reached, the monitor has ${count} vantage${count === 1 ? '' : 's'}; write at most ${count}`;
  return [{ path: [...path, 'quorum'], message }];
}

export function checkDamping(
  name: string,
  { damping }: Exclude<MonitorConfiguration, { type: 'calculated' }>,
): ReferenceMistake[] {
  if (damping === 'off') return [];
  const { suppress, reuse, half_life: halfLife } = damping;
  const path = ['monitors', name, 'damping'];
  if (halfLife === 0) return [{ path: [...path, 'half_life'], message: 'a half-life is above 0; write 5m' }];
  if (reuse > suppress) {
    const message = `reuse ${reuse} is above suppress ${suppress}, so damping would end as it begins; write less`;
    return [{ path: [...path, 'reuse'], message }];
  }
  if (suppress <= reuse * HIGHEST_SUPPRESS) return [];
  const most = reuse * HIGHEST_SUPPRESS;
  const message = `suppress ${suppress} is never reached, a penalty ends at ${HIGHEST_SUPPRESS} times reuse; write at most ${most}`;
  return [{ path: [...path, 'suppress'], message }];
}

export function checkHeartbeat(
  name: string,
  { expect_every: every, down_after: downAfter, silence }: PushMonitor,
): ReferenceMistake[] {
  const path = ['monitors', name];
  if (every < 100) {
    const message = `a heartbeat each ${formatDuration(every)} is more than anybody hears; write 100ms or more`;
    return [{ path: [...path, 'expect_every'], message }];
  }
  if (downAfter === undefined) return [];
  const at = [...path, 'down_after'];
  if (silence === 'down') {
    return [
      { path: at, message: 'with "silence: down" the first missing heartbeat is down; remove down_after' },
    ];
  }
  if (downAfter > every) return [];
  const message = `${formatDuration(downAfter)} is not longer than expect_every, ${formatDuration(every)}; write a longer time`;
  return [{ path: at, message }];
}
