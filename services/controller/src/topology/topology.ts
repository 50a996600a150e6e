/**
 * What the controller needs of a configuration, worked out once when it is taken: who is to be checked by whom,
 * and each zone's record sets as far as health does not decide them. Pure; must not look at health.
 */
import type { Configuration } from '@signpost/contracts/configuration';

import { monitoredPairs, type MonitoredPair } from './monitored-pairs.ts';
import { planZone, type ZonePlan } from './plan-zone.ts';

export interface Topology {
  readonly configuration: Configuration;
  /** By pair key; what a calculated monitor looks at comes before it. */
  readonly pairs: ReadonlyMap<string, MonitoredPair>;
  /** Keys of the pairs that conclude from others, in an order in which they can be judged. */
  readonly calculated: readonly string[];
  /** By target: keys of the pairs that its heartbeats decide. */
  readonly listening: ReadonlyMap<string, readonly string[]>;
  /** By apex, canonical. */
  readonly zones: ReadonlyMap<string, ZonePlan>;
}

export function buildTopology(configuration: Configuration): Topology {
  const pairs = monitoredPairs(configuration);
  const calculated: string[] = [];
  const listening = new Map<string, string[]>();
  for (const [key, { rule, target }] of pairs) {
    if (rule.kind === 'calculated') calculated.push(key);
    if (rule.kind !== 'heartbeat') continue;
    const keys = listening.get(target) ?? [];
    listening.set(target, keys);
    keys.push(key);
  }
  return { configuration, pairs, calculated, listening, zones: planZones(configuration) };
}

/** Whether the probers of a vantage are to report on a pair. */
export function isAssigned(topology: Topology, pair: string, vantage: string): boolean {
  return topology.pairs.get(pair)?.vantages.includes(vantage) ?? false;
}

function planZones(configuration: Configuration): ReadonlyMap<string, ZonePlan> {
  const plans = Object.entries(configuration.zones).map(([apex, zone]) =>
    planZone(apex, zone, configuration.defaults),
  );
  return new Map(plans.map((plan) => [plan.apex, plan]));
}
