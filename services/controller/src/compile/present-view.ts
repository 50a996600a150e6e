/** What record sets depend on besides configuration and health, as a controller knows it now. Pure. */
import type { AffinityNames } from '../affinity/affinity-names.ts';
import { loadView } from '../load/load-view.ts';
import { overrideView } from '../override/overrides-at.ts';
import { type ControllerState, heldIn } from '../reconcile/controller-state.ts';
import { resolvedIn } from '../resolve/resolved-in.ts';
import { shareView } from '../share/share-steering.ts';
import type { CompileView } from './compile-zone.ts';

/** `nowMs`: wall clock. `affinity`: undefined without a secret. */
export function presentView(
  state: ControllerState,
  nowMs: number,
  affinity: AffinityNames | undefined,
): CompileView {
  return {
    overrides: overrideView(state.present),
    nowMs,
    held: heldIn(state),
    load: loadView(state.load.steering),
    shares: shareView(state.shares.steering),
    resolved: resolvedIn(state),
    affinity,
  };
}
