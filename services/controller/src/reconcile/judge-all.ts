/**
 * Judges vantages and pairs anew, as far as anything changed that they rest on: a report, who is heard, the
 * configuration, a bound in time. The result is that of judging everything. Pure.
 */
import { pairKey } from '@signpost/contracts/names';
import type { Verdict } from '@signpost/contracts/verdict';

import { signatureOf, votersOf } from '../fleet/voters.ts';
import type { Topology } from '../topology/topology.ts';
import { dissentsOf } from '../verdict/dissent.ts';
import { judgePair, type Clocks, type Sight } from '../verdict/judge-pair.ts';
import { disbelievedOf, judgeVantages, quarantinedOf } from '../verdict/judge-vantages.ts';
import { sameStates } from '../verdict/verdict-change.ts';
import type { ControllerState, JudgingBasis, PairVerdict } from './controller-state.ts';

export interface VerdictChange {
  readonly from: Verdict | undefined;
  readonly to: Verdict;
}

export interface JudgedAll {
  readonly state: ControllerState;
  /** Verdicts whose states changed. */
  readonly changes: readonly VerdictChange[];
}

/** `touched`: keys of the pairs that something arrived for. */
export function judgeAll(state: ControllerState, touched: ReadonlySet<string>, clocks: Clocks): JudgedAll {
  const topology = state.configuration?.topology;
  // Before the configuration is there, what was stored is kept for it.
  if (topology === undefined) return { state, changes: [] };
  const voters = votersOf(state.fleet, clocks.monotonicMs);
  const hearingSinceMs = hearingSince(state);
  const heard = signatureOf(voters);
  const surveyed = `${heard}|${[...quarantinedOf(state.vantages)].join(' ')}`;
  const known = state.judgedOn;
  const vantages = judgeVantages(
    state.vantages,
    {
      topology,
      voters,
      changed: touched.size > 0 || known?.topology !== topology || known.surveyed !== surveyed,
      hearingSinceMs,
      frozenOf: (vantage) => frozenOf(vantage, state, topology),
    },
    clocks,
  );
  const disbelieved = disbelievedOf(vantages);
  const judgedOn = { topology, voters: `${heard}|${[...disbelieved].join(' ')}`, surveyed, hearingSinceMs };
  const due = sameBasis(known, judgedOn) ? dueOf(state, touched, topology, clocks) : topology.pairs.keys();
  const verdicts = sameBasis(known, judgedOn) ? new Map(state.verdicts) : new Map<string, PairVerdict>();
  const sight: Sight = {
    voters,
    disbelieved,
    heartbeats: state.heartbeats,
    hearingSinceMs,
    childOf: (monitor, target) => verdicts.get(pairKey(monitor, target)),
  };
  const changes = judgePairs(due, verdicts, state, sight, clocks);
  return { state: { ...state, verdicts, vantages, judgedOn }, changes };
}

/** Silence of a target means something from the latest of these on. */
export function hearingSince({ connectedSinceMs, leadingSinceMs }: ControllerState): number | undefined {
  return connectedSinceMs === undefined ? undefined : Math.max(connectedSinceMs, leadingSinceMs ?? 0);
}

function sameBasis(a: JudgingBasis | undefined, b: JudgingBasis): boolean {
  return a?.topology === b.topology && a.voters === b.voters && a.hearingSinceMs === b.hearingSinceMs;
}

/** In an order in which a calculated pair comes after those it looks at. */
function* dueOf(
  { verdicts }: ControllerState,
  touched: ReadonlySet<string>,
  topology: Topology,
  { monotonicMs, wallMs }: Clocks,
): Generator<string> {
  const moved = new Set<string>();
  for (const key of touched) if (topology.pairs.has(key)) moved.add(key);
  for (const [key, { dueAtMs, verdict }] of verdicts) {
    const { dampedUntilMs } = verdict;
    if (dueAtMs !== undefined && dueAtMs <= monotonicMs) moved.add(key);
    else if (dampedUntilMs !== undefined && dampedUntilMs <= wallMs) moved.add(key);
    else if (verdict.sinceMs > wallMs) moved.add(key); // the wall clock was set back
  }
  if (moved.size === 0) return;
  const calculated = topology.calculated.filter((key) => {
    if (looksAt(key, moved, topology)) moved.add(key);
    return moved.has(key);
  });
  const after = new Set(calculated);
  for (const key of moved) if (!after.has(key)) yield key;
  yield* calculated;
}

function looksAt(key: string, moved: ReadonlySet<string>, topology: Topology): boolean {
  const pair = topology.pairs.get(key);
  if (pair?.rule.kind !== 'calculated') return false;
  return pair.rule.conditions.some(({ of }) => of.some((child) => moved.has(pairKey(child, pair.target))));
}

function judgePairs(
  due: Iterable<string>,
  verdicts: Map<string, PairVerdict>,
  state: ControllerState,
  sight: Sight,
  clocks: Clocks,
): VerdictChange[] {
  const changes: VerdictChange[] = [];
  for (const key of due) {
    const pair = state.configuration!.topology.pairs.get(key)!;
    const known = state.verdicts.get(key);
    const last = known?.verdict ?? state.stored.get(key)?.verdict;
    const listeningSinceMs =
      pair.rule.kind === 'heartbeat' ? (known?.listeningSinceMs ?? clocks.monotonicMs) : undefined;
    const judged = judgePair(pair, sightSince(sight, listeningSinceMs), last, clocks);
    const dissents = dissentsOf(pair, sight, judged, known?.dissents);
    verdicts.set(key, {
      ...judged,
      ...(dissents !== undefined && { dissents }),
      ...(listeningSinceMs !== undefined && { listeningSinceMs }),
    });
    if (!sameStates(last, judged.verdict)) changes.push({ from: last, to: judged.verdict });
  }
  return changes;
}

/** What nobody listened for was no silence. */
function sightSince(sight: Sight, listeningSinceMs = 0): Sight {
  const { hearingSinceMs } = sight;
  if (hearingSinceMs === undefined || listeningSinceMs <= hearingSinceMs) return sight;
  return { ...sight, hearingSinceMs: listeningSinceMs };
}

function frozenOf(vantage: string, { verdicts }: ControllerState, { pairs }: Topology): number {
  let frozen = 0;
  for (const [key, pair] of pairs) {
    if (verdicts.get(key)?.settled === false && pair.vantages.includes(vantage)) frozen += 1;
  }
  return frozen;
}
