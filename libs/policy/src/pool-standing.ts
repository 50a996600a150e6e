/**
 * How a pool stands: the state of its members, the share of weight that is up, and who would serve.
 * Pure. Must not know rules or clients: a pool stands the same for everybody and for every type.
 *
 *   members ── who counts: those of positive weight, or the ones of weight 0 when all of those are down
 *           ├─ who serves, of these: up and suspect ones, or unknown ones when there is none better
 *           └─ who serves where a rule fails open: those that are only drained, or all that are not withdrawn
 */
import type { TargetConfiguration } from '@signpost/contracts/configuration';
import type { PoolConfiguration } from '@signpost/contracts/policy-configuration';
import type { OverrideSetting } from '@signpost/contracts/override';

import { type HealthView, NOT_MONITORED, type TargetHealth } from './health-view.ts';
import { NO_OVERRIDES, overriddenHealth, type OverrideView } from './override-view.ts';

export interface MemberStanding extends TargetHealth {
  readonly target: string;
  readonly weight: number;
  /** `status: down`, or set down by an override: never answered, whatever fails. */
  readonly withdrawn: boolean;
  readonly configuration: TargetConfiguration;
  /** In force: checks and `status` do not count. */
  readonly override: OverrideSetting | undefined;
  /** How it would count without its override. */
  readonly otherwise: TargetHealth;
}

export interface PoolStanding {
  readonly pool: string;
  readonly members: readonly MemberStanding[];
  /** Share of weight that is not down, 0 to 1; by heads when only members of weight 0 count. */
  readonly up: number;
  readonly minUp: number;
  /** Whether the pool may serve at its place in `try`. */
  readonly healthyEnough: boolean;
  /** Members that serve, in the order of the configuration; empty: all are down. */
  readonly serving: readonly MemberStanding[];
  /** Members that serve when health is ignored: drained ones too. */
  readonly servingThoughDown: readonly MemberStanding[];
  /** Of them those that are only drained; empty: none is. Where a rule fails open they come before any that is down. */
  readonly servingThoughDrained: readonly MemberStanding[];
  /** The targets are host names, so the pool answers with CNAME records. */
  readonly hostNames: boolean;
}

/** Rounding of a percentage must not fail a pool that has exactly its share. */
const TOLERANCE = 1e-9;

export function poolStanding(
  name: string,
  pool: PoolConfiguration,
  targets: Readonly<Record<string, TargetConfiguration>>,
  health: HealthView,
  overrides: OverrideView = NO_OVERRIDES,
): PoolStanding {
  const members = pool.members.map(({ target, weight }) =>
    memberStanding(
      { target, weight },
      pool.monitor,
      requireNoun(targets, 'target', target),
      health,
      overrides,
    ),
  );
  const counting = preferWeighted(members, isNotDown);
  const up = shareUp(counting);
  const minUp = pool.min_up ?? 0;
  return {
    pool: name,
    members,
    up,
    minUp,
    healthyEnough: up > 0 && up + TOLERANCE >= minUp,
    serving: bestOf(counting),
    servingThoughDown: preferWeighted(members, isNotWithdrawn).filter(isNotWithdrawn),
    servingThoughDrained: preferWeighted(members, isOnlyDrained).filter(isOnlyDrained),
    hostNames: members.some(({ configuration }) => configuration.cname !== undefined),
  };
}

/** The noun that a checked configuration refers to; throws if the configuration was not checked. */
export function requireNoun<Noun>(nouns: Readonly<Record<string, Noun>>, kind: string, name: string): Noun {
  const noun = Object.hasOwn(nouns, name) ? nouns[name] : undefined;
  if (noun === undefined) throw new TypeError(`unchecked configuration: there is no ${kind} ${name}`);
  return noun;
}

/** Who serves where a rule fails open. */
export function servingOpen({
  servingThoughDrained,
  servingThoughDown,
}: PoolStanding): readonly MemberStanding[] {
  return servingThoughDrained.length > 0 ? servingThoughDrained : servingThoughDown;
}

/** Where a pool is: its members that serve, or, of one whose clients go elsewhere, all of them. */
export function placesOf(pool: PoolStanding): readonly MemberStanding[] {
  return pool.serving.length > 0 ? pool.serving : pool.members;
}

/** `pool eu is down: 0 % of weight up, needs 50 %`. */
export function describePool(standing: PoolStanding): string {
  const needs = standing.minUp > 0 ? `needs ${percent(standing.minUp)}` : 'needs one target';
  const verdict = standing.healthyEnough ? 'healthy enough' : 'down';
  return `pool ${standing.pool} is ${verdict}: ${percent(standing.up)} of weight up, ${needs}`;
}

/** At most one decimal: 0.5 -> `50 %`. */
export function percent(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}

function memberStanding(
  { target, weight }: PoolConfiguration['members'][number],
  monitor: string | undefined,
  configuration: TargetConfiguration,
  health: HealthView,
  overrides: OverrideView,
): MemberStanding {
  const { status } = configuration;
  const override = overrides.inForce(target);
  const otherwise = judged(status, monitor, target, health);
  const found = override === undefined ? otherwise : overriddenHealth(override);
  const withdrawn = (override?.set ?? status) === 'down';
  return { target, weight, withdrawn, configuration, override: override?.set, otherwise, ...found };
}

function judged(
  status: TargetConfiguration['status'],
  monitor: string | undefined,
  target: string,
  health: HealthView,
): TargetHealth {
  switch (status) {
    case 'down':
      return { state: 'down', ipv4: 'down', ipv6: 'down', reason: 'status is down' };
    case 'up':
      return { state: 'up', ipv4: 'up', ipv6: 'up', reason: 'status is up, checks are ignored' };
    case 'obey': {
      if (monitor === undefined) return NOT_MONITORED;
      const { state, ipv4, ipv6, reason, changedMs, recoveredMs } = health(monitor, target);
      return { state, ipv4, ipv6, reason, changedMs, recoveredMs };
    }
    default:
      throw new TypeError(`unhandled status ${String(status satisfies never)}`);
  }
}

/** Members of positive weight as long as `test` holds for one of them, else those of weight 0 if it holds for one. */
function preferWeighted(
  members: readonly MemberStanding[],
  test: (member: MemberStanding) => boolean,
): readonly MemberStanding[] {
  const weighted = members.filter(({ weight }) => weight > 0);
  if (weighted.some(test)) return weighted;
  const standby = members.filter(({ weight }) => weight === 0);
  return standby.some(test) || weighted.length === 0 ? standby : weighted;
}

/** Members of one call all have weight 0 or all have more. */
function shareUp(members: readonly MemberStanding[]): number {
  let total = 0;
  let up = 0;
  for (const member of members) {
    const weight = member.weight || 1;
    total += weight;
    if (isNotDown(member)) up += weight;
  }
  return up / total;
}

function bestOf(members: readonly MemberStanding[]): readonly MemberStanding[] {
  const known = members.filter(({ state }) => state === 'up' || state === 'suspect');
  return known.length > 0 ? known : members.filter(isNotDown);
}

function isNotDown({ state }: TargetHealth): boolean {
  return state !== 'down';
}

function isNotWithdrawn({ withdrawn }: MemberStanding): boolean {
  return !withdrawn;
}

/** Set to drain, and not down by its checks: whole, only not wanted. */
function isOnlyDrained({ override, otherwise }: MemberStanding): boolean {
  return override === 'drain' && isNotDown(otherwise);
}
