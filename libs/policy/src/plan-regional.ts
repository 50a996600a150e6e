/**
 * The plans of a policy by the views of single vantages, and which of them is a client's.
 * Pure. Must not know how a vantage comes to its view.
 */
import { geoCodeMatches, type Place } from '@signpost/contracts/place';

import type { HealthView, RegionalView } from './health-view.ts';
import { planPolicy, type PolicyPlan } from './plan-policy.ts';
import type { PolicyInput } from './policy-input.ts';

export interface RegionalPlan extends Pick<RegionalView, 'vantage' | 'near'> {
  /** Undefined: as everybody. */
  readonly plan: PolicyPlan | undefined;
}

/** In the order of the views. */
export function planRegional(input: PolicyInput, everybody: PolicyPlan): readonly RegionalPlan[] {
  return (input.health.regional ?? []).map(({ vantage, near, health }) => ({
    vantage,
    near,
    plan: health === undefined ? undefined : planPolicy({ ...input, health }, everybody),
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
