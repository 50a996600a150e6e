/**
 * H8, first half: (fleet, what was heard, clock) -> fleet. Pure; equal input gives an equal fleet, and what is
 * heard twice or late changes nothing. Takes what arrived together at once, so that a replay of many reports
 * copies each prober's table once. Must not judge health.
 */
import { isNewer, type HealthReport } from '@signpost/contracts/health-report';
import { FRESH_FOR_MS, type ProberHeartbeat } from '@signpost/contracts/heartbeats';
import { pairKey } from '@signpost/contracts/names';

import { judgeDigest } from './digest.ts';
import { EMPTY_FLEET, proberKey, type Fleet, type HeardBeat, type ProberView } from './fleet.ts';

export type Observation =
  | { readonly kind: 'report'; readonly report: HealthReport }
  | { readonly kind: 'beat'; readonly beat: HeardBeat };

/** More probers than anybody runs; names made up by a broken client must not fill the memory. */
export const MAX_PROBERS = 4_096;

export interface EvolvedFleet {
  readonly fleet: Fleet;
  /** Probers that are to be asked for all their reports again. */
  readonly resend: readonly { vantage: string; prober: string }[];
}

/** Whether a pair is assigned to a vantage now. */
export type IsAssigned = (pair: string, vantage: string) => boolean;

/** `nowMs`: the receiver's monotonic clock. */
export function evolveFleet(
  fleet: Fleet,
  observations: readonly Observation[],
  isAssigned: IsAssigned,
  nowMs: number,
): EvolvedFleet {
  if (observations.length === 0) return { fleet, resend: [] };
  const probers = new Map(fleet.probers);
  const own = new Map<string, Map<string, HealthReport>>();
  const resend = new Map<string, { vantage: string; prober: string }>();
  for (const observation of observations) {
    const { vantage, prober } = observation.kind === 'report' ? observation.report : observation.beat;
    const key = proberKey(vantage, prober);
    const known = probers.get(key);
    if (known === undefined && probers.size >= MAX_PROBERS) continue;
    const before = known ?? unknownProber(vantage, prober, nowMs);
    if (observation.kind === 'report') {
      const after = takeReport(before, observation.report, () => ownReports(own, key, before));
      probers.set(key, after);
    } else {
      const { view, mismatched } = takeBeat(before, observation.beat, isAssigned);
      if (view.reports !== before.reports) own.delete(key);
      probers.set(key, view);
      if (mismatched) resend.set(key, { vantage, prober });
    }
  }
  return { fleet: { probers }, resend: [...resend.values()] };
}

/** Forgets reports and probers; what the store keeps of them is the caller's to purge. */
export function forget(
  fleet: Fleet,
  reports: readonly Pick<HealthReport, 'monitor' | 'target' | 'vantage' | 'prober'>[],
  probers: readonly { vantage: string; prober: string }[],
): Fleet {
  if (reports.length === 0 && probers.length === 0) return fleet;
  const next = new Map(fleet.probers);
  for (const { vantage, prober } of probers) next.delete(proberKey(vantage, prober));
  const own = new Map<string, Map<string, HealthReport>>();
  for (const { monitor, target, vantage, prober } of reports) {
    const key = proberKey(vantage, prober);
    const view = next.get(key);
    if (view === undefined) continue;
    const left = ownReports(own, key, view);
    left.delete(pairKey(monitor, target));
    next.set(key, { ...view, reports: left });
  }
  return next.size === 0 ? EMPTY_FLEET : { probers: next };
}

function unknownProber(vantage: string, prober: string, nowMs: number): ProberView {
  return {
    vantage,
    prober,
    beat: undefined,
    knownSinceMs: nowMs,
    reports: new Map(),
    receivedSequence: 0,
    mismatches: 0,
  };
}

/** One copy of a prober's table per call of `evolveFleet` or `forget`, made at its first change. */
function ownReports(
  own: Map<string, Map<string, HealthReport>>,
  key: string,
  view: ProberView,
): Map<string, HealthReport> {
  const copy = own.get(key) ?? new Map(view.reports);
  own.set(key, copy);
  return copy;
}

function takeReport(
  before: ProberView,
  report: HealthReport,
  reports: () => Map<string, HealthReport>,
): ProberView {
  const pair = pairKey(report.monitor, report.target);
  const held = before.reports.get(pair);
  const counted =
    before.beat?.incarnation === report.incarnation
      ? Math.max(before.receivedSequence, report.sequence)
      : before.receivedSequence;
  if (held !== undefined && !isNewer(report, held)) return { ...before, receivedSequence: counted };
  const next = reports();
  next.set(pair, report);
  return { ...before, reports: next, receivedSequence: counted };
}

function takeBeat(
  before: ProberView,
  beat: HeardBeat,
  isAssigned: IsAssigned,
): { view: ProberView; mismatched: boolean } {
  const last = before.beat;
  if (last !== undefined && last.incarnation > beat.incarnation) {
    // Late, or of a process whose wall clock was set back: then the one before it, which seems later, is silent.
    if (beat.heardAtMs - last.heardAtMs <= FRESH_FOR_MS) return { view: before, mismatched: false };
    return takeBeat(withoutLater(before, beat), beat, isAssigned);
  }
  const restarted = last?.incarnation !== beat.incarnation;
  const receivedSequence = restarted
    ? highestSequence(before.reports, beat.incarnation)
    : before.receivedSequence;
  const heard = { ...before, beat, receivedSequence };
  if (receivedSequence < beat.sequence) return { view: heard, mismatched: false };
  return judgeDigest(heard, beat, (pair) => isAssigned(pair, before.vantage));
}

/** What it said so far may have been dropped as old, so that its digest is to be compared at once. */
function withoutLater(before: ProberView, beat: HeardBeat): ProberView {
  const reports = new Map(
    [...before.reports].filter(([, { incarnation }]) => incarnation <= beat.incarnation),
  );
  return { ...before, beat, reports, receivedSequence: beat.sequence, mismatches: 0 };
}

function highestSequence(reports: ReadonlyMap<string, HealthReport>, incarnation: number): number {
  let highest = 0;
  for (const report of reports.values()) {
    if (report.incarnation === incarnation) highest = Math.max(highest, report.sequence);
  }
  return highest;
}

/** A heartbeat as heard at `heardAtMs` of the monotonic clock. */
export function heardAt(beat: ProberHeartbeat, heardAtMs: number): HeardBeat {
  return { ...beat, heardAtMs };
}
