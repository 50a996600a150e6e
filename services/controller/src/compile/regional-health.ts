/**
 * Health as policies ask of it, with the views of vantages that dissent: (verdicts, vantages) -> health near each.
 * Pure. A view is the verdict but for what its vantage sees otherwise.
 */
import type { Configuration } from '@signpost/contracts/configuration';
import { bestState, FAMILIES } from '@signpost/contracts/health';
import { pairKey } from '@signpost/contracts/names';
import type { HealthView } from '@signpost/policy/health-view';

import type { ControllerState } from '../reconcile/controller-state.ts';

type Verdicts = ControllerState['verdicts'];

/** `health` itself as long as nobody dissents. */
export function regionalHealth(
  health: HealthView,
  verdicts: Verdicts,
  { vantages }: Pick<Configuration, 'vantages'>,
): HealthView {
  const dissenting = new Set<string>();
  for (const { dissents } of verdicts.values()) {
    for (const vantage of dissents?.keys() ?? []) dissenting.add(vantage);
  }
  if (dissenting.size === 0) return health;
  const regional = Object.keys(vantages)
    .toSorted()
    .flatMap((vantage) => {
      const near = vantages[vantage]?.near ?? [];
      const own = dissenting.has(vantage) ? healthNear(vantage, health, verdicts) : undefined;
      return near.length === 0 ? [] : [{ vantage, near, health: own }];
    });
  return Object.assign((monitor: string | undefined, target: string) => health(monitor, target), {
    regional,
  });
}

function healthNear(vantage: string, health: HealthView, verdicts: Verdicts): HealthView {
  return (monitor, target) => {
    const everywhere = health(monitor, target);
    const judged = monitor === undefined ? undefined : verdicts.get(pairKey(monitor, target));
    const dissent = judged?.dissents?.get(vantage);
    if (judged === undefined || dissent === undefined) return everywhere;
    const families = { ...judged.verdict.families, ...dissent.families };
    const state = bestState(FAMILIES.flatMap((family) => families[family] ?? []));
    return {
      state,
      ipv4: families.ipv4 ?? state,
      ipv6: families.ipv6 ?? state,
      reason: `seen so from vantage ${vantage}: ${dissent.reason}; by quorum ${everywhere.state}, ${everywhere.reason}`,
    };
  };
}
