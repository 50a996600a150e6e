/** Whether more than one source stands behind the failure of a target. Pure. */
import { pairKey } from '@signpost/contracts/names';

import type { ControllerState } from '../reconcile/controller-state.ts';
import type { Topology } from '../topology/topology.ts';

/**
 * A verdict on a monitor that several vantages vote on took its quorum; of one vantage, or when any one of them
 * suffices, it is that vantage's word. Of a push monitor it is the target's own word, or its own silence, for which
 * no vantage can be to blame. A calculated failure is confirmed when the confirmed ones of those it looks at are
 * enough for it.
 */
export function isConfirmed(
  topology: Pick<Topology, 'pairs'>,
  verdicts: ControllerState['verdicts'],
  monitor: string,
  target: string,
): boolean {
  const pair = topology.pairs.get(pairKey(monitor, target));
  if (pair === undefined) return false;
  const { rule } = pair;
  switch (rule.kind) {
    case 'votes':
      return pair.vantages.length > 1 && rule.quorum !== 'any' && rule.quorum !== 1;
    case 'heartbeat':
      return true;
    case 'calculated': {
      const failed = (child: string) =>
        verdicts.get(pairKey(child, target))?.verdict.state === 'down' &&
        isConfirmed(topology, verdicts, child, target);
      return rule.conditions.some(({ n, of }) => of.filter(failed).length > of.length - n);
    }
    default:
      throw new TypeError(`unhandled rule ${JSON.stringify(rule satisfies never)}`);
  }
}
