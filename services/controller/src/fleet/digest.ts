/**
 * Compares a prober's digest of its reports with what was received of it. Pure.
 * Called only once the heartbeat's sequence has been received; before that a difference means nothing.
 */
import type { HealthReport } from '@signpost/contracts/health-report';
import { reportDigest } from '@signpost/contracts/heartbeats';

import type { HeardBeat, ProberView } from './fleet.ts';

/** One mismatch may be a report that overtook another; after two in a row a report is missing. */
const MISMATCHES_TO_RESEND = 2;

export interface JudgedDigest {
  readonly view: ProberView;
  /** Whether to ask the prober for everything again. */
  readonly mismatched: boolean;
}

export function judgeDigest(
  view: ProberView,
  beat: HeardBeat,
  isAssigned: (pair: string) => boolean,
): JudgedDigest {
  const held = [...view.reports].filter(([, report]) => report.incarnation === beat.incarnation);
  if (agrees(held, beat)) return { view: { ...view, mismatches: 0 }, mismatched: false };
  // The prober has dropped pairs that are no longer assigned; here they may still be held.
  const assigned = held.filter(([pair]) => isAssigned(pair));
  if (assigned.length < held.length && agrees(assigned, beat)) {
    return { view: { ...view, reports: new Map(assigned), mismatches: 0 }, mismatched: false };
  }
  const mismatches = view.mismatches + 1;
  if (mismatches < MISMATCHES_TO_RESEND) return { view: { ...view, mismatches }, mismatched: false };
  return { view: { ...view, mismatches: 0 }, mismatched: true };
}

function agrees(reports: readonly (readonly [string, HealthReport])[], beat: HeardBeat): boolean {
  return reports.length === beat.reports && reportDigest(reports.map(([, report]) => report)) === beat.digest;
}
