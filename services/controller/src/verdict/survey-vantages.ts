/**
 * What each vantage sees of all targets, and how much of it the others contradict: what a quarantine is judged by.
 * Pure. Looks at every report once; at other vantages only for one that sees most of its targets fail.
 */
import type { HealthReport } from '@signpost/contracts/health-report';

import type { Voters } from '../fleet/voters.ts';
import { isAssigned, type Topology } from '../topology/topology.ts';

export interface Survey {
  /** Targets that it has fresh votes on. */
  readonly targets: number;
  /** Of them: suspect or down in any family. */
  readonly failing: number;
  /** Of those: seen well by most of the other vantages that are believed. */
  readonly contradicted: number;
}

interface Look {
  readonly target: string;
  /** Above 0 when most of its probers see it fail, below when most see it well. */
  readonly balance: number;
  /** When the latest of what they see began, by the probers' wall clocks. */
  readonly sinceMs: number;
}

/** By pair key, for one vantage. */
type Tally = ReadonlyMap<string, Look>;

export function surveyVantages(
  names: readonly string[],
  topology: Topology,
  voters: Voters,
  quarantined: ReadonlySet<string>,
): ReadonlyMap<string, Survey> {
  const tallies = new Map(names.map((vantage) => [vantage, tallyOf(vantage, topology, voters)]));
  return new Map(
    names.map((vantage) => {
      const others = [...tallies].filter(([other]) => other !== vantage && !quarantined.has(other));
      return [
        vantage,
        survey(
          tallies.get(vantage)!,
          others.map(([, tally]) => tally),
        ),
      ];
    }),
  );
}

function tallyOf(vantage: string, topology: Topology, voters: Voters): Tally {
  const tally = new Map<string, Look>();
  for (const { beat, reports } of voters.get(vantage) ?? []) {
    for (const [pair, report] of reports) {
      if (report.incarnation !== beat?.incarnation || !isAssigned(topology, pair, vantage)) continue;
      const seen = lookOf(report);
      if (seen === 0) continue;
      const { balance, sinceMs } = tally.get(pair) ?? { balance: 0, sinceMs: 0 };
      const latestMs = Math.max(sinceMs, sinceOf(report));
      tally.set(pair, { target: report.target, balance: balance + seen, sinceMs: latestMs });
    }
  }
  return tally;
}

/** 1: it fails, -1: it is well, 0: not known yet. */
function lookOf({ families: { ipv4, ipv6 } }: HealthReport): number {
  const a = ipv4?.state;
  const b = ipv6?.state;
  if (a === 'down' || a === 'suspect' || b === 'down' || b === 'suspect') return 1;
  return a === 'up' || b === 'up' ? -1 : 0;
}

function sinceOf({ families: { ipv4, ipv6 } }: HealthReport): number {
  return Math.max(ipv4?.sinceMs ?? 0, ipv6?.sinceMs ?? 0);
}

function survey(own: Tally, others: readonly Tally[]): Survey {
  const targets = new Set<string>();
  const failing = new Set<string>();
  for (const { target, balance } of own.values()) {
    if (balance === 0) continue;
    targets.add(target);
    if (balance > 0) failing.add(target);
  }
  const contradicted = new Set<string>();
  if (failing.size * 2 > targets.size) {
    for (const [pair, look] of own) {
      if (look.balance > 0 && disagree(pair, look, others)) contradicted.add(look.target);
    }
  }
  return { targets: targets.size, failing: failing.size, contradicted: contradicted.size };
}

/**
 * Whether most of the other vantages that have a vote on the pair see it well, and did so before this one saw it fail.
 * Who sees it well only since then may be the first to see it come back.
 */
function disagree(pair: string, own: Look, others: readonly Tally[]): boolean {
  let balance = 0;
  for (const tally of others) {
    const other = tally.get(pair);
    if (other === undefined || (other.balance < 0 && other.sinceMs > own.sinceMs)) continue;
    balance += Math.sign(other.balance);
  }
  return balance < 0;
}
