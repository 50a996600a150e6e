/**
 * H8: (pair, fleet, last verdict, clock) -> verdict, with its reason in words and the evidence per prober. Pure;
 * independent of the order in which reports came. Families are judged apart; the target is as good as its best.
 */
import { bestState, FAMILIES, type Family, type HealthState } from '@signpost/contracts/health';
import type { HealthReport } from '@signpost/contracts/health-report';
import { pairKey } from '@signpost/contracts/names';
import type { Evidence, Verdict } from '@signpost/contracts/verdict';

import { freshReport, isFresh, type Fleet } from '../fleet/fleet.ts';
import type { MonitoredPair } from '../topology/topology.ts';
import { historyOf } from './history-of.ts';
import { judgeFamily, type FamilyJudgement } from './judge-family.ts';

export interface Clocks {
  /** For freshness. */
  readonly monotonicMs: number;
  /** For `sinceMs`, which people read. */
  readonly wallMs: number;
}

export interface JudgedPair {
  readonly verdict: Verdict;
  /** Whether every family has the votes it needs to be judged anew. */
  readonly settled: boolean;
}

export function judgePair(
  pair: MonitoredPair,
  fleet: Fleet,
  last: Verdict | undefined,
  clocks: Clocks,
): JudgedPair {
  const reports = freshReports(pair, fleet, clocks.monotonicMs);
  const judged = new Map<Family, FamilyJudgement>();
  for (const family of pair.families) {
    judged.set(
      family,
      judgeFamily({
        family,
        reports,
        vantageCount: pair.vantages.length,
        minReports: pair.minReports,
        last: last?.families[family] ?? 'unknown',
      }),
    );
  }
  return {
    verdict: verdictOf(pair, judged, last, clocks.wallMs),
    settled: [...judged.values()].every(({ votes }) => votes >= pair.minReports),
  };
}

/** What each prober of the pair's vantages says, whether it counts or not; in the order of their names. */
export function evidenceOf(pair: MonitoredPair, fleet: Fleet, monotonicMs: number): Evidence[] {
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
      ...(view.beat === undefined ? {} : { heartbeatAgeMs: Math.max(0, monotonicMs - view.beat.heardAtMs) }),
    });
  }
  return evidence.toSorted((a, b) => compareText(a.vantage, b.vantage) || compareText(a.prober, b.prober));
}

function freshReports(
  pair: MonitoredPair,
  fleet: Fleet,
  monotonicMs: number,
): ReadonlyMap<string, readonly HealthReport[]> {
  const key = pairKey(pair.monitor, pair.target);
  const byVantage = new Map<string, HealthReport[]>(pair.vantages.map((vantage) => [vantage, []]));
  for (const view of fleet.probers.values()) {
    const ofVantage = byVantage.get(view.vantage);
    const report = ofVantage === undefined ? undefined : freshReport(view, key, monotonicMs);
    if (report !== undefined) ofVantage!.push(report);
  }
  return byVantage;
}

function verdictOf(
  pair: MonitoredPair,
  judged: ReadonlyMap<Family, FamilyJudgement>,
  last: Verdict | undefined,
  wallMs: number,
): Verdict {
  const families: { ipv4?: HealthState; ipv6?: HealthState } = {};
  for (const [family, { state }] of judged) families[family] = state;
  const state = bestState([...judged.values()].map((judgement) => judgement.state));
  return {
    monitor: pair.monitor,
    target: pair.target,
    state,
    families,
    sinceMs: last?.state === state ? last.sinceMs : Math.max(0, Math.floor(wallMs)),
    ...historyOf(last, state, wallMs),
    reason: wholeReason(judged).slice(0, 1024),
  };
}

/** One sentence when the families agree, else one for each. */
function wholeReason(judged: ReadonlyMap<Family, FamilyJudgement>): string {
  const reasons = new Set([...judged.values()].map(({ reason }) => reason));
  if (reasons.size === 1) return [...reasons][0]!;
  return FAMILIES.flatMap((family) => {
    const judgement = judged.get(family);
    return judgement === undefined ? [] : [`${family} ${judgement.reason}`];
  }).join('; ');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
