/**
 * What events say of a moment that has passed: the last one until then, and the first one after it, which tells what
 * was before. Reads the stream; decides nothing. Rejects with `MessagingError` when NATS is away.
 */
import { type CloudEvent, decodeEvent, type EventKind } from '@signpost/contracts/cloud-event';
import type { Stream } from '@signpost/contracts/messaging';
import type * as z from 'zod';

export interface PastEvents<Data> {
  /** Until the moment, oldest first. */
  readonly until: readonly CloudEvent<Data>[];
  /** The first one after it. */
  readonly next: CloudEvent<Data> | undefined;
}

/** Of one subject, or of all that a pattern matches. What cannot be decoded, of an older version, is left out. */
export async function pastEvents<Schema extends z.ZodType>(
  events: Stream,
  pattern: string,
  kind: EventKind<Schema>,
  atMs: number,
): Promise<PastEvents<z.output<Schema>>> {
  const until: CloudEvent<z.output<Schema>>[] = [];
  let next: CloudEvent<z.output<Schema>> | undefined;
  await using following = await events.follow({
    pattern,
    from: 'all',
    listener: ({ data }) => {
      const decoded = decodeEvent(kind, data);
      if (!decoded.ok) return;
      if (Date.parse(decoded.value.time) <= atMs) until.push(decoded.value);
      else next ??= decoded.value;
    },
  });
  await following.caughtUp;
  return { until, next };
}
