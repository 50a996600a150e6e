/** The signed names below one steered record, as the API lists them. Pure. */
import type { AffinityList } from '@signpost/contracts/affinity-list';

import { affinityTargets } from '../compile/derived-records.ts';
import { heldIn, type ControllerState } from '../reconcile/controller-state.ts';
import type { AffinityNames } from './affinity-names.ts';

/** `owner` in canonical text. Undefined: no record there has such names. */
export function affinityNamesOf(
  state: ControllerState,
  owner: string,
  affinity: AffinityNames | undefined,
): AffinityList | undefined {
  const topology = state.configuration?.topology;
  if (topology === undefined) return undefined;
  const held = heldIn(state);
  const configurationOf = (policy: string) => held.configurationOf(policy) ?? topology.configuration;
  for (const { apex, steered } of topology.zones.values()) {
    const record = steered.find((own) => own.owner === owner && own.affinityNames === true);
    if (record === undefined) continue;
    const targets = affinityTargets(record, apex, { configurationOf, affinity });
    return {
      owner,
      zone: apex,
      targets: targets.map(({ target, names }) => ({ target, names: [...names] })),
    };
  }
  return undefined;
}
