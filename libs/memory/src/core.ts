/**
 * Core messages within one process: at most once, no memory. A client that is cut off neither sends nor hears.
 * Delivery is always a later microtask, in order per subscriber.
 */
import { MessagingError, type CoreMessaging } from '@signpost/contracts/messaging';

import type { Hub, Subscriber } from './hub.ts';

export function memoryCore(
  hub: Hub,
  reachable: () => boolean,
  onError: (error: unknown) => void,
): CoreMessaging & { dispose(): void } {
  const own = new Set<Subscriber>();
  const listen = (pattern: string, deliver: Subscriber['deliver']): Disposable => {
    const subscriber: Subscriber = {
      pattern,
      deliver: (message, reply) => {
        if (!reachable()) return;
        queueMicrotask(() => {
          if (own.has(subscriber)) guarded(() => deliver(message, reply), onError);
        });
      },
    };
    own.add(subscriber);
    hub.subscribers.add(subscriber);
    return {
      [Symbol.dispose]: () => {
        own.delete(subscriber);
        hub.subscribers.delete(subscriber);
      },
    };
  };
  return {
    publish: (subject, data, headers = {}) => {
      if (reachable()) hub.publish(subject, data, headers);
    },
    subscribe: (pattern, listener) => listen(pattern, (message) => listener(message)),
    request: async (subject, data, timeoutMs) => {
      if (!reachable()) throw new MessagingError(`request ${subject}: not connected`);
      return await request(hub, subject, data, timeoutMs);
    },
    respond: (subject, answer) => listen(subject, (message, reply) => reply?.(answer(message).slice())),
    dispose: () => {
      for (const subscriber of own) hub.subscribers.delete(subscriber);
      own.clear();
    },
  };
}

function guarded(call: () => void, onError: (error: unknown) => void): void {
  try {
    call();
  } catch (error) {
    onError(error);
  }
}

function request(hub: Hub, subject: string, data: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new MessagingError(`request ${subject}: no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const answered = (answer: Uint8Array) => {
      clearTimeout(timer);
      resolve(answer);
    };
    if (hub.publish(subject, data, {}, answered) > 0) return;
    clearTimeout(timer);
    reject(new MessagingError(`request ${subject}: nobody listens`));
  });
}
