/**
 * Words of health that reports and verdicts share.
 * Times are milliseconds of the wall clock; round trips are milliseconds.
 */
import * as z from 'zod';

export const HEALTH_STATES = ['up', 'suspect', 'down', 'unknown'] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

export const FAMILIES = ['ipv4', 'ipv6'] as const;
/** Address families are judged apart: A and AAAA of a target may differ. */
export type Family = (typeof FAMILIES)[number];

export const healthStateSchema = z.enum(HEALTH_STATES);
export const familySchema = z.enum(FAMILIES);

/** Better first: `up` is better than `suspect`, `suspect` better than `unknown`, `down` is last. */
const ORDER: Readonly<Record<HealthState, number>> = { up: 0, suspect: 1, unknown: 2, down: 3 };

/** Negative when `a` is better than `b`: the order of `up`, `suspect`, `unknown`, `down`. */
export function compareHealth(a: HealthState, b: HealthState): number {
  return ORDER[a] - ORDER[b];
}

/** The best of several states; `unknown` of none. One family that fails does not fail the target. */
export function bestState(states: readonly HealthState[]): HealthState {
  return (
    states.reduce<HealthState | undefined>(
      (best, state) => (best === undefined || ORDER[state] < ORDER[best] ? state : best),
      undefined,
    ) ?? 'unknown'
  );
}
