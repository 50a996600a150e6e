/**
 * What a policy knows of health: one look-up, filled by the controller from its verdicts.
 * Must not know votes, clocks or messages; a policy is compiled from answers to "how is this target?" alone.
 */
import type { HealthState } from '@signpost/contracts/health';

export interface TargetHealth {
  /** The best of the families; decides which pool serves. */
  readonly state: HealthState;
  /** Decides whether the target's A record is answered once its pool serves. */
  readonly ipv4: HealthState;
  readonly ipv6: HealthState;
  /** In words, as in the verdict: `connection refused`. */
  readonly reason: string;
  /** When it came to `state` from another known one, wall clock; absent: nothing else was ever known. */
  readonly changedMs?: number | undefined;
  /** When it last came back from down, wall clock; absent: it did not, or is down. */
  readonly recoveredMs?: number | undefined;
}

export interface HealthView {
  /** How `target` is by `monitor`. A pool without a monitor asks with undefined and gets `NOT_MONITORED`. */
  (monitor: string | undefined, target: string): TargetHealth;
  /** As seen from single vantages, for the clients near them; absent: none sees it otherwise. */
  readonly regional?: readonly RegionalView[];
}

export interface RegionalView {
  readonly vantage: string;
  /** Geo codes; no two views have the same. */
  readonly near: readonly string[];
  /** Undefined: it has no view of its own, clients near it are steered as everybody. */
  readonly health: HealthView | undefined;
}

/** Nobody checks it, so it counts as up. */
export const NOT_MONITORED: TargetHealth = {
  state: 'up',
  ipv4: 'up',
  ipv6: 'up',
  reason: 'no monitor, counts as up',
};
