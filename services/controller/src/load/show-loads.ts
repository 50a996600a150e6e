/** How pools are steered by load, in the form that the API gives. Pure. */
import type { Status } from '@signpost/contracts/status';

import type { ControllerState } from '../reconcile/controller-state.ts';
import type { Room } from './pool-load.ts';

/** Those that have limits, by name. */
export function showLoads({ load, configuration }: ControllerState): Status['loads'] {
  const loadPools = configuration?.topology.loadPools;
  const names = [...load.pools.keys()].toSorted();
  return names.flatMap((pool): Status['loads'] => {
    const { feed, reason, measured, demand, up, keep, room, spill } = load.pools.get(pool)!;
    const limits = loadPools?.get(pool)?.limits;
    if (limits === undefined || feed === 'unlimited') return [];
    return [
      {
        pool,
        feed,
        reason,
        ...(measured !== undefined && { load: measured }),
        ...(demand !== undefined && { demand: Math.round(demand * 100) / 100 }),
        soft: limits.soft * up,
        hard: limits.hard * up,
        keep,
        ...(room !== undefined && { room: sharesOf(room) }),
        ...(spill !== undefined && { spill: sharesOf(spill) }),
      },
    ];
  });
}

function sharesOf(room: Room): Record<string, number> {
  return Object.fromEntries([...room].map(([pool, share]) => [pool, share / 1_000]));
}
