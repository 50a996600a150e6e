/** The probers that count now, by vantage: found once a round for all pairs. Pure. */
import type { HealthReport } from '@signpost/contracts/health-report';

import { isFresh, type Fleet, type ProberView } from './fleet.ts';

/** Those with a fresh heartbeat. A vantage without any is not in it. */
export type Voters = ReadonlyMap<string, readonly ProberView[]>;

export function votersOf({ probers }: Fleet, nowMs: number): Voters {
  const voters = new Map<string, ProberView[]>();
  for (const view of probers.values()) {
    if (!isFresh(view, nowMs)) continue;
    const ofVantage = voters.get(view.vantage) ?? [];
    voters.set(view.vantage, ofVantage);
    ofVantage.push(view);
  }
  return voters;
}

/** What a prober that counts says of a pair; a report of an earlier process of it does not count. */
export function reportOf(view: ProberView, pair: string): HealthReport | undefined {
  const report = view.reports.get(pair);
  return report?.incarnation === view.beat?.incarnation ? report : undefined;
}

/** Equal for two sets of voters under which the same reports give the same votes. */
export function signatureOf(voters: Voters): string {
  return [...voters.values()]
    .flat()
    .map(({ vantage, prober, beat }) => `${vantage}/${prober}:${beat?.incarnation}`)
    .join(' ');
}
