/**
 * What the stream of events takes, as it is appended, to any number of listeners. Replays nothing.
 * Events are passed on as they came: whoever listens trusts the stream as much as we do.
 */
import { eventType } from '@signpost/contracts/cloud-event';
import { decodeJson } from '@signpost/contracts/decode';
import type { Stream, StoredMessage } from '@signpost/contracts/messaging';
import { streams } from '@signpost/contracts/subjects';
import * as z from 'zod';

export interface FedEvent {
  readonly id: string;
  readonly type: string;
  /** The CloudEvent, one line of JSON. */
  readonly json: string;
}

export interface EventFeed {
  listen(listener: (event: FedEvent) => void): Disposable;
  /** Gives the events of a stream to the listeners until disposed. */
  follow(events: Stream): Promise<AsyncDisposable>;
}

export function createEventFeed(): EventFeed {
  const listeners = new Set<(event: FedEvent) => void>();
  const feed = (message: StoredMessage) => {
    const event = listeners.size === 0 ? undefined : readEvent(message);
    if (event !== undefined) for (const listener of listeners) listener(event);
  };
  return {
    listen(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async follow(events) {
      await using open = new AsyncDisposableStack();
      for (const pattern of streams.events.subjects) {
        open.use(await events.follow({ pattern, from: 'new', listener: (message) => feed(message) }));
      }
      return open.move();
    },
  };
}

const identitySchema = z.object({ id: z.string() });

function readEvent({ data }: StoredMessage): FedEvent | undefined {
  const type = eventType(data);
  const identity = decodeJson(identitySchema, data);
  if (type === undefined || !identity.ok) return undefined;
  // Encoded anew: a line break inside the JSON would end the field of a Server-Sent Event.
  return {
    id: identity.value.id,
    type,
    json: JSON.stringify(JSON.parse(Buffer.from(data).toString('utf8'))),
  };
}
