/**
 * A clock that only moves when a test says so. Sleepers wake in the order of
 * their due times. It must not read the real clock.
 */
import type { Clock } from '@signpost/lifecycle/clock';

export interface FakeClock extends Clock {
  /** Moves both clocks by `ms` and wakes, in order, all sleepers that came due, also those they start. */
  advance(ms: number): Promise<void>;
  /** Moves the wall clock alone, as an NTP step would. */
  jumpWallClock(ms: number): void;
  /** How many sleepers wait now. */
  readonly sleeping: number;
}

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

export function fakeClock(startWallMs = Date.UTC(2026, 0, 1)): FakeClock {
  let monotonicMs = 0;
  let wallOffsetMs = startWallMs;
  const sleepers = new Set<Sleeper>();

  const moveTo = async (untilMs: number) => {
    for (;;) {
      await settle();
      const next = earliest(sleepers);
      if (next === undefined || next.dueMs > untilMs) break;
      monotonicMs = Math.max(monotonicMs, next.dueMs);
      sleepers.delete(next);
      next.wake();
    }
    monotonicMs = untilMs;
  };

  return {
    now: () => wallOffsetMs + monotonicMs,
    monotonic: () => monotonicMs,
    sleep: (ms, signal) => sleepUntil(sleepers, monotonicMs + Math.max(0, ms), signal),
    advance: (ms) => moveTo(monotonicMs + ms),
    jumpWallClock: (ms) => {
      wallOffsetMs += ms;
    },
    get sleeping() {
      return sleepers.size;
    },
  };
}

function sleepUntil(sleepers: Set<Sleeper>, dueMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason as Error);
    const abort = () => {
      sleepers.delete(sleeper);
      reject(signal?.reason as Error);
    };
    const wake = () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    };
    const sleeper: Sleeper = { dueMs, wake };
    sleepers.add(sleeper);
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function earliest(sleepers: ReadonlySet<Sleeper>): Sleeper | undefined {
  let first: Sleeper | undefined;
  for (const sleeper of sleepers) if (first === undefined || sleeper.dueMs < first.dueMs) first = sleeper;
  return first;
}

/** Lets everything that is already able to run do so, before time goes on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
