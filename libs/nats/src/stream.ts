/** The stream port over JetStream. It must not open, create or follow by itself: the files it calls do. */
import type { Stream } from '@signpost/contracts/messaging';

import { followStream } from './follow.ts';
import { decodeHeaders, encodeHeaders } from './headers.ts';
import type { OpenedStream } from './opened-stream.ts';
import { toMessagingError } from './to-messaging-error.ts';

export function natsStream(opened: OpenedStream): Stream {
  const { connection, client, manager } = opened.jetStream;
  const asking = async <Answer>(doing: string, size: number, ask: () => Promise<Answer>): Promise<Answer> => {
    try {
      connection.check(doing, size);
      return await ask();
    } catch (error) {
      opened.mend(error);
      throw toMessagingError(doing, error);
    }
  };
  return {
    append: (subject, data, { id, headers = {} }) =>
      asking(`append ${subject}`, data.length, async () => {
        const options = { msgID: id, headers: encodeHeaders(headers), expect: { streamName: opened.name } };
        const { seq, duplicate } = await client.publish(subject, data, options);
        return { sequence: seq, duplicate };
      }),
    last: (subject) =>
      asking(`last ${subject}`, 0, async () => {
        const message = await manager.streams.getMessage(opened.name, { last_by_subj: subject });
        if (message === null) return undefined;
        return {
          subject: message.subject,
          data: message.data,
          headers: decodeHeaders(message.header),
          sequence: message.seq,
          storedAtMs: message.time.getTime(),
        };
      }),
    follow: ({ pattern, from, listener }) =>
      followStream(opened, { pattern, from, listener: (message) => listener(message) }),
    purge: (subject) =>
      asking(`purge ${subject}`, 0, async () => {
        await manager.streams.purge(opened.name, { filter: subject });
      }),
  };
}
