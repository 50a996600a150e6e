/**
 * What a policy is compiled from while something is held: the configuration that was accepted last, and targets
 * that count as up though they are not. Pure.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import type { GuardMemory } from '@signpost/contracts/guard';
import type { HealthView } from '@signpost/policy/health-view';
import type { OverrideView } from '@signpost/policy/override-view';

import { configurationHold } from './policy-subject.ts';

export interface HeldView {
  /** Undefined: nothing is held, what is applied counts. */
  configurationOf(policy: string): Configuration | undefined;
  healthOf(policy: string, health: HealthView): HealthView;
  overridesOf(policy: string, overrides: OverrideView): OverrideView;
}

/** `kept`: configurations by revision. */
export function heldView(
  memories: Iterable<GuardMemory>,
  kept: ReadonlyMap<number, Configuration>,
): HeldView {
  const configurations = new Map<string, Configuration>();
  const views = new Map<string, HeldTargets>();
  for (const memory of memories) {
    if (memory.holds.length > 0) views.set(memory.policy, heldTargets(memory));
    const configuration = kept.get(memory.revision);
    if (configurationHold(memory) === undefined || configuration === undefined) continue;
    configurations.set(memory.policy, configuration);
  }
  return {
    configurationOf: (policy) => configurations.get(policy),
    healthOf: (policy, health) => {
      const held = views.get(policy);
      return held === undefined ? health : heldHealth(held, health);
    },
    overridesOf: (policy, overrides) => {
      const held = views.get(policy);
      return held === undefined ? overrides : withoutHeld(held.overridden, overrides);
    },
  };
}

/** Target -> id of the hold that keeps it in. */
export interface HeldTargets {
  /** They count as up. */
  readonly seenDown: ReadonlyMap<string, string>;
  /** They obey their checks, as if nobody had overridden them. */
  readonly overridden: ReadonlyMap<string, string>;
}

export function heldTargets({ holds }: Pick<GuardMemory, 'holds'>): HeldTargets {
  const seenDown = new Map<string, string>();
  const overridden = new Map<string, string>();
  for (const { id, cause, targets } of holds) {
    if (cause === 'configuration') continue;
    const held = cause === 'override' ? overridden : seenDown;
    for (const target of targets) held.set(target, id);
  }
  return { seenDown, overridden };
}

export function heldHealth(held: HeldTargets, health: HealthView): HealthView {
  const view = heldNear(held, health);
  const regional = health.regional?.map((near) => ({
    ...near,
    health: near.health && heldNear(held, near.health),
  }));
  return regional === undefined ? view : Object.assign(view, { regional });
}

function heldNear({ seenDown, overridden }: HeldTargets, health: HealthView): HealthView {
  return (monitor, target) => {
    const found = health(monitor, target);
    const id = seenDown.get(target);
    if (id !== undefined && found.state === 'down') {
      return {
        ...found,
        state: 'up',
        ipv4: 'up',
        ipv6: 'up',
        reason: `held by guard ${id}: ${found.reason}`,
      };
    }
    const overrideId = overridden.get(target);
    if (overrideId === undefined) return found;
    return { ...found, reason: `its override is held by guard ${overrideId}: ${found.reason}` };
  };
}

/** `held`: targets whose overrides do not count. */
export function withoutHeld(held: ReadonlyMap<string, unknown>, overrides: OverrideView): OverrideView {
  return {
    inForce: (target) => (held.has(target) ? undefined : overrides.inForce(target)),
    beginsWithin: (target, seconds) => overrides.beginsWithin(target, seconds),
  };
}
