/** Whether more than one source stands behind the verdicts of a pair. Pure. */
import { pairKey } from '@signpost/contracts/names';

import type { Topology } from '../topology/topology.ts';

/** A verdict on a monitor that several vantages vote on took its quorum; of one vantage it is that vantage's word. */
export function isConfirmed({ pairs }: Pick<Topology, 'pairs'>, monitor: string, target: string): boolean {
  return (pairs.get(pairKey(monitor, target))?.vantages.length ?? 0) > 1;
}
