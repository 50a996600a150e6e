/**
 * What the controller needs of a configuration, worked out once when it is taken: who is to be checked by whom,
 * and each zone's record sets as far as health does not decide them. Pure; must not look at health.
 */
import type { Configuration, TargetConfiguration } from '@signpost/contracts/configuration';
import type { Family } from '@signpost/contracts/health';
import { pairKey } from '@signpost/contracts/names';

import { majorityOf } from '../verdict/judge-family.ts';
import { planZone, type ZonePlan } from './plan-zone.ts';

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
  /** The same, and what a guard keeps in the answers though it is no longer in it: what is judged and probed. */
  readonly watched: Configuration;
  /** What `watched` adds, as a text that is equal for equal additions. */
  readonly heldFrom: string;
  /** By pair key, in the order of the keys. */
  readonly pairs: ReadonlyMap<string, MonitoredPair>;
  /** By apex, canonical. */
  readonly zones: ReadonlyMap<string, ZonePlan>;
}

export function buildTopology(
  configuration: Configuration,
  { watched, heldFrom }: Pick<Topology, 'watched' | 'heldFrom'> = { watched: configuration, heldFrom: '' },
): Topology {
  return {
    configuration,
    watched,
    heldFrom,
    pairs: monitoredPairs(watched),
    zones: planZones(configuration),
  };
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

function planZones(configuration: Configuration): ReadonlyMap<string, ZonePlan> {
  const plans = Object.entries(configuration.zones).map(([apex, zone]) =>
    planZone(apex, zone, configuration.defaults),
  );
  return new Map(plans.map((plan) => [plan.apex, plan]));
}
