/**
 * Whether a policy goes over to the configuration that is applied, or stays with the one that was accepted last.
 * A hold is for one revision: another configuration is judged anew. Pure.
 */
import type { Approval, GuardMemory, Hold } from '@signpost/contracts/guard';

import { capacityOf, lossesOf, sumOf } from './capacity.ts';
import { limitOf, whyHeld } from './check-removal.ts';
import { heldHealth, heldTargets, withoutHeld } from './held-view.ts';
import { configurationHold, type PolicySubject } from './policy-subject.ts';

export function guardConfiguration(subject: PolicySubject): GuardMemory {
  const { policy, applied, memory, accepted, world } = subject;
  const held = configurationHold(memory);
  if (memory.revision === applied.revision) return withoutHold(memory, held, undefined);
  const approval = held?.revision === applied.revision ? world.approvals.get(held.id) : undefined;
  if (held?.revision === applied.revision && approval === undefined) return memory;
  const gone = new Set(memory.gone);
  const losses = lossesOf(capacityOf(accepted, policy), capacityOf(applied.configuration, policy), gone);
  const share = sumOf(losses.values());
  const kept = heldTargets(memory);
  const health = heldHealth(kept, world.health);
  const overrides = withoutHeld(kept.overridden, world.overrides);
  // By the guards of the accepted one: a mistake that drops the guards as well is still a mistake.
  const why =
    approval === undefined
      ? whyHeld(
          {
            policy,
            share,
            before: { configuration: accepted, health, overrides },
            after: { configuration: applied.configuration, health, overrides },
          },
          accepted.guards,
          memory.window,
        )
      : undefined;
  if (why !== undefined) {
    const limit = limitOf(accepted.guards);
    const hold: Hold = {
      id: `${policy}-r${applied.revision}`,
      policy,
      cause: 'configuration',
      targets: [...losses.keys()],
      removed: share,
      ...(limit !== undefined && { limit }),
      why,
      sinceMs: world.nowMs,
      revision: applied.revision,
    };
    const rest = withoutHold(memory, held, undefined);
    return { ...rest, holds: [...rest.holds, hold] };
  }
  const entries =
    approval === undefined
      ? [...losses].map(([target, loss]) => ({ target, share: loss, atMs: world.nowMs, confirmed: false }))
      : [];
  const passed = withoutHold(memory, held, approval);
  return { ...passed, revision: applied.revision, window: [...passed.window, ...entries] };
}

function withoutHold(
  memory: GuardMemory,
  hold: Hold | undefined,
  approval: Approval | undefined,
): GuardMemory {
  if (hold === undefined) return memory;
  const reason = approval?.reason ?? 'another configuration was applied';
  return {
    ...memory,
    holds: memory.holds.filter((other) => other !== hold),
    ended: [...memory.ended, { hold, reason, ...(approval !== undefined && { approval }) }],
  };
}
