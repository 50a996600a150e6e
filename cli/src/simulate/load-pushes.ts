/** What targets push as their load: requests per second, those that are not dead. */
import type { Input } from '@signpost/controller/reconcile/take-inputs';
import type { Topology } from '@signpost/controller/topology/topology';

import type { TargetsState } from './targets-state.ts';
import type { Traffic } from './traffic.ts';

/** As `docs/load.md` asks for. */
const PUSH_EVERY_MS = 5_000;

/** Of the time since the last push; none when it is not time for one. */
export function loadPushes(
  { loadTargets }: Topology,
  targets: TargetsState,
  traffic: Traffic,
  nowMs: number,
): Input[] {
  if (loadTargets.size === 0 || nowMs === 0 || nowMs % PUSH_EVERY_MS !== 0) return [];
  return [...loadTargets]
    .filter((target) => targets.of(target)?.failing !== 1)
    .map((target) => ({
      kind: 'load',
      target,
      load: { load: traffic.rateOf(target, nowMs - PUSH_EVERY_MS, nowMs) },
      heardAtMs: nowMs,
    }));
}
