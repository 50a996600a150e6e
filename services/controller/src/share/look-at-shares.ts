/** The step of all corrections, fed from what a controller knows. Pure. */
import { pairKey } from '@signpost/contracts/names';
import { RAMP_STEPS, rampStep } from '@signpost/policy/ramp-up';

import type { ControllerState } from '../reconcile/controller-state.ts';
import type { Clocks } from '../verdict/judge-pair.ts';
import type { HeardSamples } from './answer-book.ts';
import { evolveShares } from './evolve-shares.ts';

export function lookAtShares(
  state: ControllerState,
  samples: readonly HeardSamples[],
  { monotonicMs, wallMs }: Clocks,
): ControllerState {
  const shares = evolveShares(state.shares, {
    samples,
    loads: state.loads,
    configuration: state.configuration?.topology.configuration,
    records: state.records,
    ramping: (pool) => isRamping(state, pool, wallMs),
    shed: (pool) => (state.load.steering.get(pool)?.keep ?? 1) < 1,
    nowMs: monotonicMs,
  });
  return shares === state.shares ? state : { ...state, shares };
}

/** Whether a target of the pool came back and has not its whole weight yet. */
function isRamping({ configuration, verdicts }: ControllerState, name: string, nowMs: number): boolean {
  const pool = configuration?.topology.configuration.pools[name];
  const { monitor, ramp_up: rampUpMs } = pool ?? {};
  if (pool === undefined || monitor === undefined || rampUpMs === undefined) return false;
  return pool.members.some(({ target }) => {
    const recoveredMs = verdicts.get(pairKey(monitor, target))?.verdict.recoveredMs;
    return recoveredMs !== undefined && rampStep(recoveredMs, rampUpMs, nowMs) < RAMP_STEPS;
  });
}
