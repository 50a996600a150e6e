/**
 * A sleep that can be cut short: the one timer of a loop that has either something due or something new to look at.
 * A ring while nobody waits is kept, so that nothing is slept through.
 */
import type { Clock } from '@signpost/lifecycle/clock';

export interface Alarm {
  readonly ring: () => void;
  /** Resolves after `ms` (which may be Infinity) or as soon as it rings; never rejects. For one waiter at a time. */
  wait(ms: number): Promise<void>;
}

/** Timers of Node end below 2^31 ms; waking up once in a while for nothing harms nobody. */
const LONGEST_SLEEP_MS = 3_600_000;

/** Nobody reads it, and without one each abort would make an error with a stack. */
const RUNG = 'rung';

export function createAlarm(clock: Clock): Alarm {
  let rung = false;
  let sleeper: AbortController | undefined;
  return {
    ring: () => {
      rung = true;
      sleeper?.abort(RUNG);
    },
    wait: async (ms) => {
      if (!rung) {
        sleeper = new AbortController();
        await clock.sleep(Math.min(Math.max(ms, 0), LONGEST_SLEEP_MS), sleeper.signal).catch(() => {});
        sleeper = undefined;
      }
      rung = false;
    },
  };
}
