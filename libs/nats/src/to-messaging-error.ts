/** Turns what the NATS client throws into the port's one error. It must not swallow anything. */
import { MessagingError } from '@signpost/contracts/messaging';

/** `doing`: what was asked for, in words. A reason that a signal gave, or our own error, passes unchanged. */
export function toMessagingError(doing: string, error: unknown): MessagingError {
  if (error instanceof MessagingError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new MessagingError(`${doing}: ${clearer(reason)}`, { cause: error });
}

/** The client says so of every JetStream request that nobody answers; the usual cause is another. */
function clearer(reason: string): string {
  return reason === 'jetstream is not enabled' ? 'no stream keeps this subject, or JetStream is off' : reason;
}
