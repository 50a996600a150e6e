/**
 * H8: (pair, what is known, last verdict, clock) -> verdict, with its reason in words. Pure; independent of the
 * order in which messages came. Families are judged apart; the target is as good as its best. Three rules conclude
 * (votes of vantages, heartbeats of the target, other monitors), then damping may keep down what flaps.
 */
import { bestState, FAMILIES, type Family, type HealthState } from '@signpost/contracts/health';
import type { FamilyStates, Verdict } from '@signpost/contracts/verdict';

import type { Voters } from '../fleet/voters.ts';
import type { MonitoredPair } from '../topology/monitored-pairs.ts';
import { countFlips, type CountedFlips } from './count-flips.ts';
import { dampFlaps } from './damp-flaps.ts';
import { historyOf } from './history-of.ts';
import { judgeCalculated, type Child } from './judge-calculated.ts';
import { judgeHeartbeat, type HeardHeartbeat } from './judge-heartbeat.ts';
import { believed, freshReports, judgeVotes } from './judge-votes.ts';
import type { Judgement } from './judgement.ts';

export interface Clocks {
  /** For freshness and silence. */
  readonly monotonicMs: number;
  /** For what people read, and for penalties, which outlive a process. */
  readonly wallMs: number;
}

/** What a verdict may rest on. */
export interface Sight {
  readonly voters: Voters;
  /** Vantages whose votes do not count. */
  readonly disbelieved: ReadonlySet<string>;
  /** By target. */
  readonly heartbeats: ReadonlyMap<string, HeardHeartbeat>;
  /** Since when a missing heartbeat means something, monotonic; undefined: NATS is not reached. */
  readonly hearingSinceMs: number | undefined;
  /** What is concluded of the same target by another monitor. */
  readonly childOf: (monitor: string, target: string) => Child | undefined;
}

export interface JudgedPair {
  readonly verdict: Verdict;
  /** Whether there was enough to judge it anew; else the last verdict is frozen. */
  readonly settled: boolean;
  /** When time alone may change it, monotonic; absent: never, or when damping ends. */
  readonly dueAtMs?: number;
}

export function judgePair(
  pair: MonitoredPair,
  sight: Sight,
  last: Verdict | undefined,
  clocks: Clocks,
): JudgedPair {
  const before = last?.flaps?.judged ?? last?.families ?? {};
  const { judgement, flips } = conclude(pair, sight, last, before, clocks.monotonicMs);
  const { settled } = judgement;
  // How a suspicion counts depends on what was concluded last: after a change it is looked at once more.
  const moved = [...judgement.families].some(([family, { state }]) => before[family] !== state);
  const dueAtMs = moved ? clocks.monotonicMs : judgement.dueAtMs;
  const verdict = verdictOf(pair, judgement, flips, last, clocks.wallMs);
  return { verdict, settled, ...(dueAtMs === undefined ? {} : { dueAtMs }) };
}

interface Concluded {
  readonly judgement: Judgement;
  readonly flips: CountedFlips;
}

function conclude(
  pair: MonitoredPair,
  sight: Sight,
  last: Verdict | undefined,
  before: FamilyStates,
  monotonicMs: number,
): Concluded {
  const { rule } = pair;
  const counted = last?.flaps?.counted ?? {};
  switch (rule.kind) {
    case 'votes': {
      const reports = freshReports(pair, sight.voters);
      const votes = believed(reports, sight.disbelieved);
      const judgement = {
        ...judgeVotes(pair, rule.quorum, votes, before),
        ...(votes.size === reports.size ? {} : { note: noteOf(reports, votes) }),
      };
      if (pair.damping === undefined) return { judgement, flips: NO_FLIPS };
      return { judgement, flips: countFlips(reports, sight.disbelieved, counted) };
    }
    case 'heartbeat': {
      const hearing = {
        heard: sight.heartbeats.get(pair.target),
        sinceMs: sight.hearingSinceMs,
        nowMs: monotonicMs,
      };
      const judgement = judgeHeartbeat(rule, pair.families, hearing, before);
      return { judgement, flips: { flips: ownFlips(judgement, before), counted } };
    }
    case 'calculated': {
      const childOf = (monitor: string) => sight.childOf(monitor, pair.target);
      return { judgement: judgeCalculated(rule, pair.families, childOf), flips: NO_FLIPS };
    }
    default:
      throw new TypeError(`unhandled rule ${JSON.stringify(rule satisfies never)}`);
  }
}

function noteOf(reports: ReadonlyMap<string, unknown>, votes: ReadonlyMap<string, unknown>): string {
  const without = [...reports.keys()].filter((vantage) => !votes.has(vantage));
  return ` (${without.join(', ')} not believed)`;
}

const NO_FLIPS: CountedFlips = { flips: 0, counted: {} };

/** Nobody counts for a target that speaks for itself, in all its families at once, but we. */
function ownFlips({ families }: Judgement, before: FamilyStates): number {
  for (const [family, { state }] of families) {
    const was = before[family] ?? 'unknown';
    return was !== 'unknown' && (was === 'down') !== (state === 'down') ? 1 : 0;
  }
  return 0;
}

function verdictOf(
  pair: MonitoredPair,
  judgement: Judgement,
  { flips, counted }: CountedFlips,
  last: Verdict | undefined,
  wallMs: number,
): Verdict {
  const judged = statesOf(judgement);
  const { damping: settings } = pair;
  const damped =
    settings === undefined
      ? { families: judged }
      : dampFlaps({ judged, last, flips, counted, settings, wallMs });
  const state = bestState(Object.values(damped.families).filter((each) => each !== undefined));
  const nowMs = Math.max(0, Math.floor(wallMs));
  const reason = `${wholeReason(judgement)}${judgement.note ?? ''}`;
  return {
    monitor: pair.monitor,
    target: pair.target,
    state,
    sinceMs: last?.state === state ? Math.min(last.sinceMs, nowMs) : nowMs,
    ...historyOf(last, state, wallMs),
    ...damped,
    reason: ('dampedUntilMs' in damped ? `${dampedUntil(damped.dampedUntilMs)}: ${reason}` : reason).slice(
      0,
      1024,
    ),
  };
}

function dampedUntil(untilMs: number): string {
  return `damped until ${new Date(Math.ceil(untilMs / 1_000) * 1_000).toISOString().replace('.000', '')}`;
}

function statesOf({ families }: Judgement): FamilyStates {
  const states: { ipv4?: HealthState; ipv6?: HealthState } = {};
  for (const [family, { state }] of families) states[family] = state;
  return states;
}

/** One sentence when the families agree, else one for each. */
function wholeReason({ families }: Judgement): string {
  const reasons = new Set([...families.values()].map(({ reason }) => reason));
  if (reasons.size === 1) return [...reasons][0]!;
  return FAMILIES.flatMap((family: Family) => {
    const judged = families.get(family);
    return judged === undefined ? [] : [`${family} ${judged.reason}`];
  }).join('; ');
}
