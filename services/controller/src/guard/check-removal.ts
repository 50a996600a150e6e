/**
 * Whether an unconfirmed removal is let through, and if not, by which guard: too much capacity within the window,
 * a name without an answer, an assertion. Pure.
 */
import type { Configuration, GuardsConfiguration } from '@signpost/contracts/configuration';
import { formatDuration } from '@signpost/contracts/duration';
import type { HealthView } from '@signpost/policy/health-view';
import type { OverrideView } from '@signpost/policy/override-view';
import { planPolicy } from '@signpost/policy/plan-policy';
import { allDownOf } from '@signpost/policy/plan-rule';
import { percent, poolStanding } from '@signpost/policy/pool-standing';

import { policyInput } from '../compile/compile-zone.ts';
import { poolsOfPolicy, sumOf, TOLERANCE } from './capacity.ts';
import type { WindowEntry } from './policy-subject.ts';

/** What a policy is compiled from. */
export interface Source {
  readonly configuration: Configuration;
  readonly health: HealthView;
  readonly overrides: OverrideView;
}

export interface Removal {
  readonly policy: string;
  /** Of the policy's capacity. */
  readonly share: number;
  readonly before: Source;
  readonly after: Source;
}

/** Undefined: let it through. */
export function whyHeld(
  removal: Removal,
  guards: GuardsConfiguration,
  window: readonly WindowEntry[],
): string | undefined {
  return (
    tooMuch(removal.share, guards, window) ??
    emptied(removal) ??
    guards.assertions.map((assertion) => broken(assertion, removal)).find((why) => why !== undefined)
  );
}

/** Share that may go within the window; undefined: there is no limit. */
export function limitOf({ max_capacity_removed: limit }: GuardsConfiguration): number | undefined {
  return limit === undefined ? undefined : limit.percent / 100;
}

/** Without a limit the window serves the alarm alone. */
export function windowMs({ max_capacity_removed: limit }: GuardsConfiguration): number {
  return limit?.within ?? 60_000;
}

function tooMuch(
  share: number,
  guards: GuardsConfiguration,
  window: readonly WindowEntry[],
): string | undefined {
  const limit = limitOf(guards);
  if (limit === undefined || share <= TOLERANCE) return undefined;
  const sum = share + sumOf(window.filter(({ confirmed }) => !confirmed).map((entry) => entry.share));
  if (sum <= limit + TOLERANCE) return undefined;
  return `${percent(Math.min(1, sum))} of the capacity would go within ${formatDuration(windowMs(guards))}, ${percent(limit)} may`;
}

function emptied({ policy, before, after }: Removal): string | undefined {
  const empties = (left: Source, was: Source) => {
    const known = emptyRules(policy, was);
    return emptyRules(policy, left).some((rule) => !known.includes(rule));
  };
  if (!empties(after, before) && !empties(lasting(after), lasting(before))) return undefined;
  return 'a rule would have no answer left; write all_down: nodata if that is meant';
}

/** As when an override ends that alone keeps a target with `status: down` in the answers: its end asks nobody. */
function lasting({ configuration, health, overrides }: Source): Source {
  const inForce = (target: string) => {
    const override = overrides.inForce(target);
    return configuration.targets[target]?.status === 'down' && override?.set !== 'down'
      ? undefined
      : override;
  };
  return { configuration, health, overrides: { ...overrides, inForce } };
}

/** For whom and when: the rules that end in NODATA though they do not ask for that, also while no time window is open. */
function emptyRules(policy: string, { configuration, health, overrides }: Source): readonly string[] {
  const input = policyInput(configuration, { policy, ttl: configuration.defaults.ttl }, health, {
    overrides,
  });
  if (input === undefined) return [];
  return planPolicy({ ...input, anyTime: true }).rules.flatMap(({ rule, outcomes }) => {
    if (allDownOf(rule, input) === 'nodata' || rule.try.length === 0) return [];
    return outcomes
      .filter(({ standing }) => standing === 'nodata')
      .map(({ when }) => JSON.stringify([rule.when?.times, when]));
  });
}

function broken(
  assertion: GuardsConfiguration['assertions'][number],
  { policy, before, after }: Removal,
): string | undefined {
  const { pools, at_least_up: needed } = assertion;
  const own = [before, after].flatMap(({ configuration }) => poolsOfPolicy(configuration, policy));
  if (!own.some(([name]) => pools.includes(name))) return undefined;
  const left = poolsUp(pools, after);
  // Failures may have taken more already: then what leaves as many as there are passes, and nothing else.
  if (left >= Math.min(needed, poolsUp(pools, before))) return undefined;
  return `${left} of the pools ${pools.join(', ')} would be up, ${needed} must be`;
}

function poolsUp(pools: readonly string[], { configuration, health, overrides }: Source): number {
  return pools.filter((name) => {
    const pool = Object.hasOwn(configuration.pools, name) ? configuration.pools[name] : undefined;
    return (
      pool !== undefined && poolStanding(name, pool, configuration.targets, health, overrides).healthyEnough
    );
  }).length;
}
