/**
 * The plans of a policy by the views of single vantages, and which of them is a client's.
 * Pure. Must not know how a vantage comes to its view.
 */
import { geoCodeMatches, type Place } from '@signpost/contracts/place';

import type { HealthView, RegionalView } from './health-view.ts';
import { type PlanOptions, planPolicy, type PolicyPlan } from './plan-policy.ts';
import type { PolicyInput } from './policy-input.ts';

export interface RegionalPlan extends Pick<RegionalView, 'vantage' | 'near'> {
  /** Undefined: as everybody. */
  readonly plan: PolicyPlan | undefined;
}

/** In the order of the views. Whether a pinned target serves is for the quorum alone to say. */
export function planRegional(
  { pin: _pin, ...input }: PolicyInput,
  everybody: PolicyPlan,
  options?: PlanOptions,
): readonly RegionalPlan[] {
  if (everybody.pinned !== undefined) return [];
  return (input.health.regional ?? []).map(({ vantage, near, health }) => ({
    vantage,
    near,
    plan: health === undefined ? undefined : planPolicy({ ...input, health }, everybody, options),
  }));
}

export interface NearView {
  readonly view: RegionalView;
  /** The code that decided. */
  readonly code: string;
}

/** The view of the most specific code that the place is in; of equal ones, the first. */
export function nearestView({ regional }: HealthView, place: Place): NearView | undefined {
  let nearest: NearView | undefined;
  for (const view of regional ?? []) {
    for (const code of view.near) {
      if (code.length > (nearest?.code.length ?? 0) && geoCodeMatches(place, code)) nearest = { view, code };
    }
  }
  return nearest;
}
