/** Pauses between attempts: doubling, with jitter, bounded. It must not decide whether to try again. */
import { setTimeout as wait } from 'node:timers/promises';

import { backoffMs } from '@signpost/lifecycle/backoff';

const BOUNDS = { firstMs: 100, mostMs: 2_000, certain: 0.5 };

export function pauseMs(failures: number): number {
  return backoffMs(failures, Math.random(), BOUNDS);
}

/** Rejects with the signal's reason when it fires. */
export async function pause(failures: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  try {
    await wait(pauseMs(failures), undefined, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}
