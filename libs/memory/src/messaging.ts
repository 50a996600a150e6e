/**
 * The messaging port within one process: several services share one server object, each with its own client.
 * For the embedded default and for tests; it must behave as the NATS adapter does, which one suite proves.
 *
 *   const server = createMemoryServer();
 *   const prober = server.connect(), controller = server.connect();
 */
import {
  MessagingError,
  type Bucket,
  type CoreMessaging,
  type Messaging,
  type OpenOptions,
  type Stream,
} from '@signpost/contracts/messaging';
import type { BucketDeclaration, StreamDeclaration } from '@signpost/contracts/subjects';

import { memoryBucket } from './bucket.ts';
import { memoryCore } from './core.ts';
import { Follower } from './follower.ts';
import { Hub } from './hub.ts';
import type { OpenedLog } from './opened-log.ts';
import type { LogLimits, StreamLog } from './stream-log.ts';
import { memoryStream } from './stream.ts';

export interface MemoryOptions {
  /** Wall clock of the server, for ages and expiry. Default: the real one. */
  readonly now?: () => number;
  /** Told what a listener threw. Default: nobody is. */
  readonly onError?: (error: unknown) => void;
}

/** Stands for a server that all services of a process share. */
export interface MemoryServer {
  /** A client of its own: its disposal ends only what it opened. */
  connect(): MemoryMessaging;
  /** Cuts off, or lets back in, all clients that exist and all to come. */
  setReachable(reachable: boolean): void;
  /** Loses everything stored. Clients that opened with `create` make their streams and buckets anew. */
  wipe(): void;
}

export interface MemoryMessaging extends Messaging {
  /** Cuts this client off from the server, or lets it back in. */
  setReachable(reachable: boolean): void;
}

export function createMemoryServer({ now = Date.now, onError = () => {} }: MemoryOptions = {}): MemoryServer {
  const hub = new Hub(now);
  const clients = new Set<MemoryMessaging>();
  let reachable = true;
  return {
    connect() {
      const client = new MemoryClient(hub, onError, () => clients.delete(client));
      clients.add(client);
      client.setReachable(reachable);
      return client;
    },
    setReachable(value) {
      reachable = value;
      for (const client of clients) client.setReachable(value);
    },
    wipe: () => hub.wipe(),
  };
}

/** One client with a server of its own. */
export function createMemoryMessaging(options: MemoryOptions = {}): MemoryMessaging {
  return createMemoryServer(options).connect();
}

class MemoryClient implements MemoryMessaging {
  readonly core: CoreMessaging;
  readonly #hub: Hub;
  readonly #onError: (error: unknown) => void;
  readonly #onDispose: () => void;
  readonly #listeners = new Set<(connected: boolean) => void>();
  readonly #followers = new Set<Follower>();
  readonly #core: ReturnType<typeof memoryCore>;
  /** Make anew what this client created, should it have vanished. */
  readonly #keepers = new Set<() => void>();
  readonly #wakeAll = () => {
    for (const keep of this.#keepers) keep();
    for (const follower of this.#followers) follower.wake();
  };
  #reachable = true;
  #disposed = false;

  constructor(hub: Hub, onError: (error: unknown) => void, onDispose: () => void) {
    this.#hub = hub;
    this.#onError = onError;
    this.#onDispose = onDispose;
    this.#core = memoryCore(hub, () => this.connected(), onError);
    this.core = this.#core;
    hub.changed.add(this.#wakeAll);
  }

  connected(): boolean {
    return this.#reachable && !this.#disposed;
  }

  onConnected(listener: (connected: boolean) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  setReachable(reachable: boolean): void {
    if (this.#disposed || this.#reachable === reachable) return;
    this.#reachable = reachable;
    if (reachable) this.#wakeAll();
    this.#tellConnected();
  }

  async stream(declaration: StreamDeclaration, options: OpenOptions): Promise<Stream> {
    const opened = await this.#open(declaration.name, declaration.subjects, declaration, options);
    return memoryStream(this.#hub, declaration.subjects, opened);
  }

  async bucket(declaration: BucketDeclaration, options: OpenOptions): Promise<Bucket> {
    const limits = {
      maxMessagesPerSubject: declaration.history,
      duplicateWindowMs: 0,
      ...(declaration.ttlMs === undefined ? {} : { maxAgeMs: declaration.ttlMs }),
    };
    const opened = await this.#open(`KV_${declaration.name}`, [], limits, options);
    return memoryBucket(opened, this.#hub);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    const wasConnected = this.connected();
    this.#disposed = true;
    this.#hub.changed.delete(this.#wakeAll);
    this.#core.dispose();
    for (const follower of this.#followers) await follower[Symbol.asyncDispose]();
    if (wasConnected) this.#tellConnected();
    this.#onDispose();
  }

  async #open(
    name: string,
    subjects: readonly string[],
    limits: LogLimits,
    { create, signal }: OpenOptions,
  ): Promise<OpenedLog> {
    signal.throwIfAborted();
    const find = () => {
      if (!this.connected()) return undefined;
      return this.#hub.log(name) ?? (create ? this.#hub.ensureLog(name, subjects, limits) : undefined);
    };
    if (create && this.connected()) this.#hub.ensureLog(name, subjects, limits);
    while (find() === undefined) await this.#nextChange(signal);
    if (create) this.#keepers.add(() => void find());
    return {
      use: () => {
        const log = find();
        if (log === undefined)
          throw new MessagingError(`${name}: ${this.connected() ? 'missing' : 'not connected'}`);
        return log;
      },
      current: find,
      follow: (options) => this.#follow(find, options, name),
    };
  }

  #follow(
    find: () => StreamLog | undefined,
    options: Parameters<OpenedLog['follow']>[0],
    name: string,
  ): Follower {
    const log = find();
    if (log === undefined) throw new MessagingError(`${name}: cannot be followed now`);
    const follower = new Follower(
      {
        ...options,
        currentLog: find,
        reachable: () => this.connected(),
        onError: this.#onError,
        onDispose: (ended) => this.#followers.delete(ended),
      },
      log,
    );
    this.#followers.add(follower);
    follower.wake();
    return follower;
  }

  /** Waits for a log to be made, or for this client to be let back in. */
  async #nextChange(signal: AbortSignal): Promise<void> {
    if (this.#disposed) throw new MessagingError('the client is disposed');
    const changed = Promise.withResolvers<void>();
    const connected = this.onConnected(() => changed.resolve());
    const abort = () => changed.reject(signal.reason as Error);
    this.#hub.changed.add(changed.resolve);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await changed.promise;
    } finally {
      connected[Symbol.dispose]();
      this.#hub.changed.delete(changed.resolve);
      signal.removeEventListener('abort', abort);
    }
  }

  #tellConnected(): void {
    const connected = this.connected();
    for (const listener of this.#listeners) {
      try {
        listener(connected);
      } catch (error) {
        this.#onError(error);
      }
    }
  }
}
