/**
 * Which targets of a policy may leave it: a failure that a quorum confirmed always, others as far as the guards
 * allow. What is held counts as up until it is up, confirmed, or approved; a held override does not count. Pure.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { GuardCause, GuardMemory, Hold } from '@signpost/contracts/guard';

import { capacityOf, shareOf, sumOf, type Capacity } from './capacity.ts';
import { limitOf, whyHeld } from './check-removal.ts';
import { heldHealth, heldTargets, withoutHeld, type HeldTargets } from './held-view.ts';
import { removedTargets, type RemovalCause } from './removed-targets.ts';
import type { GuardWorld, PolicySubject } from './policy-subject.ts';

type Removed = ReadonlyMap<string, RemovalCause>;

/** `configuration`: what the policy is compiled from. */
export function guardTargets(
  memory: GuardMemory,
  configuration: Configuration,
  subject: PolicySubject,
): GuardMemory {
  const { policy, world } = subject;
  const guarding = { configuration, capacity: capacityOf(configuration, policy), subject };
  const overridden = removedTargets(configuration, policy, world);
  let next = settleHolds('override', forgetReturned(memory, overridden, guarding), overridden, guarding);
  next = guardCause('override', next, overridden, guarding);
  // A target whose override is held obeys its checks, so what is confirmed of it counts, and it is not set down.
  const overrides = withoutHeld(heldTargets(next).overridden, world.overrides);
  const obeyed = { ...guarding, subject: { ...subject, world: { ...world, overrides } } };
  const removed = removedTargets(configuration, policy, obeyed.subject.world);
  next = letPass(forgetReturned(next, removed, obeyed), removed, obeyed);
  next = settleHolds('vantage', next, removed, obeyed);
  return guardCause('vantage', next, removed, obeyed);
}

/** Whether an override keeps the target out of the answers even when every other one is down. */
export function isSetDown(target: string, { overrides }: Pick<GuardWorld, 'overrides'>): boolean {
  return overrides.inForce(target)?.set === 'down';
}

interface Guarding {
  readonly configuration: Configuration;
  readonly capacity: Capacity;
  readonly subject: PolicySubject;
}

type TargetCause = Exclude<GuardCause, 'configuration'>;

/** What serves again counts as never having gone; what is no member any more did not come back. */
function forgetReturned(memory: GuardMemory, removed: Removed, { capacity, subject }: Guarding): GuardMemory {
  const isBack = (target: string) => capacity.weights.has(target) && !removed.has(target);
  const returned = new Set(memory.gone.filter(isBack));
  return {
    ...memory,
    gone: memory.gone.filter((target) => removed.has(target)),
    withdrawn: memory.withdrawn.filter((target) => removed.has(target) && isSetDown(target, subject.world)),
    window: memory.window.filter(({ target }) => !returned.has(target)),
  };
}

/** Notes what went without having to ask. */
function letPass(memory: GuardMemory, removed: Removed, { capacity, subject }: Guarding): GuardMemory {
  const gone = new Set(memory.gone);
  const window = [...memory.window];
  for (const [target, cause] of removed) {
    if (gone.has(target) || (cause !== 'configuration' && cause !== 'confirmed')) continue;
    gone.add(target);
    // What the configuration takes away was counted when it was accepted.
    if (cause === 'confirmed') {
      window.push({ target, share: shareOf(capacity, target), atMs: subject.world.nowMs, confirmed: true });
    }
  }
  return { ...memory, gone: [...gone].toSorted(), window };
}

/** Takes out of the holds what may go now or came back. */
function settleHolds(
  cause: TargetCause,
  memory: GuardMemory,
  removed: Removed,
  { capacity, subject: { world } }: Guarding,
): GuardMemory {
  let next: GuardMemory = { ...memory, holds: [], ended: [...memory.ended] };
  for (const hold of memory.holds) {
    if (hold.cause !== cause) {
      next.holds.push(hold);
      continue;
    }
    const approval = world.approvals.get(hold.id);
    // That checks found one down meanwhile lets no override pass: it would last when the target is up again.
    const targets = hold.targets.filter((target) => removed.get(target) === cause);
    if (approval !== undefined) {
      next = accept(next, targets, world);
      next.ended.push({ hold, approval, reason: approval.reason });
    } else if (targets.length === 0) next.ended.push({ hold, reason: 'its cause is gone' });
    else if (targets.length === hold.targets.length) next.holds.push(hold);
    else next.holds.push({ ...hold, targets, removed: removedShare(capacity, targets) });
  }
  return next;
}

/** One that is gone may still be an answer of `fail_open`, until it is set down. */
function mayBeGone(target: string, { gone, withdrawn }: GuardMemory, world: GuardWorld): boolean {
  return (isSetDown(target, world) ? withdrawn : gone).includes(target);
}

function accept(memory: GuardMemory, targets: readonly string[], world: GuardWorld): GuardMemory {
  const down = targets.filter((target) => isSetDown(target, world));
  return {
    ...memory,
    gone: [...new Set([...memory.gone, ...targets])].toSorted(),
    withdrawn: [...new Set([...memory.withdrawn, ...down])].toSorted(),
  };
}

function guardCause(
  cause: TargetCause,
  memory: GuardMemory,
  removed: Removed,
  { configuration, capacity, subject: { policy, world } }: Guarding,
): GuardMemory {
  const held = heldTargets(memory);
  const heldByCause = cause === 'override' ? held.overridden : held.seenDown;
  const asking = [...removed.keys()].filter(
    (target) =>
      removed.get(target) === cause && !mayBeGone(target, memory, world) && !heldByCause.has(target),
  );
  if (asking.length === 0) return memory;
  const going = asking.filter((target) => !memory.gone.includes(target));
  const share = removedShare(capacity, going);
  const { guards } = configuration;
  const kept = new Map([...heldByCause, ...asking.map((target) => [target, 'asking'] as const)]);
  const before = cause === 'override' ? { ...held, overridden: kept } : { ...held, seenDown: kept };
  const sourceOf = (view: HeldTargets) => ({
    configuration,
    health: heldHealth(view, world.health),
    overrides: withoutHeld(view.overridden, world.overrides),
  });
  const why = whyHeld(
    { policy, share, before: sourceOf(before), after: sourceOf(held) },
    guards,
    memory.window,
  );
  if (why === undefined) {
    const entries = going.map((target) => ({
      target,
      share: shareOf(capacity, target),
      atMs: world.nowMs,
      confirmed: false,
    }));
    return { ...accept(memory, asking, world), window: [...memory.window, ...entries] };
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
