/**
 * Which targets of a policy may leave it: a failure that a quorum confirmed always, others as far as the guards
 * allow. What is held counts as up until it is up, confirmed, or approved. Pure.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { GuardCause, GuardMemory, Hold } from '@signpost/contracts/guard';

import { capacityOf, shareOf, sumOf, type Capacity } from './capacity.ts';
import { limitOf, whyHeld } from './check-removal.ts';
import { heldHealth, heldTargets } from './held-view.ts';
import { removedTargets, type RemovalCause } from './removed-targets.ts';
import type { PolicySubject } from './policy-subject.ts';

type Removed = ReadonlyMap<string, RemovalCause>;

/** `configuration`: what the policy is compiled from. */
export function guardTargets(
  memory: GuardMemory,
  configuration: Configuration,
  subject: PolicySubject,
): GuardMemory {
  const { policy, world } = subject;
  const capacity = capacityOf(configuration, policy);
  const removed = removedTargets(configuration, policy, world);
  let next = letPass(forgetReturned(memory, removed), removed, capacity, subject);
  for (const cause of ['override', 'vantage'] as const) {
    next = guardCause(cause, next, removed, capacity, configuration, subject);
  }
  return next;
}

/** What serves again counts as never having gone. */
function forgetReturned(memory: GuardMemory, removed: Removed): GuardMemory {
  const returned = new Set(memory.gone.filter((target) => !removed.has(target)));
  return {
    ...memory,
    gone: memory.gone.filter((target) => removed.has(target)),
    window: memory.window.filter(({ target }) => !returned.has(target)),
  };
}

/** Takes out of the holds what may go now or came back, and notes what went without having to ask. */
function letPass(
  memory: GuardMemory,
  removed: Removed,
  capacity: Capacity,
  { world }: PolicySubject,
): GuardMemory {
  const gone = new Set(memory.gone);
  const window = [...memory.window];
  const holds: Hold[] = [];
  const ended = [...memory.ended];
  for (const [target, cause] of removed) {
    if (gone.has(target) || (cause !== 'configuration' && cause !== 'confirmed')) continue;
    gone.add(target);
    // What the configuration takes away was counted when it was accepted.
    if (cause === 'confirmed')
      window.push({ target, share: shareOf(capacity, target), atMs: world.nowMs, confirmed: true });
  }
  for (const hold of memory.holds) {
    const approval = hold.cause === 'configuration' ? undefined : world.approvals.get(hold.id);
    const targets =
      hold.cause === 'configuration'
        ? hold.targets
        : hold.targets.filter((target) => removed.get(target) === hold.cause && !gone.has(target));
    if (approval !== undefined) {
      for (const target of targets) gone.add(target);
      ended.push({ hold, approval, reason: approval.reason });
    } else if (targets.length === 0 && hold.cause !== 'configuration') {
      ended.push({ hold, reason: 'its cause is gone' });
    } else if (targets.length === hold.targets.length) holds.push(hold);
    else holds.push({ ...hold, targets, removed: removedShare(capacity, targets) });
  }
  return { ...memory, gone: [...gone].toSorted(), window, holds, ended };
}

function guardCause(
  cause: Exclude<GuardCause, 'configuration'>,
  memory: GuardMemory,
  removed: Removed,
  capacity: Capacity,
  configuration: Configuration,
  { policy, applied, world }: PolicySubject,
): GuardMemory {
  const gone = new Set(memory.gone);
  const held = heldTargets(memory);
  const asking = [...removed.keys()].filter(
    (target) => removed.get(target) === cause && !gone.has(target) && !held.has(target),
  );
  if (asking.length === 0) return memory;
  const share = removedShare(capacity, asking);
  const { guards } = applied.configuration;
  const kept = new Map([...held, ...asking.map((target) => [target, 'asking'] as const)]);
  const why = whyHeld(
    {
      policy,
      share,
      before: { configuration, health: heldHealth(kept, world.health) },
      after: { configuration, health: heldHealth(held, world.health) },
    },
    guards,
    memory.window,
  );
  if (why === undefined) {
    const entries = asking.map((target) => ({
      target,
      share: shareOf(capacity, target),
      atMs: world.nowMs,
      confirmed: false,
    }));
    return {
      ...memory,
      gone: [...memory.gone, ...asking].toSorted(),
      window: [...memory.window, ...entries],
    };
  }
  const open = memory.holds.find((hold) => hold.cause === cause);
  const targets = [...(open?.targets ?? []), ...asking];
  const limit = limitOf(guards);
  const hold: Hold = {
    id: open?.id ?? `${policy}-${cause}-${world.nowMs.toString(36)}`,
    policy,
    cause,
    targets,
    removed: removedShare(capacity, targets),
    ...(limit !== undefined && { limit }),
    why,
    sinceMs: open?.sinceMs ?? world.nowMs,
  };
  return { ...memory, holds: [...memory.holds.filter((other) => other !== open), hold] };
}

function removedShare(capacity: Capacity, targets: readonly string[]): number {
  return sumOf(targets.map((target) => shareOf(capacity, target)));
}
