/** The stream port over a log in memory. It must not reach the log but through `opened`, which knows of outages. */
import { HEADER_MESSAGE_ID, MessagingError, type Stream } from '@signpost/contracts/messaging';

import type { Hub } from './hub.ts';
import type { OpenedLog } from './opened-log.ts';
import { matchesSubject } from './subject-pattern.ts';

export function memoryStream(hub: Hub, subjects: readonly string[], opened: OpenedLog): Stream {
  return {
    append: async (subject, data, { id, headers = {} }) => {
      const log = opened.use();
      if (!subjects.some((pattern) => matchesSubject(pattern, subject))) {
        throw new MessagingError(`append ${subject}: the stream does not keep this subject`);
      }
      const stored = { ...headers, [HEADER_MESSAGE_ID]: id };
      const appended = log.append(subject, data, stored, id);
      // As on a server: plain subscribers hear a message even when the stream has it already.
      hub.tellSubscribers(subject, data, stored);
      if (!appended.duplicate) hub.tellChanged();
      return appended;
    },
    last: async (subject) => {
      const message = opened.use().last(subject);
      return message === undefined ? undefined : { ...message, data: message.data.slice() };
    },
    follow: async ({ pattern, from, listener }) => opened.follow({ pattern, from, listener }),
    purge: async (subject) => opened.use().purge(subject),
  };
}
