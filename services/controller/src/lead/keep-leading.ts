/**
 * Keeps trying to lead for as long as the controller runs: takes the lease, holds it until it is lost, tries again.
 * On a clean stop the lease is given back once the loop has stopped acting. Must not know what a leader does.
 */
import { acquireLease, type Lease, type LeaseOptions } from './lease.ts';

export interface KeepLeadingOptions extends LeaseOptions {
  /** Told of each lease, and with undefined when it ended. */
  readonly onLease: (lease: Lease | undefined, reason: string) => void;
  /** Resolves when nobody acts under the lease any more. */
  readonly stopped: Promise<void>;
}

/** Returns after the signal fired and the lease was given back. */
export async function keepLeading(options: KeepLeadingOptions): Promise<void> {
  const { signal, onLease } = options;
  while (!signal.aborted) {
    let lease: Lease;
    try {
      lease = await acquireLease(options);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    onLease(lease, 'acquired');
    await eitherAborts(signal, lease.signal);
    if (signal.aborted) await options.stopped;
    onLease(undefined, lease.signal.aborted ? String(lease.signal.reason) : 'stopping');
    await lease[Symbol.asyncDispose]();
  }
}

function eitherAborts(a: AbortSignal, b: AbortSignal): Promise<void> {
  const either = AbortSignal.any([a, b]);
  return new Promise((resolve) => {
    if (either.aborted) resolve();
    else either.addEventListener('abort', () => resolve(), { once: true });
  });
}
