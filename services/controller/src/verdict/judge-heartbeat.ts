/**
 * Judges a target by its own heartbeats: what it says of itself, and how long it has said nothing. Pure.
 * Silence counts only while we could have heard something: from the last heartbeat, from when NATS was reached, or
 * from when we took the lead, whichever is latest. So a new leader gives every target a whole period.
 */
import { formatDuration } from '@signpost/contracts/duration';
import type { Family, HealthState } from '@signpost/contracts/health';
import type { TargetHeartbeat } from '@signpost/contracts/target-heartbeat';
import type { FamilyStates } from '@signpost/contracts/verdict';

import type { HeartbeatRule } from '../topology/monitored-pairs.ts';
import type { Judgement } from './judgement.ts';

export interface HeardHeartbeat {
  readonly heartbeat: TargetHeartbeat;
  /** Monotonic. */
  readonly heardAtMs: number;
}

export interface Hearing {
  readonly heard: HeardHeartbeat | undefined;
  /** Since when silence means something, monotonic; undefined: NATS is not reached. */
  readonly sinceMs: number | undefined;
  readonly nowMs: number;
}

/** Heartbeats speak for all families. `last`: what was concluded without damping. */
export function judgeHeartbeat(
  rule: HeartbeatRule,
  families: readonly Family[],
  hearing: Hearing,
  last: FamilyStates,
): Judgement {
  const said = judge(rule, hearing);
  const each = families.map((family) => {
    const before = last[family] ?? 'unknown';
    return [family, { state: stateAfter(said, before), reason: said.reason }] as const;
  });
  const dueAtMs = dueAt(rule, hearing);
  return {
    families: new Map(each),
    settled: said.state !== 'stands',
    ...(dueAtMs === undefined ? {} : { dueAtMs }),
  };
}

interface Said {
  readonly state: 'up' | 'suspect' | 'down' | 'stands';
  readonly reason: string;
}

function judge(rule: HeartbeatRule, { heard, sinceMs, nowMs }: Hearing): Said {
  const every = formatDuration(rule.expectEveryMs);
  if (heard !== undefined && nowMs - heard.heardAtMs <= rule.suspectAfterMs) {
    return saidOf(heard.heartbeat, every);
  }
  const quietSinceMs = quietSince({ heard, sinceMs });
  if (quietSinceMs === undefined) {
    return { state: 'stands', reason: 'NATS is not reached: last verdict stands' };
  }
  const quietMs = nowMs - quietSinceMs;
  if (quietMs <= rule.suspectAfterMs) {
    return {
      state: 'stands',
      reason: `waiting for a heartbeat, expected every ${every}: last verdict stands`,
    };
  }
  const state = quietMs > rule.downAfterMs ? 'down' : 'suspect';
  const bound = formatDuration(state === 'down' ? rule.downAfterMs : rule.suspectAfterMs);
  return { state, reason: `no heartbeat for more than ${bound}, expected every ${every}` };
}

function saidOf({ status, reason }: TargetHeartbeat, every: string): Said {
  const why = reason === undefined ? '' : `: ${reason}`;
  if (status === 'up') return { state: 'up', reason: `heartbeats arrive, expected every ${every}${why}` };
  return { state: 'down', reason: `its heartbeat says ${status}${why}` };
}

/** Suspicion keeps an `up` alive, and never raises what is down or not known yet. */
function stateAfter({ state }: Said, before: HealthState): HealthState {
  if (state === 'stands') return before;
  if (state !== 'suspect') return state;
  return before === 'up' ? 'suspect' : before;
}

function quietSince({ heard, sinceMs }: Pick<Hearing, 'heard' | 'sinceMs'>): number | undefined {
  if (sinceMs === undefined) return undefined;
  return Math.max(sinceMs, heard?.heardAtMs ?? Number.NEGATIVE_INFINITY);
}

/** The next bound in time, and one millisecond past it, since a bound itself is still in time. */
function dueAt(
  { suspectAfterMs, downAfterMs }: HeartbeatRule,
  { heard, sinceMs, nowMs }: Hearing,
): number | undefined {
  const quietSinceMs = quietSince({ heard, sinceMs });
  const bounds = [
    ...(heard === undefined ? [] : [heard.heardAtMs + suspectAfterMs]),
    ...(quietSinceMs === undefined ? [] : [quietSinceMs + suspectAfterMs, quietSinceMs + downAfterMs]),
  ].filter((boundMs) => boundMs >= nowMs);
  return bounds.length === 0 ? undefined : Math.min(...bounds) + 1;
}
