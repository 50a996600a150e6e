/** Opens what needs NATS, again and again while it is away: a start in the middle of an outage is a start. */
import { MessagingError } from '@signpost/contracts/messaging';
import type { Clock } from '@signpost/lifecycle/clock';

const RETRY_MS = 1_000;

/** Rejects with the signal's reason, or with an error that is not NATS' being away. */
export async function untilOpened<Opened>(
  open: () => Promise<Opened>,
  clock: Clock,
  signal: AbortSignal,
): Promise<Opened> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      if (!(error instanceof MessagingError)) throw error;
    }
    await clock.sleep(RETRY_MS, signal);
  }
}
