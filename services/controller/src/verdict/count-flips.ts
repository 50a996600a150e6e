/**
 * How often a target flipped since flips were counted last, from the counts in its probers' reports: flips that
 * lie between two reports count as well, and none counts twice, whoever counted before. Pure.
 */
import type { HealthReport } from '@signpost/contracts/health-report';
import type { Flaps } from '@signpost/contracts/verdict';

import { proberKey } from '../fleet/fleet.ts';

export interface CountedFlips {
  /** Averaged over the vantages that report, and within one over its probers. */
  readonly flips: number;
  readonly counted: Flaps['counted'];
}

/** Probers come and go under new names; more than these are no longer remembered. */
const MAX_COUNTED = 64;

/**
 * `reports` by vantage, of probers that are heard. A prober that was not counted before begins at what it says now: when it flipped, nobody
 * can tell. A prober that was started anew counts from zero. Flips that a vantage that is not believed sees are noted, so
 * that they are not counted when it is believed again.
 */
export function countFlips(
  reports: ReadonlyMap<string, readonly HealthReport[]>,
  disbelieved: ReadonlySet<string>,
  counted: Flaps['counted'],
): CountedFlips {
  let flips = 0;
  let vantages = 0;
  let next: Record<string, [number, number]> | undefined;
  for (const [vantage, ofVantage] of reports) {
    if (ofVantage.length === 0) continue;
    let since = 0;
    for (const report of ofVantage) {
      const key = proberKey(vantage, report.prober);
      const before = Object.hasOwn(counted, key) ? counted[key] : undefined;
      since += flipsSince(report, before);
      if (before?.[0] === report.incarnation && before[1] >= report.flips) continue;
      next ??= { ...counted };
      next[key] = [report.incarnation, report.flips];
    }
    if (disbelieved.has(vantage)) continue;
    vantages += 1;
    flips += since / ofVantage.length;
  }
  return {
    flips: vantages === 0 ? 0 : flips / vantages,
    counted: next === undefined ? counted : forgetGone(next, reports),
  };
}

/** Of one family: a report counts the changes of all its families together. */
function flipsSince(report: HealthReport, before: readonly [number, number] | undefined): number {
  if (before === undefined) return 0;
  const [incarnation, flips] = before;
  const families = Math.max(1, Object.keys(report.families).length);
  if (report.incarnation > incarnation) return report.flips / families;
  return report.incarnation === incarnation ? Math.max(0, report.flips - flips) / families : 0;
}

function forgetGone(
  counted: Record<string, [number, number]>,
  reports: ReadonlyMap<string, readonly HealthReport[]>,
): Flaps['counted'] {
  if (Object.keys(counted).length <= MAX_COUNTED) return counted;
  const present = new Set(
    [...reports].flatMap(([vantage, list]) => list.map(({ prober }) => proberKey(vantage, prober))),
  );
  return Object.fromEntries(Object.entries(counted).filter(([key]) => present.has(key)));
}
