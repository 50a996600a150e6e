/**
 * What clients are to spread over, by configuration and by what is published now: the targets of pools, and the pools
 * of `weighted` stages, of policies that weigh clients or bound affinity. Pure.
 *
 * Only what is given counts: a target that is down, drained or of weight 0 is not owed anything.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { PolicyConfiguration } from '@signpost/contracts/policy-configuration';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import type { StoredRecords } from '@signpost/contracts/record-store';
import { goesByHealth } from '@signpost/policy/choice';

import { spreadOf, type Spread } from './spread.ts';

export interface PlannedSpread {
  /** By target, or by pool. */
  readonly wanted: Spread;
  /** As the record sets have it now, corrected. */
  readonly given: Spread;
  /** Likewise the share of its clients that each keeps; absent: all. */
  readonly keeps: ReadonlyMap<string, number>;
  /** The longest of the record sets. */
  readonly ttlMs: number;
  /** A client stays as long as weights do: it is moved for a change of them alone. */
  readonly sticky: boolean;
  /** Record sets that a change rewrites. */
  readonly sets: number;
}

export interface PlannedPool extends PlannedSpread {
  readonly pool: string;
  /** Whether a policy weighs clients in it. */
  readonly weigh: boolean;
  /** The strictest of the policies that bound its affinity. Undefined: none does. */
  readonly bounded: number | undefined;
  /** None of its targets is in another pool, so that their load is this pool's. */
  readonly alone: boolean;
}

export interface PlannedStage extends PlannedSpread {
  readonly policy: string;
  /** By pool: its targets that are given. */
  readonly parts: ReadonlyMap<string, readonly string[]>;
  /** Clients of a pool that is down go where there is room: not as weights say. */
  readonly spills: boolean;
}

export interface SharePlan {
  /** By name. */
  readonly pools: ReadonlyMap<string, PlannedPool>;
  readonly stages: readonly PlannedStage[];
}

export const NOTHING_PLANNED: SharePlan = { pools: new Map(), stages: [] };

export function planShares(configuration: Configuration, records: StoredRecords | undefined): SharePlan {
  const policies = Object.entries(configuration.policies).filter(([, policy]) => takesPart(policy));
  if (policies.length === 0 || records === undefined) return NOTHING_PLANNED;
  const given = givenNow(records);
  const pools = new Map<string, PlannedPool>();
  const stages: PlannedStage[] = [];
  for (const [name, policy] of policies) {
    for (const pool of poolsOf(policy)) {
      const planned = planPool(pool, policy, configuration, given, pools.get(pool));
      if (planned !== undefined) pools.set(pool, planned);
    }
    if (policy.within.weigh === 'clients') stages.push(...planStages(name, policy, given));
  }
  return { pools, stages };
}

/** Whether its weights or its affinity depend on how clients spread. */
export function takesPart({ within }: PolicyConfiguration): boolean {
  return within.weigh === 'clients' || within.affinity?.bounded !== undefined;
}

/** Targets whose load is listened to. */
export function weighedTargets({ policies, pools }: Configuration): ReadonlySet<string> {
  const weighed = Object.values(policies).filter(takesPart);
  const names = new Set(weighed.flatMap((policy) => [...poolsOf(policy)]));
  return new Set([...names].flatMap((name) => pools[name]?.members.map(({ target }) => target) ?? []));
}

/** Those that it names itself; a nested policy speaks for its own. */
function poolsOf({ rules }: PolicyConfiguration): Set<string> {
  return new Set(
    rules.flatMap((rule) =>
      rule.try.flatMap((stage) => {
        if (typeof stage === 'string') return [stage];
        if ('weighted' in stage) return Object.keys(stage.weighted);
        if ('nearest' in stage) return stage.nearest;
        return 'fastest' in stage ? stage.fastest : [];
      }),
    ),
  );
}

/** What record sets give now of one pool. */
interface GivenPool {
  /** By target: the largest weight in any of them. */
  readonly weights: Map<string, number>;
  /** By target: the smallest. */
  readonly keeps: Map<string, number>;
  ttlMs: number;
  sets: number;
}

interface Given {
  /** By pool. */
  readonly pools: ReadonlyMap<string, GivenPool>;
  /** Choices by weight between pools: their weights, by their names. */
  readonly choices: ReadonlyMap<string, ReadonlyMap<string, number>>;
}

function givenNow({ zones }: StoredRecords): Given {
  const pools = new Map<string, GivenPool>();
  const choices = new Map<string, ReadonlyMap<string, number>>();
  for (const { recordSets } of zones.values()) {
    for (const set of recordSets.values()) {
      if (set.kind !== 'steered') continue;
      noteGroups(set, pools);
      noteChoices(set, choices);
    }
  }
  return { pools, choices };
}

function noteGroups({ groups, ttl }: SteeredRecordSet, pools: Map<string, GivenPool>): void {
  const counted = new Set<string>();
  for (const { pool: name, standing, answers } of groups) {
    if (!goesByHealth(standing)) continue;
    const pool = pools.get(name) ?? { weights: new Map(), keeps: new Map(), ttlMs: 0, sets: 0 };
    pools.set(name, pool);
    pool.ttlMs = Math.max(pool.ttlMs, ttl * 1_000);
    if (!counted.has(name)) pool.sets += 1;
    counted.add(name);
    for (const { target, weight, keep } of answers) {
      if (weight > 0) pool.weights.set(target, Math.max(weight, pool.weights.get(target) ?? 0));
      if (keep !== undefined) pool.keeps.set(target, Math.min(keep, pool.keeps.get(target) ?? 1));
    }
  }
}

function noteChoices(
  { branches }: SteeredRecordSet,
  choices: Map<string, ReadonlyMap<string, number>>,
): void {
  for (const branch of branches) {
    if (!('weighted' in branch)) continue;
    const weights = new Map(branch.weighted.map(({ key, weight }) => [key, weight]));
    const names = namesOf(weights.keys());
    if (!choices.has(names)) choices.set(names, weights);
  }
}

function namesOf(names: Iterable<string>): string {
  return [...names].toSorted().join(' ');
}

/** Undefined: there is nothing to spread over. */
function planPool(
  name: string,
  { within }: PolicyConfiguration,
  { pools }: Configuration,
  given: Given,
  before: PlannedPool | undefined,
): PlannedPool | undefined {
  const now = given.pools.get(name);
  const members = pools[name]?.members ?? [];
  if (now === undefined) return before;
  const weights = new Map(
    members.flatMap(({ target, weight }) =>
      weight > 0 && now.weights.has(target) ? [[target, weight] as const] : [],
    ),
  );
  const wanted = spreadOf(weights);
  if (wanted === undefined || wanted.size < 2) return before;
  const bounds = [before?.bounded, within.affinity?.bounded].filter((bound) => bound !== undefined);
  const others = Object.entries(pools).filter(([other]) => other !== name);
  const shared = new Set(others.flatMap(([, pool]) => pool.members.map(({ target }) => target)));
  return {
    pool: name,
    wanted,
    given: spreadOf(now.weights) ?? wanted,
    keeps: now.keeps,
    ttlMs: now.ttlMs,
    sets: now.sets,
    sticky: before?.sticky === true || within.affinity !== undefined,
    weigh: before?.weigh === true || within.weigh === 'clients',
    bounded: bounds.length === 0 ? undefined : Math.min(...bounds),
    alone: members.every(({ target }) => !shared.has(target)),
  };
}

/** A pool that stands in two stages with different weights cannot be told what it owes: those are left alone. */
function planStages(name: string, policy: PolicyConfiguration, given: Given): PlannedStage[] {
  const isGiven = (pool: string) => (given.pools.get(pool)?.weights.size ?? 0) > 0;
  const spills = policy.spill === 'headroom' && ![...poolsOf(policy)].every(isGiven);
  const stages = new Map<string, PlannedStage | undefined>();
  const taken = new Map<string, string>();
  for (const stage of policy.rules.flatMap((rule) => rule.try)) {
    if (typeof stage === 'string' || !('weighted' in stage)) continue;
    const weights = Object.entries(stage.weighted).filter(([pool, weight]) => weight > 0 && isGiven(pool));
    const key = JSON.stringify(weights.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    const clashes = weights.flatMap(([pool]) => taken.get(pool) ?? []).filter((other) => other !== key);
    for (const [pool] of weights) taken.set(pool, key);
    for (const clash of clashes) stages.set(clash, undefined);
    const wanted = spreadOf(new Map(weights));
    if (stages.has(key) || wanted === undefined || wanted.size < 2) continue;
    const pools = weights.map(([pool]) => given.pools.get(pool)!);
    stages.set(
      key,
      clashes.length === 0
        ? {
            policy: name,
            parts: new Map(
              weights.map(([pool]) => [pool, [...given.pools.get(pool)!.weights.keys()]] as const),
            ),
            spills,
            wanted,
            given: spreadOf(given.choices.get(namesOf(wanted.keys())) ?? wanted) ?? wanted,
            keeps: new Map(),
            ttlMs: Math.max(...pools.map(({ ttlMs }) => ttlMs)),
            sets: Math.max(...pools.map(({ sets }) => sets)),
            sticky: true,
          }
        : undefined,
    );
  }
  return [...stages.values()].filter((stage) => stage !== undefined);
}
