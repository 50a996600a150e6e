/**
 * Names below a steered record that no one wrote: one for each pool that its HTTPS, SVCB, MX or SRV records name, and
 * the signed ones of its targets. Pure. Worked out from the configuration that the policy is compiled from, so that a
 * pool which a guard holds keeps its name.
 */
import { poolsOf } from '@signpost/config/check-policies';
import type { Configuration } from '@signpost/contracts/configuration';
import { poolOwner } from '@signpost/policy/service-hosts';

import type { AffinityNames } from '../affinity/affinity-names.ts';
import type { SteeredRecord, ZonePlan } from '../topology/plan-zone.ts';

export interface DeriveOptions {
  readonly configurationOf: (policy: string) => Configuration;
  /** Absent: there is no secret. */
  readonly affinity?: AffinityNames | undefined;
}

/** All of a zone that steer: those that are written, then those that follow from them where nothing else stands. */
export function steeringRecords(plan: ZonePlan, options: DeriveOptions): readonly SteeredRecord[] {
  const derived = plan.steered.flatMap((record) => derivedOf(record, plan.apex, options));
  if (derived.length === 0) return plan.steered;
  const taken = new Set([
    ...plan.steered.map(({ owner }) => owner),
    ...plan.hosts.map(({ owner }) => owner),
    ...[...plan.statics.keys()].map((field) => field.slice(0, field.lastIndexOf('|'))),
  ]);
  return [...plan.steered, ...derived.filter(({ owner }) => !taken.has(owner))];
}

/** Target and the names that lead to it, newest secret first. */
export function affinityTargets(
  record: SteeredRecord,
  apex: string,
  { configurationOf, affinity }: DeriveOptions,
): readonly { readonly target: string; readonly names: readonly string[] }[] {
  if (record.affinityNames !== true || affinity === undefined) return [];
  const { policies, pools } = configurationOf(record.policy);
  const policy = policies[record.policy];
  if (policy === undefined) return [];
  const members = poolsOf(policy, policies).flatMap((pool) => pools[pool]?.members ?? []);
  return [...new Set(members.map(({ target }) => target))].map((target) => ({
    target,
    names: affinity(apex, record.owner, target),
  }));
}

/** Whether the pool answers under a name of its own, below the record's owner. */
export function needsPoolNames({ types, services }: Pick<SteeredRecord, 'types' | 'services'>): boolean {
  if (services === undefined) return false;
  const bindings = types.some((type) => type === 'HTTPS' || type === 'SVCB') && services.binding.failover;
  return bindings || types.some((type) => type === 'MX' || type === 'SRV');
}

function derivedOf(record: SteeredRecord, apex: string, options: DeriveOptions): readonly SteeredRecord[] {
  const { owner, policy: policyName, ttl, services, seed } = record;
  const base = { policy: policyName, types: ['A', 'AAAA'] as const, ttl, seed: seed ?? owner };
  const pinned = affinityTargets(record, apex, options).flatMap(({ target, names }) =>
    names.map((name): SteeredRecord => ({ ...base, owner: name, pin: target })),
  );
  // An alias leads to the names below the record that it stands for.
  if (!needsPoolNames(record) || services?.owner !== owner) return pinned;
  const { policies, pools, targets } = options.configurationOf(policyName);
  const policy = policies[policyName];
  if (policy === undefined) return pinned;
  const named = poolsOf(policy, policies).filter((pool) =>
    pools[pool]?.members.some(({ target }) => targets[target]?.cname === undefined),
  );
  return [
    ...named.map((pool): SteeredRecord => ({ ...base, owner: poolOwner(pool, owner), only: pool })),
    ...pinned,
  ];
}
