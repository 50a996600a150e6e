/**
 * The bucket port over JetStream, in the form of every NATS key-value bucket: a key is a subject, a revision a
 * sequence, a deletion a message with a header. Built on the stream itself, because the ready-made client stops
 * telling changes when a bucket was made anew. It must not open or create: opened-stream.ts does.
 */
import { JetStreamApiError, type StoredMsg } from '@nats-io/jetstream';
import { headers as newHeaders, type MsgHdrs } from '@nats-io/transport-node';
import {
  BUCKET_KEY_PATTERN,
  MessagingError,
  type Bucket,
  type Entry,
  type Headers,
  type WatchOptions,
  type WriteOutcome,
} from '@signpost/contracts/messaging';

import { followStream } from './follow.ts';
import { decodeHeaders } from './headers.ts';
import type { OpenedStream } from './opened-stream.ts';
import { toMessagingError } from './to-messaging-error.ts';

const OPERATION = 'KV-Operation';
const KEYS_TIMEOUT_MS = 5_000;
/** The server's "wrong last sequence", old and new. */
const CONFLICT_CODES = [10_071, 10_164];
const CONFLICT = { kind: 'conflict' } as const;

export class NatsBucket implements Bucket {
  readonly #opened: OpenedStream;
  readonly #prefix: string;

  constructor(opened: OpenedStream, name: string) {
    this.#opened = opened;
    this.#prefix = `$KV.${name}.`;
  }

  get createdAtMs(): number {
    return this.#opened.createdAtMs;
  }

  async get(key: string, revision?: number): Promise<Entry | undefined> {
    const message = await this.#message(key, revision);
    if (
      message === undefined ||
      message.subject !== this.#prefix + key ||
      isDeletion(decodeHeaders(message.header))
    ) {
      return undefined;
    }
    return { key, value: message.data, revision: message.seq };
  }

  async create(key: string, value: Uint8Array): Promise<WriteOutcome> {
    let outcome = await this.#write(key, value, 0);
    if (outcome.kind === 'conflict') {
      const last = await this.#message(key);
      if (last !== undefined && !isDeletion(decodeHeaders(last.header))) return CONFLICT;
      outcome = await this.#write(key, value, last?.seq ?? 0);
    }
    // The bucket may have been made anew since we looked, and this revision may become part of a fencing token.
    if (outcome.kind === 'written') await this.#asking(`create ${key}`, 0, () => this.#opened.info());
    return outcome;
  }

  update(key: string, value: Uint8Array, revision: number): Promise<WriteOutcome> {
    return this.#write(key, value, revision);
  }

  put(key: string, value: Uint8Array): Promise<number> {
    return this.#publish(`put ${key}`, key, value, {});
  }

  async delete(key: string): Promise<void> {
    const headers = newHeaders();
    headers.set(OPERATION, 'DEL');
    await this.#publish(`delete ${key}`, key, new Uint8Array(), { headers });
  }

  async keys(): Promise<readonly string[]> {
    const keys: string[] = [];
    const following = await this.watch({ listener: ({ key }) => keys.push(key) });
    const timer = setTimeout(() => void following[Symbol.asyncDispose](), KEYS_TIMEOUT_MS);
    try {
      await following.caughtUp;
      return [...new Set(keys)];
    } finally {
      clearTimeout(timer);
      await following[Symbol.asyncDispose]();
    }
  }

  watch({ pattern = '>', listener }: WatchOptions) {
    /** Keys the listener has: only their deletion is news while the present is read, first or once more. */
    const told = new Set<string>();
    return followStream(this.#opened, {
      pattern: this.#prefix + pattern,
      from: 'last-per-subject',
      listener: ({ subject, data, headers, sequence }, replayed) => {
        const deleted = isDeletion(headers);
        const key = subject.slice(this.#prefix.length);
        if (deleted && replayed && !told.has(key)) return;
        if (deleted) told.delete(key);
        else told.add(key);
        listener({ key, value: deleted ? undefined : data, revision: sequence });
      },
    });
  }

  async #write(key: string, value: Uint8Array, revision: number): Promise<WriteOutcome> {
    try {
      const written = await this.#publish(`write ${key}`, key, value, { lastSubjectSequence: revision });
      return { kind: 'written', revision: written };
    } catch (error) {
      const cause = (error as MessagingError).cause;
      if (cause instanceof JetStreamApiError && CONFLICT_CODES.includes(cause.code)) return CONFLICT;
      throw error;
    }
  }

  #publish(
    doing: string,
    key: string,
    value: Uint8Array,
    { headers, lastSubjectSequence }: { headers?: MsgHdrs; lastSubjectSequence?: number },
  ): Promise<number> {
    return this.#asking(doing, value.length, async () => {
      if (!BUCKET_KEY_PATTERN.test(key)) throw new MessagingError(`key ${JSON.stringify(key)}: not allowed`);
      const { seq } = await this.#opened.jetStream.client.publish(this.#prefix + key, value, {
        ...(headers === undefined ? {} : { headers }),
        expect: {
          streamName: this.#opened.name,
          ...(lastSubjectSequence === undefined ? {} : { lastSubjectSequence }),
        },
      });
      return seq;
    });
  }

  #message(key: string, revision?: number): Promise<StoredMsg | undefined> {
    const query = revision === undefined ? { last_by_subj: this.#prefix + key } : { seq: revision };
    return this.#asking(`get ${key}`, 0, async () => {
      const { streams } = this.#opened.jetStream.manager;
      return (await streams.getMessage(this.#opened.name, query)) ?? undefined;
    });
  }

  async #asking<Answer>(doing: string, size: number, ask: () => Promise<Answer>): Promise<Answer> {
    try {
      this.#opened.jetStream.connection.check(doing, size);
      return await ask();
    } catch (error) {
      this.#opened.mend(error);
      throw toMessagingError(`${this.#opened.name}: ${doing}`, error);
    }
  }
}

function isDeletion(headers: Headers): boolean {
  return headers[OPERATION] !== undefined;
}
