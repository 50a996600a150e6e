/**
 * Emits `guard.held` once when a hold begins and once when it ends. What was told is kept with what the guards
 * remember, so a new leader goes on where the last one was; ids are the holds', so that a repetition is no second.
 */
import { encodeEvent } from '@signpost/contracts/cloud-event';
import { guardHeld, viewHold, type GuardHeld, type GuardMemory } from '@signpost/contracts/guard';
import type { Stream } from '@signpost/contracts/messaging';
import { subjects } from '@signpost/contracts/subjects';

import type { ControllerState } from './controller-state.ts';
import { storeGuard } from './keep-guards.ts';
import type { LeaderTools } from './leader-tools.ts';

export interface AnnouncedGuards {
  readonly guards: ControllerState['guards'];
  /** Events appended. */
  readonly told: number;
}

/** Rejects when NATS is away, and may then be repeated. */
export async function announceGuards(
  guards: ControllerState['guards'],
  { events, guards: bucket, source }: Pick<LeaderTools, 'events' | 'guards' | 'source'>,
  wallMs: number,
): Promise<AnnouncedGuards> {
  const next = new Map(guards);
  let told = 0;
  for (const [policy, stored] of guards) {
    const due = untold(stored.memory);
    if (due.length === 0 && stored.memory.ended.length === 0) continue;
    for (const event of due) {
      await append(events, event, source, wallMs);
      told += 1;
    }
    const memory = { ...stored.memory, told: stored.memory.holds.map(({ id }) => id), ended: [] };
    next.set(policy, await storeGuard(bucket, stored, memory));
  }
  return { guards: next, told };
}

function untold({ holds, told, ended }: GuardMemory): GuardHeld[] {
  return [
    ...[...ended.map(({ hold }) => hold), ...holds]
      .filter(({ id }) => !told.includes(id))
      .map((hold) => ({ ...viewHold(hold), state: 'held' as const, reason: hold.why })),
    ...ended.map(({ hold, approval, reason }) => ({
      ...viewHold(hold),
      state: 'lifted' as const,
      reason,
      ...(approval !== undefined && { by: approval.by }),
    })),
  ];
}

async function append(events: Stream, data: GuardHeld, source: string, wallMs: number): Promise<void> {
  const id = `guard-${data.id}-${data.sinceMs}-${data.state}`;
  const octets = encodeEvent(guardHeld, { id, source, subject: data.policy, atMs: wallMs, data });
  await events.append(subjects.guardHeld(), octets, { id });
}
