/**
 * Which targets of a policy do not serve, and on whose word. Pure. A target in several pools is gone when it is
 * down in all of them.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { GuardCause } from '@signpost/contracts/guard';
import { type MemberStanding, poolStanding } from '@signpost/policy/pool-standing';

import { poolsOfPolicy } from './capacity.ts';
import type { GuardWorld } from './policy-subject.ts';

/** `confirmed`: a quorum of several vantages stands behind it. */
export type RemovalCause = GuardCause | 'confirmed';

/** By target. */
export function removedTargets(
  configuration: Configuration,
  policy: string,
  world: GuardWorld,
): ReadonlyMap<string, RemovalCause> {
  const removed = new Map<string, RemovalCause>();
  const serving = new Set<string>();
  for (const [name, pool] of poolsOfPolicy(configuration, policy)) {
    for (const member of poolStanding(name, pool, configuration.targets, world.health, world.overrides)
      .members) {
      const { target } = member;
      if (member.state !== 'down') serving.add(target);
      else if (removed.get(target) !== 'vantage') removed.set(target, causeOf(member, pool.monitor, world));
    }
  }
  for (const target of serving) removed.delete(target);
  return removed;
}

function causeOf(
  member: MemberStanding,
  monitor: string | undefined,
  { isConfirmed }: GuardWorld,
): RemovalCause {
  if (member.override !== undefined) return 'override';
  if (member.withdrawn || monitor === undefined) return 'configuration';
  return isConfirmed(monitor, member.target) ? 'confirmed' : 'vantage';
}
