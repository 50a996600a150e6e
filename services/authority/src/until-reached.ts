/** Waits for NATS to be reached for the first time. */
import type { Messaging } from '@signpost/contracts/messaging';

/** undefined: aborted, or never reached. */
export async function untilReached(
  messaging: Messaging | Promise<Messaging>,
  signal: AbortSignal,
): Promise<Messaging | undefined> {
  const { promise: aborted, resolve } = Promise.withResolvers<undefined>();
  const onAbort = () => resolve(undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([messaging, aborted]);
  } catch {
    return undefined; // whoever connects tells why
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
