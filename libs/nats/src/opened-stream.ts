/**
 * A stream of the server as one client opened it: found, created as declared, kept as declared. A bucket is a
 * stream too. Without `create` nothing but `$JS.API.STREAM.INFO.<name>` is asked, so that probers and
 * authorities need no right to create. It must not read or write messages.
 */
import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  StorageType,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import type { OpenOptions } from '@signpost/contracts/messaging';
import type { BucketDeclaration, StreamDeclaration } from '@signpost/contracts/subjects';

import { pause } from './backoff.ts';
import type { Connection } from './connection.ts';
import { toMessagingError } from './to-messaging-error.ts';

export interface JetStream {
  readonly connection: Connection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  readonly replicas: number;
}

/** What a declaration says of the server's configuration; the rest is left as somebody set it. */
export type DeclaredConfig = Pick<StreamConfig, 'name' | 'subjects' | 'max_msgs_per_subject' | 'max_age'> &
  Partial<StreamConfig>;

export class OpenedStream {
  readonly name: string;
  readonly jetStream: JetStream;
  readonly creates: boolean;
  readonly #config: DeclaredConfig;
  #createdAt = '';
  #mending = false;

  private constructor(jetStream: JetStream, config: DeclaredConfig, creates: boolean) {
    this.jetStream = jetStream;
    this.name = config.name;
    this.#config = config;
    this.creates = creates;
  }

  /** Waits as the port says; rejects at once when the server refuses the declaration itself. */
  static async open(
    jetStream: JetStream,
    config: DeclaredConfig,
    { create, signal }: OpenOptions,
  ): Promise<OpenedStream> {
    const opened = new OpenedStream(jetStream, config, create);
    for (let failures = 0; ; failures += 1) {
      signal.throwIfAborted();
      try {
        if (jetStream.connection.connected()) {
          await opened.ensure();
          return opened;
        }
      } catch (error) {
        const missing = isStreamMissing(error);
        const mayBeRace = isTaken(error) && failures < RACE_ATTEMPTS;
        if (error instanceof JetStreamApiError && !missing && !mayBeRace)
          throw toMessagingError(`open ${opened.name}`, error);
        if (!missing && !mayBeRace)
          jetStream.connection.onError(toMessagingError(`open ${opened.name}`, error));
      }
      await pause(Math.min(failures, 3), signal);
    }
  }

  /** When the server made it, as the server writes it: another one means another stream of this name. */
  get createdAt(): string {
    return this.#createdAt;
  }

  get createdAtMs(): number {
    return Date.parse(this.#createdAt);
  }

  /** The stream as it is. Throws what the client throws. */
  async info(): Promise<StreamInfo> {
    this.jetStream.connection.check(this.name);
    return this.#seen(await this.jetStream.manager.streams.info(this.name));
  }

  /** As `info`; makes the stream, or brings it to its declaration, when it was opened with `create`. */
  async ensure(): Promise<StreamInfo> {
    try {
      const info = await this.info();
      if (!this.creates || !differs(info.config, this.#config)) return info;
    } catch (error) {
      if (!this.creates || !isStreamMissing(error)) throw error;
      const fresh = { ...this.#config, num_replicas: this.jetStream.replicas };
      return this.#seen(await this.jetStream.manager.streams.add(fresh));
    }
    return this.#seen(await this.jetStream.manager.streams.update(this.name, this.#config));
  }

  /** Some request failed: makes the stream anew if that is why and if that is ours to do. */
  mend(error: unknown): void {
    const missing = isStreamMissing(error) || (error as Error).name === 'JetStreamNotEnabled';
    if (!this.creates || this.#mending || !missing) return;
    this.#mending = true;
    this.ensure()
      .catch((failure: unknown) => this.jetStream.connection.onError(toMessagingError(this.name, failure)))
      .finally(() => {
        this.#mending = false;
      });
  }

  #seen(info: StreamInfo): StreamInfo {
    this.#createdAt = info.created;
    return info;
  }
}

/** Name or subjects are in use: by somebody who makes the same stream in this moment, or by a foreign one for good. */
function isTaken(error: unknown): boolean {
  return error instanceof JetStreamApiError && TAKEN_CODES.includes(error.code);
}

const TAKEN_CODES: readonly number[] = [10_058, 10_065];
const RACE_ATTEMPTS = 4;

export function isStreamMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
}

export function streamConfig(declaration: StreamDeclaration): DeclaredConfig {
  const { name, subjects, maxMessagesPerSubject = -1, maxAgeMs = 0, duplicateWindowMs } = declaration;
  return {
    name,
    subjects: [...subjects],
    storage: StorageType.File,
    discard: DiscardPolicy.Old,
    max_msgs_per_subject: maxMessagesPerSubject,
    max_age: nanos(maxAgeMs),
    duplicate_window: duplicateWindow(duplicateWindowMs, maxAgeMs),
  };
}

/** As other NATS clients make their buckets, so that `nats kv` can read ours. */
export function bucketConfig({ name, history, ttlMs = 0 }: BucketDeclaration): DeclaredConfig {
  return {
    name: `KV_${name}`,
    subjects: [`$KV.${name}.>`],
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_msgs_per_subject: history,
    max_age: nanos(ttlMs),
    duplicate_window: duplicateWindow(120_000, ttlMs),
    allow_rollup_hdrs: true,
    deny_delete: true,
    allow_direct: true,
  };
}

/** The server refuses a window longer than the age. */
function duplicateWindow(windowMs: number, maxAgeMs: number): number {
  return nanos(maxAgeMs > 0 ? Math.min(windowMs, maxAgeMs) : windowMs);
}

function differs(actual: StreamConfig, declared: DeclaredConfig): boolean {
  const { max_msgs_per_subject, max_age, duplicate_window, subjects } = declared;
  return (
    actual.max_msgs_per_subject !== max_msgs_per_subject ||
    actual.max_age !== max_age ||
    actual.duplicate_window !== duplicate_window ||
    actual.subjects.toSorted().join(' ') !== subjects.toSorted().join(' ')
  );
}
