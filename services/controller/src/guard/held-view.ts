/**
 * What a policy is compiled from while something is held: the configuration that was accepted last, and targets
 * that count as up though they are not. Pure.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { GuardMemory } from '@signpost/contracts/guard';
import type { HealthView } from '@signpost/policy/health-view';

import { configurationHold } from './policy-subject.ts';

export interface HeldView {
  /** Undefined: nothing is held, what is applied counts. */
  configurationOf(policy: string): Configuration | undefined;
  healthOf(policy: string, health: HealthView): HealthView;
}

/** `kept`: configurations by revision. */
export function heldView(
  memories: Iterable<GuardMemory>,
  kept: ReadonlyMap<number, Configuration>,
): HeldView {
  const configurations = new Map<string, Configuration>();
  const targets = new Map<string, ReadonlyMap<string, string>>();
  for (const memory of memories) {
    const held = heldTargets(memory);
    if (held.size > 0) targets.set(memory.policy, held);
    const configuration = kept.get(memory.revision);
    if (configurationHold(memory) === undefined || configuration === undefined) continue;
    configurations.set(memory.policy, configuration);
  }
  return {
    configurationOf: (policy) => configurations.get(policy),
    healthOf: (policy, health) => {
      const held = targets.get(policy);
      return held === undefined ? health : heldHealth(held, health);
    },
  };
}

/** Target -> id of the hold that keeps it in. */
export function heldTargets({ holds }: GuardMemory): ReadonlyMap<string, string> {
  const held = new Map<string, string>();
  for (const { id, cause, targets } of holds) {
    if (cause !== 'configuration') for (const target of targets) held.set(target, id);
  }
  return held;
}

export function heldHealth(held: ReadonlyMap<string, string>, health: HealthView): HealthView {
  return (monitor, target) => {
    const found = health(monitor, target);
    const id = held.get(target);
    if (id === undefined || found.state !== 'down') return found;
    const reason = `held by guard ${id}: ${found.reason}`;
    return { ...found, state: 'up', ipv4: 'up', ipv6: 'up', reason };
  };
}
