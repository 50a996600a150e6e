/**
 * How much of a long test is run: a seeded slice in `npm test`, all of it in `npm run test:full`, which shows how far
 * it has come. It must not change what is asserted.
 */

export function isFullRun(): boolean {
  return process.env['SIGNPOST_TEST_FULL'] === '1';
}

export function scaled({ slice, full }: { readonly slice: number; readonly full: number }): number {
  return isFullRun() ? full : slice;
}

const EVERY_MS = 2_000;

/** Call the result with how much is done: every two seconds a line on stderr, in a full run alone. */
export function showProgress(what: string, total: number): (done: number, note?: string) => void {
  const startMs = performance.now();
  let shownMs = startMs;
  return (done, note = '') => {
    const nowMs = performance.now();
    if (!isFullRun() || (nowMs - shownMs < EVERY_MS && done < total)) return;
    shownMs = nowMs;
    const leftSeconds = Math.ceil(((nowMs - startMs) / Math.max(1, done)) * (total - done) * 0.001);
    process.stderr.write(
      `${what}: ${done} of ${total}, ${leftSeconds} s to go${note === '' ? '' : `, ${note}`}\n`,
    );
  };
}
