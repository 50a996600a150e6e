/** Core messages over NATS. Nothing is sent while disconnected: the client would keep it and send it stale. */
import type { Msg } from '@nats-io/transport-node';
import type { CoreMessaging, Message } from '@signpost/contracts/messaging';

import type { Connection } from './connection.ts';
import { decodeHeaders, encodeHeaders } from './headers.ts';
import { toMessagingError } from './to-messaging-error.ts';

export function natsCore(connection: Connection): CoreMessaging {
  const { nats } = connection;
  const listen = (pattern: string, hear: (message: Msg) => void): Disposable => {
    const subscription = nats.subscribe(pattern, {
      callback: (error, message) => {
        if (error) connection.onError(toMessagingError(`subscription to ${pattern}`, error));
        else connection.guarded(() => hear(message));
      },
    });
    return { [Symbol.dispose]: () => subscription.unsubscribe() };
  };
  return {
    publish: (subject, data, headers) => {
      if (!connection.connected()) return;
      connection.guarded(() => {
        connection.check(`publish ${subject}`, data.length);
        // A copy: the client sends later, and the caller may use its buffer again.
        nats.publish(subject, data.slice(), headers === undefined ? {} : { headers: encodeHeaders(headers) });
      });
    },
    subscribe: (pattern, listener) => listen(pattern, (message) => listener(decoded(message))),
    request: async (subject, data, timeoutMs) => {
      const doing = `request ${subject}`;
      connection.check(doing, data.length);
      try {
        const answer = await nats.request(subject, data, { timeout: timeoutMs });
        return answer.data;
      } catch (error) {
        throw toMessagingError(doing, error);
      }
    },
    respond: (subject, answer) =>
      listen(subject, (message) => {
        if (message.reply) message.respond(answer(decoded(message)));
      }),
  };
}

function decoded(message: Msg): Message {
  return { subject: message.subject, data: message.data, headers: decodeHeaders(message.headers) };
}
