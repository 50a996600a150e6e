/**
 * What is to be judged and probed while a configuration is held: all of the one that is applied, and what held
 * policies still answer with. Pure.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { PoolConfiguration } from '@signpost/contracts/policy-configuration';
import type { GuardMemory } from '@signpost/contracts/guard';

import { heldPool } from '../topology/held-pool.ts';
import { buildTopology, type Topology } from '../topology/topology.ts';
import { poolsOfPolicy } from './capacity.ts';
import { configurationHold } from './policy-subject.ts';

/** The same topology when nothing changes. `kept`: configurations by revision. */
export function watchHeld(
  topology: Topology,
  memories: Iterable<GuardMemory>,
  kept: ReadonlyMap<number, Configuration>,
): Topology {
  const held = [...memories].filter(
    (memory) => configurationHold(memory) !== undefined && kept.has(memory.revision),
  );
  const heldFrom = held.map(({ policy, revision }) => `${policy}@${revision}`).join(' ');
  if (heldFrom === topology.heldFrom) return topology;
  let watched = topology.configuration;
  for (const { policy, revision } of held) watched = withPolicy(watched, kept.get(revision)!, policy);
  return buildTopology(topology.configuration, { watched, heldFrom });
}

/** As if all policies were held that another configuration was accepted of last: what overrides may still match. */
export function watchKept(
  topology: Topology,
  memories: Iterable<GuardMemory>,
  kept: ReadonlyMap<number, Configuration>,
): Topology {
  let { watched } = topology;
  for (const { policy, revision } of memories) {
    const accepted = kept.get(revision);
    if (accepted !== undefined && accepted !== topology.configuration) {
      watched = withPolicy(watched, accepted, policy);
    }
  }
  return watched === topology.watched ? topology : { ...topology, watched };
}

/** What the configuration says of a noun itself counts more; only what it no longer has is added. */
function withPolicy(configuration: Configuration, accepted: Configuration, policy: string): Configuration {
  const pools: Record<string, PoolConfiguration> = { ...configuration.pools };
  for (const [name, pool] of poolsOfPolicy(accepted, policy)) pools[heldPool(policy, name)] = pool;
  return {
    ...configuration,
    pools,
    targets: { ...accepted.targets, ...configuration.targets },
    monitors: { ...accepted.monitors, ...configuration.monitors },
  };
}
