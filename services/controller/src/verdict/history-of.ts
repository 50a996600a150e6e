/**
 * What a verdict remembers of the ones before it: what its state followed, and when the target last came back from
 * down. TTLs settle and weights ramp up by it, in whichever controller leads. Pure.
 */
import type { HealthState } from '@signpost/contracts/health';
import type { Verdict } from '@signpost/contracts/verdict';

export type VerdictHistory = Pick<Verdict, 'from' | 'recoveredMs'>;

/** `state`: what is concluded now; `last`: the verdict before. */
export function historyOf(last: Verdict | undefined, state: HealthState, wallMs: number): VerdictHistory {
  const from = last === undefined || last.state === state ? last?.from : known(last.state);
  const recoveredMs = recoveredAt(last, state, wallMs);
  return { ...(from !== undefined && { from }), ...(recoveredMs !== undefined && { recoveredMs }) };
}

function known(state: HealthState): HealthState | undefined {
  return state === 'unknown' ? undefined : state;
}

function recoveredAt(last: Verdict | undefined, state: HealthState, wallMs: number): number | undefined {
  if (state === 'down') return undefined;
  const nowMs = Math.max(0, Math.floor(wallMs));
  if (last?.state === 'down') return nowMs;
  // A wall clock that was set back would hold weight back until it is there again.
  return last?.recoveredMs === undefined ? undefined : Math.min(last.recoveredMs, nowMs);
}
