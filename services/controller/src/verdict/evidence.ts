/** What each prober says of a pair, for events, status and whoever doubts a verdict. Pure; must not judge. */
import { pairKey } from '@signpost/contracts/names';
import type { Evidence } from '@signpost/contracts/verdict';

import { isFresh, type Fleet } from '../fleet/fleet.ts';
import type { MonitoredPair } from '../topology/monitored-pairs.ts';

/** Of the probers of the pair's vantages, whether they count or not; in the order of their names. */
export function evidenceOf(
  pair: MonitoredPair,
  fleet: Fleet,
  disbelieved: ReadonlySet<string>,
  monotonicMs: number,
): Evidence[] {
  const key = pairKey(pair.monitor, pair.target);
  const evidence: Evidence[] = [];
  for (const view of fleet.probers.values()) {
    const report = view.reports.get(key);
    if (report === undefined || !pair.vantages.includes(view.vantage)) continue;
    evidence.push({
      vantage: view.vantage,
      prober: view.prober,
      families: report.families,
      fresh: isFresh(view, monotonicMs) && report.incarnation === view.beat?.incarnation,
      ...(disbelieved.has(view.vantage) ? { quarantined: true as const } : {}),
      ...(view.beat === undefined ? {} : { heartbeatAgeMs: Math.max(0, monotonicMs - view.beat.heardAtMs) }),
    });
  }
  return evidence.toSorted((a, b) => compareText(a.vantage, b.vantage) || compareText(a.prober, b.prober));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
