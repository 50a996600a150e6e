/**
 * Which host names need their addresses found: those that aliases lead to, and those of targets where no CNAME may
 * stand. Pure; the same list as long as the topology is the same.
 */
import { poolsOf } from '@signpost/config/check-policies';
import { canonicalHost } from '@signpost/policy/address-answers';

import { heldPoolsOf } from '../topology/held-pool.ts';
import type { Topology } from '../topology/topology.ts';

/** What `check` allows. More can only come from what guards hold besides. */
export const MOST_HOSTS = 1_000;

/** Canonical text, each once. */
export function hostsToResolve({ configuration, watched, zones }: Topology): readonly string[] {
  const hosts = new Set<string>();
  const policies = new Set<string>();
  for (const plan of zones.values()) {
    for (const { host } of plan.hosts) hosts.add(host);
    for (const { flatten, policy } of plan.steered) if (flatten === true) policies.add(policy);
  }
  for (const name of policies) for (const host of hostsOf(name, configuration, watched)) hosts.add(host);
  return [...hosts].slice(0, MOST_HOSTS);
}

function hostsOf(
  name: string,
  configuration: Topology['configuration'],
  watched: Topology['watched'],
): readonly string[] {
  const policy = configuration.policies[name];
  const pools = policy === undefined ? [] : poolsOf(policy, configuration.policies);
  return [...pools, ...heldPoolsOf(name, watched)].flatMap((pool) =>
    (watched.pools[pool]?.members ?? []).flatMap(({ target }) => {
      const host = watched.targets[target]?.cname;
      return host === undefined ? [] : [canonicalHost(host)];
    }),
  );
}
