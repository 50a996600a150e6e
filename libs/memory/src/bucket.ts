/**
 * The bucket port over a log in memory: a key is a subject, a revision a sequence, a deletion a message with a
 * header, as NATS does it. It must not reach the log but through `opened`, which knows of outages.
 */
import {
  BUCKET_KEY_PATTERN,
  MessagingError,
  type Bucket,
  type Entry,
  type StoredMessage,
  type WriteOutcome,
} from '@signpost/contracts/messaging';

import type { Hub } from './hub.ts';
import type { OpenedLog } from './opened-log.ts';

const DELETED = { 'KV-Operation': 'DEL' };
const CONFLICT = { kind: 'conflict' } as const;

export function memoryBucket(opened: OpenedLog, hub: Hub): Bucket {
  const write = (key: string, value: Uint8Array, headers = {}) => {
    checkKey(key);
    const { sequence } = opened.use().append(key, value, headers);
    hub.tellChanged();
    return sequence;
  };
  let createdAtMs = opened.use().createdAtMs;
  return {
    get createdAtMs() {
      createdAtMs = opened.current()?.createdAtMs ?? createdAtMs;
      return createdAtMs;
    },
    get: async (key, revision) => {
      const message = revision === undefined ? opened.use().last(key) : opened.use().at(revision);
      return message === undefined || message.subject !== key ? undefined : entryOf(message);
    },
    create: async (key, value) =>
      entryOf(opened.use().last(key)) === undefined ? written(write(key, value)) : CONFLICT,
    update: async (key, value, revision) =>
      (opened.use().last(key)?.sequence ?? 0) === revision ? written(write(key, value)) : CONFLICT,
    put: async (key, value) => write(key, value),
    delete: async (key) => void write(key, new Uint8Array(), DELETED),
    keys: async () =>
      opened
        .use()
        .lastPerSubject('>')
        .filter((message) => !isDeletion(message))
        .map(({ subject }) => subject),
    watch: async ({ pattern = '>', listener }) =>
      opened.follow({
        pattern,
        from: 'last-per-subject',
        listener: (message, replayed) => {
          const deleted = isDeletion(message);
          if (deleted && replayed) return;
          const value = deleted ? undefined : message.data;
          listener({ key: message.subject, value, revision: message.sequence });
        },
      }),
  };
}

function written(revision: number): WriteOutcome {
  return { kind: 'written', revision };
}

function checkKey(key: string): void {
  if (!BUCKET_KEY_PATTERN.test(key)) throw new MessagingError(`key ${JSON.stringify(key)}: not allowed`);
}

function isDeletion(message: StoredMessage): boolean {
  return message.headers['KV-Operation'] !== undefined;
}

function entryOf(message: StoredMessage | undefined): Entry | undefined {
  if (message === undefined || isDeletion(message)) return undefined;
  return { key: message.subject, value: message.data.slice(), revision: message.sequence };
}
