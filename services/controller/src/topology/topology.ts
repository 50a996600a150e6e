/**
 * What the controller needs of a configuration, worked out once when it is taken: who is to be checked by whom,
 * and each zone's record sets as far as health does not decide them. Pure; must not look at health.
 */
import { poolsOf } from '@signpost/config/check-policies';
import type { Configuration } from '@signpost/contracts/configuration';
import type { Override } from '@signpost/contracts/override';

import { loadPoolsOf, loadTargetsOf, type LoadPools } from '../load/load-pools.ts';
import { configuredOverrides } from '../override/configured-overrides.ts';
import { takesPart, weighedTargets } from '../share/plan-shares.ts';
import { heldPoolsOf } from './held-pool.ts';
import { monitoredPairs, type MonitoredPair } from './monitored-pairs.ts';
import { planAliases } from './plan-aliases.ts';
import { planZone, type SteeredRecord, type ZonePlan } from './plan-zone.ts';

export interface Topology {
  readonly configuration: Configuration;
  /** The same, and what a guard keeps in the answers though it is no longer in it: what is judged and probed. */
  readonly watched: Configuration;
  /** What `watched` adds, as a text that is equal for equal additions. */
  readonly heldFrom: string;
  /** By pair key; what a calculated monitor looks at comes before it. */
  readonly pairs: ReadonlyMap<string, MonitoredPair>;
  /** Keys of the pairs that conclude from others, in an order in which they can be judged. */
  readonly calculated: readonly string[];
  /** By target: keys of the pairs that its heartbeats decide. */
  readonly listening: ReadonlyMap<string, readonly string[]>;
  /** What is steered by load, and the targets whose load that takes. */
  readonly loadPools: LoadPools;
  readonly loadTargets: ReadonlySet<string>;
  /** By apex, canonical. */
  readonly zones: ReadonlyMap<string, ZonePlan>;
  /** Of the configuration. */
  readonly overrides: readonly Override[];
  /** Whether a policy asks how clients spread. */
  readonly weighsClients: boolean;
  /** Different stable TTLs of the records that steer. */
  readonly stableTtls: readonly number[];
}

export function buildTopology(
  configuration: Configuration,
  { watched, heldFrom }: Pick<Topology, 'watched' | 'heldFrom'> = { watched: configuration, heldFrom: '' },
): Topology {
  const zones = planZones(configuration);
  const pairs = monitoredPairs(watched);
  const steered = steeredRecords(zones);
  const loadPools = loadPoolsOf(configuration, steered);
  return {
    configuration,
    watched,
    heldFrom,
    pairs,
    ...judgedOtherwise(pairs),
    loadPools,
    loadTargets: loadTargetsOf(loadPools).union(weighedTargets(configuration)),
    zones,
    overrides: configuredOverrides(configuration),
    stableTtls: [...new Set(steered.map(({ ttl }) => ttl.stable))],
    weighsClients: Object.values(configuration.policies).some(takesPart),
  };
}

/** The largest TTL in seconds that a record which may answer with the target can be published with; 0: none may. */
export function longestTtl({ configuration, watched, zones }: Topology, target: string): number {
  const holds = new Map(
    Object.entries(configuration.policies).map(([name, policy]) => [
      name,
      [...poolsOf(policy, configuration.policies), ...heldPoolsOf(name, watched)].some((pool) =>
        watched.pools[pool]?.members.some((member) => member.target === target),
      ),
    ]),
  );
  const ttls = steeredRecords(zones)
    .filter(({ policy }) => holds.get(policy) === true)
    .map(({ ttl }) => Math.max(ttl.stable, ttl.floor));
  return Math.max(0, ...ttls);
}

/** Whether the probers of a vantage are to report on a pair. */
export function isAssigned(topology: Topology, pair: string, vantage: string): boolean {
  return topology.pairs.get(pair)?.vantages.includes(vantage) ?? false;
}

/** The pairs whose verdict no vote decides. */
function judgedOtherwise(
  pairs: ReadonlyMap<string, MonitoredPair>,
): Pick<Topology, 'calculated' | 'listening'> {
  const calculated: string[] = [];
  const listening = new Map<string, string[]>();
  for (const [key, { rule, target }] of pairs) {
    if (rule.kind === 'calculated') calculated.push(key);
    if (rule.kind !== 'heartbeat') continue;
    const keys = listening.get(target) ?? [];
    listening.set(target, keys);
    keys.push(key);
  }
  return { calculated, listening };
}

function steeredRecords(zones: ReadonlyMap<string, ZonePlan>): readonly SteeredRecord[] {
  return [...zones.values()].flatMap(({ steered }) => steered);
}

function planZones(configuration: Configuration): ReadonlyMap<string, ZonePlan> {
  const plans = Object.entries(configuration.zones).map(([apex, zone]) =>
    planZone(apex, zone, configuration.defaults),
  );
  return planAliases(new Map(plans.map((plan) => [plan.apex, plan])), configuration);
}
