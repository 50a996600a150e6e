/**
 * What the controller needs of a configuration, worked out once when it is taken: who is to be checked by whom,
 * and each zone's record sets as far as health does not decide them. Pure; must not look at health.
 */
import { poolsOf } from '@signpost/config/check-policies';
import type { Configuration, TargetConfiguration } from '@signpost/contracts/configuration';
import type { Family } from '@signpost/contracts/health';
import { pairKey } from '@signpost/contracts/names';
import type { Override } from '@signpost/contracts/override';

import { configuredOverrides } from '../override/configured-overrides.ts';
import { majorityOf } from '../verdict/judge-family.ts';
import { planZone, type SteeredRecord, type ZonePlan } from './plan-zone.ts';

export interface MonitoredPair {
  readonly monitor: string;
  readonly target: string;
  /** Names of the vantages that vote, sorted. */
  readonly vantages: readonly string[];
  readonly minReports: number;
  readonly families: readonly Family[];
}

export interface Topology {
  readonly configuration: Configuration;
  /** By pair key, in the order of the keys. */
  readonly pairs: ReadonlyMap<string, MonitoredPair>;
  /** By apex, canonical. */
  readonly zones: ReadonlyMap<string, ZonePlan>;
  /** Of the configuration. */
  readonly overrides: readonly Override[];
  /** Different stable TTLs of the records that steer. */
  readonly stableTtls: readonly number[];
}

export function buildTopology(configuration: Configuration): Topology {
  const zones = planZones(configuration);
  return {
    configuration,
    pairs: monitoredPairs(configuration),
    zones,
    overrides: configuredOverrides(configuration),
    stableTtls: [...new Set(steeredRecords(zones).map(({ ttl }) => ttl.stable))],
  };
}

/** The largest TTL in seconds that a record which may answer with the target can be published with; 0: none may. */
export function longestTtl({ configuration, zones }: Topology, target: string): number {
  const holds = new Map(
    Object.entries(configuration.policies).map(([name, policy]) => [
      name,
      poolsOf(policy).some((pool) =>
        configuration.pools[pool]?.members.some((member) => member.target === target),
      ),
    ]),
  );
  const ttls = steeredRecords(zones)
    .filter(({ policy }) => holds.get(policy) === true)
    .map(({ ttl }) => Math.max(ttl.stable, ttl.floor));
  return Math.max(0, ...ttls);
}

/** Families that a target is answered in. A host name may turn out to have both. */
export function familiesOf(target: TargetConfiguration): readonly Family[] {
  if (target.cname !== undefined) return ['ipv4', 'ipv6'];
  return [
    ...(target.a === undefined ? [] : (['ipv4'] as const)),
    ...(target.aaaa === undefined ? [] : (['ipv6'] as const)),
  ];
}

export function vantagesOf(configuration: Configuration, monitor: string): readonly string[] {
  const used = configuration.monitors[monitor]?.vantages.use ?? Object.keys(configuration.vantages);
  return [...new Set(used)].toSorted();
}

/** Whether the probers of a vantage are to report on a pair. */
export function isAssigned(topology: Topology, pair: string, vantage: string): boolean {
  return topology.pairs.get(pair)?.vantages.includes(vantage) ?? false;
}

function monitoredPairs(configuration: Configuration): ReadonlyMap<string, MonitoredPair> {
  const pairs = new Map<string, MonitoredPair>();
  for (const { monitor, members } of Object.values(configuration.pools)) {
    const settings = monitor === undefined ? undefined : configuration.monitors[monitor];
    if (monitor === undefined || settings === undefined) continue;
    const vantages = vantagesOf(configuration, monitor);
    const minReports = settings.vantages.min_reports ?? majorityOf(vantages.length);
    for (const { target } of members) {
      const families = familiesOf(configuration.targets[target] ?? { status: 'obey' });
      if (families.length === 0) continue;
      pairs.set(pairKey(monitor, target), { monitor, target, vantages, minReports, families });
    }
  }
  return new Map([...pairs].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function steeredRecords(zones: ReadonlyMap<string, ZonePlan>): readonly SteeredRecord[] {
  return [...zones.values()].flatMap(({ steered }) => steered);
}

function planZones(configuration: Configuration): ReadonlyMap<string, ZonePlan> {
  const plans = Object.entries(configuration.zones).map(([apex, zone]) =>
    planZone(apex, zone, configuration.defaults),
  );
  return new Map(plans.map((plan) => [plan.apex, plan]));
}
