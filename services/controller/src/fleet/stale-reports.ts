/**
 * Which reports the stream need no longer keep: of pairs that are not assigned any more, and of probers that
 * have been gone for an hour. Pure; must not purge.
 */
import type { HealthReport } from '@signpost/contracts/health-report';

import type { IsAssigned } from './evolve-fleet.ts';
import type { Fleet, ProberView } from './fleet.ts';

export const GONE_AFTER_MS = 3_600_000;

export interface StaleReports {
  readonly reports: readonly HealthReport[];
  readonly probers: readonly { vantage: string; prober: string }[];
}

/** `nowMs`: monotonic. */
export function staleReports(fleet: Fleet, isAssigned: IsAssigned, nowMs: number): StaleReports {
  const reports: HealthReport[] = [];
  const probers: { vantage: string; prober: string }[] = [];
  for (const view of fleet.probers.values()) {
    const gone = isGone(view, nowMs);
    if (gone) probers.push({ vantage: view.vantage, prober: view.prober });
    for (const [pair, report] of view.reports) {
      if (gone || !isAssigned(pair, view.vantage)) reports.push(report);
    }
  }
  return { reports, probers };
}

function isGone(view: ProberView, nowMs: number): boolean {
  return nowMs - (view.beat?.heardAtMs ?? view.knownSinceMs) > GONE_AFTER_MS;
}
