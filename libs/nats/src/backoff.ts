/** Pauses between attempts: doubling, with jitter, bounded. It must not decide whether to try again. */
import { setTimeout as wait } from 'node:timers/promises';

const FIRST_MS = 100;
const LONGEST_MS = 2_000;

/** Half of the doubled pause is certain, the other half chance, so that many clients do not come at once. */
export function pauseMs(failures: number): number {
  const fullMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 10));
  return fullMs / 2 + (fullMs / 2) * Math.random();
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
