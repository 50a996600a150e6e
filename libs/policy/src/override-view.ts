/**
 * What a policy knows of overrides: what is in force for a target now, and whether planned work is near. Filled by
 * the controller, which knows the time. What stands here outranks checks and the configuration's `status`.
 */
import { describeOverride, type Override } from '@signpost/contracts/override';

import type { TargetHealth } from './health-view.ts';

export type OverrideInForce = Pick<Override, 'set' | 'by' | 'reason' | 'untilMs'>;

export interface OverrideView {
  /** Undefined: the target obeys its checks. */
  inForce(target: string): OverrideInForce | undefined;
  /** Whether a planned override of the target begins within so many seconds. */
  beginsWithin(target: string, seconds: number): boolean;
}

export const NO_OVERRIDES: OverrideView = { inForce: () => undefined, beginsWithin: () => false };

/** How an overridden target counts. A drained one counts as down: its place is taken by others. */
export function overriddenHealth(override: OverrideInForce): TargetHealth {
  const state = override.set === 'up' ? 'up' : 'down';
  return { state, ipv4: state, ipv6: state, reason: describeOverride(override) };
}
