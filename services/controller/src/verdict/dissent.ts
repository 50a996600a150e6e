/**
 * What single vantages see otherwise than the verdict, of a monitor that decides regionally: (pair, votes, verdict)
 * -> dissent by vantage. Pure. Clients near such a vantage are steered by what it sees.
 *
 * Only what is settled counts: most probers of the vantage say up, or most say down. A suspicion is none, nor is what
 * a vantage says that is silent or disbelieved. While too few vantages vote for a new verdict no dissent begins.
 */
import { FAMILIES, type Family } from '@signpost/contracts/health';
import type { HealthReport } from '@signpost/contracts/health-report';

import type { MonitoredPair } from '../topology/monitored-pairs.ts';
import type { JudgedPair, Sight } from './judge-pair.ts';
import { believed, freshReports } from './judge-votes.ts';

export type SettledState = 'up' | 'down';

export interface Dissent {
  /** Families that the vantage sees otherwise. */
  readonly families: Readonly<Partial<Record<Family, SettledState>>>;
  /** What its probers say. */
  readonly reason: string;
}

/** By vantage. */
export type Dissents = ReadonlyMap<string, Dissent>;

/** `before`: that of the last judgement. Undefined: all see what the verdict says. */
export function dissentsOf(
  pair: MonitoredPair,
  sight: Pick<Sight, 'voters' | 'disbelieved'>,
  judged: JudgedPair,
  before: Dissents | undefined,
): Dissents | undefined {
  if (pair.rule.kind !== 'votes' || pair.rule.decide !== 'regional') return undefined;
  const dissents = new Map<string, Dissent>();
  for (const [vantage, reports] of believed(freshReports(pair, sight.voters), sight.disbelieved)) {
    const families: Partial<Record<Family, SettledState>> = {};
    let reason = '';
    for (const family of pair.families) {
      const seen = settledState(reports, family);
      if (seen === undefined || !contradicts(seen, family, judged)) continue;
      if (!judged.settled && before?.get(vantage)?.families[family] !== seen) continue;
      families[family] = seen;
      reason ||= reasonOf(reports, family, seen);
    }
    if (Object.keys(families).length > 0) dissents.set(vantage, { families, reason });
  }
  return dissents.size === 0 ? undefined : dissents;
}

/** `ap: ipv4 down`; equal for dissents that steer alike. */
export function describeDissents(dissents: Dissents | undefined): string {
  return [...(dissents ?? [])]
    .map(([vantage, { families }]) => {
      const seen = FAMILIES.flatMap((family) =>
        families[family] === undefined ? [] : `${family} ${families[family]}`,
      );
      return `${vantage}: ${seen.join(', ')}`;
    })
    .join('; ');
}

function settledState(reports: readonly HealthReport[], family: Family): SettledState | undefined {
  const states = reports.flatMap((report) => report.families[family]?.state ?? []);
  return (['up', 'down'] as const).find(
    (state) => states.filter((each) => each === state).length * 2 > states.length,
  );
}

/** Damping keeps out what flaps, for everybody. */
function contradicts(seen: SettledState, family: Family, { verdict }: JudgedPair): boolean {
  const concluded = verdict.families[family] ?? 'unknown';
  if (seen === 'down') return concluded !== 'down';
  return concluded === 'unknown' || (concluded === 'down' && verdict.dampedUntilMs === undefined);
}

function reasonOf(reports: readonly HealthReport[], family: Family, seen: SettledState): string {
  return (
    reports.map((report) => report.families[family]).find((heard) => heard?.state === seen)?.reason ?? ''
  );
}
