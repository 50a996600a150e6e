/** Reports and heartbeats as probers send them, for tests. */
import type { Family, HealthState } from '@signpost/contracts/health';
import type { HealthReport } from '@signpost/contracts/health-report';
import { reportDigest } from '@signpost/contracts/heartbeats';

import type { HeardBeat } from '../fleet/fleet.ts';

export interface ReportFields {
  readonly vantage: string;
  readonly prober?: string;
  readonly monitor?: string;
  readonly target?: string;
  readonly incarnation?: number;
  readonly sequence?: number;
  readonly states: Partial<Record<Family, HealthState>>;
  readonly reason?: string;
  readonly flips?: number;
  /** Of every family. */
  readonly sinceMs?: number;
}

export function report(fields: ReportFields): HealthReport {
  const { vantage, states, reason = 'because', sinceMs = 1 } = fields;
  const families = Object.fromEntries(
    Object.entries(states).map(([family, state]) => [family, { state, sinceMs, reason }]),
  );
  return {
    monitor: fields.monitor ?? 'web',
    target: fields.target ?? 'eu-b',
    vantage,
    prober: fields.prober ?? 'p1',
    incarnation: fields.incarnation ?? 1,
    sequence: fields.sequence ?? 1,
    families,
    flips: fields.flips ?? 0,
  };
}

/** The heartbeat of a prober that has sent these reports; they must be its own. */
export function beatOf(
  reports: readonly HealthReport[],
  heardAtMs: number,
  prober: { vantage: string; prober?: string; incarnation?: number },
): HeardBeat {
  const present = new Map(reports.map((sent) => [`${sent.monitor}.${sent.target}`, sent]));
  return {
    vantage: prober.vantage,
    prober: prober.prober ?? 'p1',
    incarnation: prober.incarnation ?? 1,
    sequence: Math.max(0, ...reports.map(({ sequence }) => sequence)),
    reports: present.size,
    digest: reportDigest(present.values()),
    heardAtMs,
  };
}
