/**
 * The clock as an argument: code that needs the time gets a `Clock`, so that a
 * test can move it. This file holds the real one; the testkit holds the fake.
 * It must not be called from pure code, which takes plain numbers instead.
 */
import { setTimeout as wait } from 'node:timers/promises';

export interface Clock {
  /** Wall time in milliseconds since 1970. May jump; use it for what people read. */
  now(): number;
  /** Milliseconds that only grow. Use it for every age and deadline. */
  monotonic(): number;
  /** Resolves after `ms`, at once if the moment has passed; rejects with the signal's reason as soon as it aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    signal?.throwIfAborted();
    try {
      await wait(Math.max(0, ms), undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // Node wraps the reason in an AbortError of its own; callers want the one they gave.
      signal?.throwIfAborted();
      throw error;
    }
  },
};
