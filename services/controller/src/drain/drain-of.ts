/**
 * How far a target is out of the world's caches, from what was published, what each authority has applied and when
 * it last gave an answer with the target. Pure. Where it does not know it waits longer, never shorter.
 */
import type { Drain } from '@signpost/contracts/drain';
import type { GuardMemory } from '@signpost/contracts/guard';
import { FRESH_FOR_MS } from '@signpost/contracts/heartbeats';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import { goesByHealth } from '@signpost/policy/choice';

import type { HeardAuthority } from '../fleet/hear-authority.ts';
import type { ControllerState } from '../reconcile/controller-state.ts';
import { longestTtl, type Topology } from '../topology/topology.ts';
import type { Clocks } from '../verdict/judge-pair.ts';
import { targetsOf, type PublishedTarget } from './published-targets.ts';

/** From the publication of another TTL until the last live authority answers with it. */
const APPLY_SLACK_MS = 5_000;

/** Undefined: there is no such target. */
export function drainOf(state: ControllerState, target: string, clocks: Clocks): Drain | undefined {
  const topology = state.configuration?.topology;
  if (topology === undefined || !Object.hasOwn(topology.configuration.targets, target)) return undefined;
  const override = state.present.inForce.get(target) ?? null;
  const authorities = [...state.authorities.values()].toSorted((a, b) =>
    a.beat.node < b.beat.node ? -1 : 1,
  );
  const base = {
    target,
    nowMs: Math.floor(clocks.wallMs),
    override,
    authorities: authorities.map((heard) => viewAuthority(heard, target, clocks.monotonicMs)),
  };
  if (override === null || override.set === 'up') {
    return { ...base, phase: 'none', reason: 'no override in force withdraws it' };
  }
  const published = state.published.targets.get(target);
  const holder = published?.isPresent === false ? undefined : findHolder(state, target);
  if (state.records === undefined || holder !== undefined) {
    return { ...base, phase: 'answering', reason: holder ?? 'the record store was not read yet' };
  }
  const generation = published?.goneSince ?? state.records.generation;
  const applying = whatIsBehind(base.authorities, generation);
  if (applying !== undefined) return { ...base, generation, phase: 'applying', reason: applying };
  return {
    ...base,
    generation,
    ...cachesOf(authorities, target, publishedOr(published, target, topology), clocks),
  };
}

function viewAuthority(
  { beat, heardAtMs }: HeardAuthority,
  target: string,
  monotonicMs: number,
): Drain['authorities'][number] {
  const last = beat.lastAnswers.find((answer) => answer.target === target);
  return {
    node: beat.node,
    generation: beat.generation,
    live: monotonicMs - heardAtMs <= FRESH_FOR_MS,
    ...(last === undefined ? {} : { lastAnswerMs: last.atMs }),
  };
}

/** A record set that holds it, and why. */
function findHolder({ records, guards }: ControllerState, target: string): string | undefined {
  for (const zone of records?.zones.values() ?? []) {
    for (const [field, set] of zone.recordSets) {
      if (set.kind === 'static' || !targetsOf(set).some((name) => name === target)) continue;
      return `${field} answers with it still: ${whyHolds(set, target, guards.get(set.policy)?.memory)}`;
    }
  }
  return undefined;
}

function whyHolds(
  { policy, groups }: SteeredRecordSet,
  target: string,
  guarded: GuardMemory | undefined,
): string {
  const hold = guarded?.holds.find(({ cause, targets }) => cause === 'override' && targets.includes(target));
  if (hold !== undefined) {
    return `guard ${hold.id} holds the override; "signpost approve ${hold.id}" lets it pass`;
  }
  const own = groups.filter(({ answers }) => answers.some((answer) => answer.target === target));
  const down = own.find(({ standing }) => !goesByHealth(standing));
  return down === undefined
    ? 'nothing was published without it yet'
    : `every pool of policy ${policy} is down, and all_down is ${down.standing}`;
}

function whatIsBehind(authorities: Drain['authorities'], generation: number): string | undefined {
  if (authorities.length === 0) return 'no authority was heard: it is not known what they answer';
  const silent = authorities.find(({ live }) => !live);
  if (silent !== undefined) return `authority ${silent.node} is silent: it is not known what it answers`;
  const behind = authorities.filter((authority) => authority.generation < generation);
  if (behind.length === 0) return undefined;
  return `${behind.map(({ node }) => node).join(', ')} has not applied generation ${generation} yet`;
}

function cachesOf(
  authorities: readonly HeardAuthority[],
  target: string,
  ttls: ReadonlyMap<number, number>,
  { wallMs }: Clocks,
): Pick<Drain, 'phase' | 'reason' | 'ttlSeconds' | 'lastAnswerMs' | 'cachesEmptyAtMs'> {
  const known = authorities.flatMap(
    ({ beat }) => beat.lastAnswers.find((answer) => answer.target === target)?.atMs ?? [],
  );
  const lastAnswerMs = known.length === 0 ? undefined : Math.max(...known);
  const bounds = authorities.map(({ beat }) => ({ node: beat.node, atMs: latestPossible(beat, target) }));
  const latest = bounds.reduce((a, b) => (b.atMs > a.atMs ? b : a));
  let ttlSeconds = 0;
  let cachesEmptyAtMs = latest.atMs;
  let withTtlUntilMs = latest.atMs;
  for (const [ttl, untilMs] of ttls) {
    const givenUntilMs = Math.min(latest.atMs, untilMs + APPLY_SLACK_MS);
    const emptyAtMs = givenUntilMs + ttl * 1_000;
    if (emptyAtMs <= cachesEmptyAtMs) continue;
    [ttlSeconds, cachesEmptyAtMs, withTtlUntilMs] = [ttl, emptyAtMs, givenUntilMs];
  }
  const isEmpty = wallMs >= cachesEmptyAtMs;
  const last =
    latest.atMs === lastAnswerMs
      ? `last answer given at ${timeText(lastAnswerMs)}`
      : `authority ${latest.node} cannot tell of answers before ${timeText(latest.atMs)}`;
  // Else the sum does not add up for whoever reads it.
  const lowered =
    withTtlUntilMs === latest.atMs
      ? ''
      : `, with a TTL of ${ttlSeconds} s by ${timeText(withTtlUntilMs)} and a shorter one since`;
  return {
    phase: isEmpty ? 'empty' : 'caching',
    reason: `${last}${lowered}, caches empty at ${timeText(cachesEmptyAtMs)}`,
    ttlSeconds,
    ...(lastAnswerMs === undefined ? {} : { lastAnswerMs }),
    cachesEmptyAtMs,
  };
}

/** A node knows what it answered since it started; what ran in its place before may have answered until then. */
function latestPossible(
  { lastAnswers, lastAnswersCut, incarnation }: HeardAuthority['beat'],
  target: string,
): number {
  const known = lastAnswers.find((answer) => answer.target === target)?.atMs;
  const unlisted = lastAnswersCut ? (lastAnswers.at(-1)?.atMs ?? 0) : 0;
  return Math.max(known ?? unlisted, incarnation);
}

/** What was published before this controller looked is not known: then the most that is configured counts. */
function publishedOr(
  published: PublishedTarget | undefined,
  target: string,
  topology: Topology,
): ReadonlyMap<number, number> {
  if (published !== undefined) return published.ttls;
  return new Map([[longestTtl(topology, target), Number.POSITIVE_INFINITY]]);
}

export function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
