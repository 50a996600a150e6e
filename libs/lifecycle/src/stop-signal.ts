/**
 * The one place that touches process signals. SIGTERM and SIGINT abort the signal; a second one, or a stop that takes
 * longer than the grace, ends the process with exit code 1.
 */
import { systemClock, type Clock } from './clock.ts';

export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
}

/**
 * One Ctrl-C can arrive twice: from the terminal, and forwarded by the process that started us. The same signal within
 * this time of the first is no second wish.
 */
const SAME_WISH_MS = 500;

/** `graceMs`: how long an orderly stop may take, lameduck time included. */
export function stopSignal({
  graceMs,
  clock = systemClock,
}: {
  graceMs: number;
  clock?: Pick<Clock, 'monotonic'>;
}): StopSignal {
  const controller = new AbortController();
  let overdue: NodeJS.Timeout | undefined;
  let first: { readonly name: NodeJS.Signals; readonly atMs: number } | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (first !== undefined) {
      if (name !== first.name || clock.monotonic() - first.atMs > SAME_WISH_MS) process.exit(1);
      return;
    }
    first = { name, atMs: clock.monotonic() };
    overdue = setTimeout(() => process.exit(1), graceMs);
    overdue.unref();
    controller.abort(new StopRequested(name));
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(overdue);
      process.off('SIGTERM', onSignal);
      process.off('SIGINT', onSignal);
    },
  };
}

/** The reason of the abort: an orderly stop, not a failure. */
export class StopRequested extends Error {
  readonly code = 'SIGNPOST_STOP';
  override readonly name = 'StopRequested';
}
