/** Judges a pair by the votes of its vantages. Pure; independent of the order in which reports came. */
import type { Quorum } from '@signpost/contracts/configuration';
import type { Family } from '@signpost/contracts/health';
import type { HealthReport } from '@signpost/contracts/health-report';
import { pairKey } from '@signpost/contracts/names';
import type { FamilyStates } from '@signpost/contracts/verdict';

import { reportOf, type Voters } from '../fleet/voters.ts';
import type { MonitoredPair } from '../topology/monitored-pairs.ts';
import { judgeFamily, type FamilyJudgement } from './judge-family.ts';
import type { Judgement } from './judgement.ts';

/** `last`: what was concluded without damping. */
export function judgeVotes(
  pair: MonitoredPair,
  quorum: Quorum,
  reports: ReadonlyMap<string, readonly HealthReport[]>,
  last: FamilyStates,
): Judgement {
  const families = new Map<Family, FamilyJudgement>();
  let settled = true;
  for (const family of pair.families) {
    const judged = judgeFamily({
      family,
      reports,
      vantageCount: pair.vantages.length,
      quorum,
      minReports: pair.minReports,
      last: last[family] ?? 'unknown',
    });
    families.set(family, judged);
    settled &&= judged.settled;
  }
  return { families, settled };
}

/** Reports of the probers that are heard, by vantage of the pair. */
export function freshReports(
  { monitor, target, vantages }: MonitoredPair,
  voters: Voters,
): ReadonlyMap<string, readonly HealthReport[]> {
  const key = pairKey(monitor, target);
  const byVantage = new Map<string, HealthReport[]>();
  for (const vantage of vantages) {
    const reports: HealthReport[] = [];
    for (const view of voters.get(vantage) ?? []) {
      const report = reportOf(view, key);
      if (report !== undefined) reports.push(report);
    }
    byVantage.set(vantage, reports);
  }
  return byVantage;
}

/** Without those of the vantages that are not believed. */
export function believed(
  reports: ReadonlyMap<string, readonly HealthReport[]>,
  disbelieved: ReadonlySet<string>,
): ReadonlyMap<string, readonly HealthReport[]> {
  if (disbelieved.size === 0) return reports;
  return new Map([...reports].filter(([vantage]) => !disbelieved.has(vantage)));
}
