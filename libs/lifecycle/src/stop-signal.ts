/**
 * The one place that touches process signals. SIGTERM and SIGINT abort the signal; a second one, or a stop that takes
 * longer than the grace, ends the process with exit code 1.
 */
export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** `graceMs`: how long an orderly stop may take, lameduck time included. */
export function stopSignal({ graceMs }: { graceMs: number }): StopSignal {
  const controller = new AbortController();
  let overdue: NodeJS.Timeout | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(1);
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
