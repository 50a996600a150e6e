/**
 * The messaging port over NATS with JetStream; server 2.9 suffices. What this client created is created again
 * when the server comes back without it. It must not name a subject: libs/contracts does.
 */
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { Bucket, CoreMessaging, Messaging, OpenOptions, Stream } from '@signpost/contracts/messaging';
import type { BucketDeclaration, StreamDeclaration } from '@signpost/contracts/subjects';

import { pause } from './backoff.ts';
import { NatsBucket } from './bucket.ts';
import { openConnection, type Connection, type NatsOptions } from './connection.ts';
import { natsCore } from './core.ts';
import { bucketConfig, type JetStream, OpenedStream, streamConfig } from './opened-stream.ts';
import { natsStream } from './stream.ts';
import { toMessagingError } from './to-messaging-error.ts';

const REQUEST_TIMEOUT_MS = 2_000;

/** Resolves once the server was reached, however long that takes; rejects only with the signal's reason. */
export async function connectMessaging(options: NatsOptions): Promise<Messaging> {
  const connection = await openConnection(options);
  // Without the check, which would ask `$JS.API.INFO`: a right that few need.
  const jsOptions = { timeout: REQUEST_TIMEOUT_MS, checkAPI: false };
  return new NatsMessaging({
    connection,
    client: jetstream(connection.nats, jsOptions),
    manager: await jetstreamManager(connection.nats, jsOptions),
    replicas: options.replicas ?? 1,
  });
}

class NatsMessaging implements Messaging {
  readonly core: CoreMessaging;
  readonly #connection: Connection;
  readonly #jetStream: JetStream;
  readonly #created = new Map<string, OpenedStream>();

  constructor(jetStream: JetStream) {
    this.#jetStream = jetStream;
    this.#connection = jetStream.connection;
    this.core = natsCore(jetStream.connection);
    this.#connection.onConnected((connected) => {
      if (connected) for (const stream of this.#created.values()) void this.#createAgain(stream);
    });
  }

  connected(): boolean {
    return this.#connection.connected();
  }

  onConnected(listener: (connected: boolean) => void): Disposable {
    return this.#connection.onConnected(listener);
  }

  async stream(declaration: StreamDeclaration, options: OpenOptions): Promise<Stream> {
    return natsStream(await this.#open(streamConfig(declaration), options));
  }

  async bucket(declaration: BucketDeclaration, options: OpenOptions): Promise<Bucket> {
    return new NatsBucket(await this.#open(bucketConfig(declaration), options), declaration.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  async #open(config: ReturnType<typeof streamConfig>, options: OpenOptions): Promise<OpenedStream> {
    const signal = AbortSignal.any([options.signal, this.#connection.closed]);
    const opened = await OpenedStream.open(this.#jetStream, config, { ...options, signal });
    if (options.create) this.#created.set(opened.name, opened);
    return opened;
  }

  async #createAgain(stream: OpenedStream): Promise<void> {
    for (let failures = 0; this.connected(); failures += 1) {
      try {
        await stream.ensure();
        return;
      } catch (error) {
        this.#connection.onError(toMessagingError(`create ${stream.name} again`, error));
        await pause(failures, this.#connection.closed).catch(() => {});
      }
    }
  }
}
