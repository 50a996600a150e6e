/** Overrides as the API lists them: each with what it matches and where it counts. Pure. */
import { matchTargets } from '@signpost/config/match-targets';
import type { Override, OverrideView } from '@signpost/contracts/override';

import type { ControllerState } from '../reconcile/controller-state.ts';
import { hasEnded, withoutLifted } from './overrides-at.ts';

type Known = Pick<ControllerState, 'configuration' | 'overrides' | 'present'>;

/** All that have not ended: in force, outvoted, and to come; the next to end first. */
export function showOverrides(state: Known, nowMs: number): OverrideView[] {
  const stored = [...state.overrides.values()].filter((override) => !hasEnded(override, nowMs));
  const configured = (state.configuration?.topology.overrides ?? []).filter(
    (override) => !hasEnded(override, nowMs),
  );
  return [
    ...stored.map((override) => view(withoutLifted(override), 'bucket', state)),
    ...configured.map((override) => view(override, 'configuration', state)),
  ].toSorted((a, b) => a.untilMs - b.untilMs);
}

export function showPlanned(state: Known, most: number): OverrideView[] {
  return state.present.planned.slice(0, most).map((override) => view(override, 'configuration', state));
}

/** What overrides one of the targets of `match`, beside those just lifted. */
export function showRemaining(
  state: Known,
  match: string,
  lifted: readonly Override[],
  nowMs: number,
): OverrideView[] {
  const nouns = state.configuration?.topology.configuration;
  const meant = new Set(nouns === undefined ? [] : matchTargets(match, nouns));
  const gone = new Set(lifted.map(({ id }) => id));
  return showOverrides(state, nowMs).filter(
    ({ id, sinceMs, origin, targets }) =>
      !gone.has(id) &&
      (origin === 'bucket' || sinceMs <= nowMs) &&
      targets.some((target) => meant.has(target)),
  );
}

function view(
  override: Override,
  origin: OverrideView['origin'],
  { configuration, present }: Known,
): OverrideView {
  const nouns = configuration?.topology.configuration;
  const targets = nouns === undefined ? [] : [...matchTargets(override.match, nouns)];
  const inForce = targets.filter((target) => present.inForce.get(target)?.id === override.id);
  return { ...override, origin, targets, inForce };
}
