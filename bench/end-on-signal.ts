/** A bench that is interrupted ends what it started, as one that is done does. */
export function endOnSignal(open: AsyncDisposableStack): void {
  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.once(signal, () => {
      process.on('uncaughtException', () => {}); // what was interrupted fails, and nobody need hear of that
      void open.disposeAsync().finally(() => process.exit(exitCode));
    });
  }
}
