/**
 * What the controller has heard of its probers: the newest report of each pair, and the last sign of life.
 * Types and look-ups only; `evolve-fleet.ts` makes the next fleet from the last one.
 *
 *   "eu/p1" ──> beat {incarnation, sequence, digest, heardAtMs} ──┐
 *          └──> reports "web.eu-a" ──> report {incarnation, ...} ─┴─ fresh: same incarnation, beat at most 3 s old
 */
import type { HealthReport } from '@signpost/contracts/health-report';
import { FRESH_FOR_MS, type ProberHeartbeat } from '@signpost/contracts/heartbeats';

/** A heartbeat as it was heard, live, from the prober itself. */
export interface HeardBeat extends ProberHeartbeat {
  /** The receiver's monotonic clock. */
  readonly heardAtMs: number;
}

export interface ProberView {
  readonly vantage: string;
  readonly prober: string;
  readonly beat: HeardBeat | undefined;
  /** When anything of it was first heard, monotonic: what replayed reports of a vanished prober are aged by. */
  readonly knownSinceMs: number;
  /** Newest report by pair key, of whatever incarnation. */
  readonly reports: ReadonlyMap<string, HealthReport>;
  /** Highest sequence received of the beat's incarnation. */
  readonly receivedSequence: number;
  /** Heartbeats in a row whose digest was not ours. */
  readonly mismatches: number;
}

export interface Fleet {
  /** By `proberKey`. */
  readonly probers: ReadonlyMap<string, ProberView>;
}

export const EMPTY_FLEET: Fleet = { probers: new Map() };

export function proberKey(vantage: string, prober: string): string {
  return `${vantage}/${prober}`;
}

/** Whether its reports count now. Reports alone prove nothing: they may be a replay of what was long ago. */
export function isFresh(view: ProberView, nowMs: number): boolean {
  return view.beat !== undefined && nowMs - view.beat.heardAtMs <= FRESH_FOR_MS;
}

/** The report of a pair that counts as a vote now; undefined when it has none. */
export function freshReport(view: ProberView, pair: string, nowMs: number): HealthReport | undefined {
  if (!isFresh(view, nowMs)) return undefined;
  const report = view.reports.get(pair);
  return report?.incarnation === view.beat?.incarnation ? report : undefined;
}
