/**
 * H9, between compile and publish: (what was accepted, what is applied, health) -> what may go and what is held,
 * policy by policy. Pure; `heldView` makes what is held count.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { GuardMemory } from '@signpost/contracts/guard';

import { sumOf, TOLERANCE } from './capacity.ts';
import { limitOf, windowMs } from './check-removal.ts';
import { guardConfiguration } from './guard-configuration.ts';
import { guardTargets, isSetDown } from './guard-targets.ts';
import { configurationHold, type GuardWorld } from './policy-subject.ts';
import { removedTargets } from './removed-targets.ts';

export interface Guarding {
  readonly applied: { readonly configuration: Configuration; readonly revision: number };
  /** By policy. */
  readonly memories: ReadonlyMap<string, GuardMemory>;
  /** Configurations by revision, as far as they are kept. */
  readonly kept: ReadonlyMap<number, Configuration>;
  readonly world: GuardWorld;
}

export interface Guarded {
  /** By policy: those of the configuration, and others of which the end of a hold is still to be told. */
  readonly memories: ReadonlyMap<string, GuardMemory>;
  /** Policies of which confirmed failures have taken more than an alarming share, told once per window. */
  readonly alarms: readonly { readonly policy: string; readonly share: number }[];
}

/** Confirmed failures beyond this share are worth an alarm when no limit is configured. */
const ALARMING_SHARE = 0.5;

export function guardPolicies({ applied, memories, kept, world }: Guarding): Guarded {
  const next = new Map<string, GuardMemory>();
  const alarms: { policy: string; share: number }[] = [];
  const { guards, policies } = applied.configuration;
  const alarming = limitOf(guards) ?? ALARMING_SHARE;
  for (const policy of Object.keys(policies)) {
    const known = memories.get(policy);
    const accepted = known === undefined ? undefined : kept.get(known.revision);
    if (known === undefined || accepted === undefined) {
      next.set(policy, beginning(policy, applied, known, world));
      continue;
    }
    const memory = withinWindow(known, accepted, world);
    const subject = { policy, applied, memory, accepted, world };
    const configured = guardConfiguration(subject);
    const source = configurationHold(configured) === undefined ? applied.configuration : accepted;
    const guarded = guardTargets(withinWindow(configured, source, world), source, subject);
    next.set(policy, guarded);
    const share = confirmedShare(guarded);
    if (share > alarming + TOLERANCE && confirmedShare(memory) <= alarming + TOLERANCE) {
      alarms.push({ policy, share });
    }
  }
  for (const [policy, known] of memories) {
    if (Object.hasOwn(policies, policy) || known.holds.length + known.ended.length === 0) continue;
    next.set(policy, withoutHolds(known, 'the configuration has the policy no more'));
  }
  return { memories: next, alarms };
}

function withoutHolds(memory: GuardMemory, reason: string): GuardMemory {
  const ended = [...memory.ended, ...memory.holds.map((hold) => ({ hold, reason }))];
  return { ...memory, holds: [], ended };
}

function withinWindow(memory: GuardMemory, { guards }: Configuration, { nowMs }: GuardWorld): GuardMemory {
  const sinceMs = nowMs - windowMs(guards);
  return { ...memory, window: memory.window.filter(({ atMs }) => atMs > sinceMs) };
}

function confirmedShare({ window }: GuardMemory): number {
  return sumOf(window.filter(({ confirmed }) => confirmed).map(({ share }) => share));
}

/** A policy of which nothing is known that could be held to: what is there now is what it starts with. */
function beginning(
  policy: string,
  { configuration, revision }: Guarding['applied'],
  known: GuardMemory | undefined,
  world: GuardWorld,
): GuardMemory {
  const reason = 'the configuration that was held to is no longer kept';
  const gone = [...removedTargets(configuration, policy, world).keys()].toSorted();
  return {
    policy,
    revision,
    gone,
    withdrawn: gone.filter((target) => isSetDown(target, world)),
    window: [],
    holds: [],
    told: known?.told ?? [],
    ended: known === undefined ? [] : withoutHolds(known, reason).ended,
  };
}
