/**
 * A connection to Redis that is kept without end. Every question has a time limit of its own, none is sent twice
 * (a publication must not be), none waits while disconnected; whoever asked decides whether to ask again.
 * It must not know a key.
 */
import { backoffMs } from '@signpost/lifecycle/backoff';
import { StoreError } from '@signpost/contracts/record-store';
import { Redis, type RedisOptions } from 'ioredis';

export interface RedisConnectionOptions {
  /** `redis://host:6379/0`, or `rediss://` for TLS. User and password may stand in it. */
  readonly url: string;
  /** Wins over the one in the address, as does the password. */
  readonly username?: string;
  readonly password?: string;
  readonly tls?: NonNullable<RedisOptions['tls']>;
  /** How CLIENT LIST calls this connection. */
  readonly name: string;
  /** Told of each failure of the connection. Default: nobody is. */
  readonly onError?: (error: unknown) => void;
}

export const QUESTION_TIMEOUT_MS = 2_000;
const DIAL_TIMEOUT_MS = 3_000;
const RECONNECT = { firstMs: 50, mostMs: 1_000, certain: 0.5 };

export class RedisConnection implements AsyncDisposable {
  readonly #redis: Redis;
  readonly #onError: (error: unknown) => void;
  /**
   * Of the questions under way: what ends each early. Not one promise that all race with, since that would keep
   * every answer ever given.
   */
  readonly #giveUps = new Set<(error: Error) => void>();
  readonly #firstAttempt = Promise.withResolvers<void>();
  #isDisposed = false;
  /** The last question was not answered: a server that hangs looks connected. */
  #silent = false;
  /** Why there is no connection, as the server or the network said last. */
  #whyNot: string | undefined;
  #handshake: NodeJS.Timeout | undefined;

  constructor(options: RedisConnectionOptions) {
    this.#onError = options.onError ?? (() => {});
    this.#redis = new Redis(withoutCredentials(options), redisOptions(options));
    this.#redis.on('error', (error) => {
      this.#whyNot = reasonOf(error);
      this.#onError(error);
    });
    this.#redis.on('ready', () => {
      this.#whyNot = undefined;
      this.#firstAttempt.resolve();
    });
    this.#redis.on('close', () => this.#firstAttempt.resolve());
    this.#limitHandshake();
  }

  connected(): boolean {
    return this.#redis.status === 'ready' && !this.#silent && !this.#isDisposed;
  }

  /** `doing` is for the message of the `StoreError` that this rejects with when no answer comes in time. */
  async ask<Answer>(
    doing: string,
    question: (redis: Redis) => Promise<Answer>,
    timeoutMs = QUESTION_TIMEOUT_MS,
  ): Promise<Answer> {
    const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>();
    givenUp.catch(() => {}); // it may come between two waits
    const timer = setTimeout(() => giveUp(new Silence(timeoutMs)), timeoutMs);
    this.#giveUps.add(giveUp);
    try {
      if (this.#isDisposed) throw disposed();
      await Promise.race([this.#firstAttempt.promise, givenUp]);
      if (this.#redis.status !== 'ready') throw new StoreError(`${doing}: ${this.#notConnected()}`);
      const asked = question(this.#redis);
      asked.catch(() => {}); // it may fail after we gave up on it
      const answer = await Promise.race([asked, givenUp]);
      this.#silent = false;
      return answer;
    } catch (error) {
      if (error instanceof Silence && !this.#isDisposed) this.#dropConnection();
      if (error instanceof StoreError) throw error;
      throw new StoreError(`${doing}: ${reasonOf(error as Error)}`, { cause: error });
    } finally {
      clearTimeout(timer);
      this.#giveUps.delete(giveUp);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    for (const giveUp of this.#giveUps) giveUp(disposed());
    clearTimeout(this.#handshake);
    this.#redis.disconnect();
    this.#destroyStream();
  }

  #notConnected(): string {
    return this.#whyNot === undefined ? 'not connected' : `not connected: ${this.#whyNot}`;
  }

  /** The network may have died without a word, and then only a new connection helps. */
  #dropConnection(): void {
    this.#silent = true;
    if (this.#redis.status === 'ready') this.#destroyStream();
  }

  /** The client itself would wait for ever for a server that accepts and then says nothing. */
  #limitHandshake(): void {
    this.#redis.on('connect', () => {
      clearTimeout(this.#handshake);
      this.#handshake = setTimeout(() => this.#destroyStream(), DIAL_TIMEOUT_MS);
    });
    for (const event of ['ready', 'close']) this.#redis.on(event, () => clearTimeout(this.#handshake));
  }

  #destroyStream(): void {
    (this.#redis as unknown as { stream?: { destroy(): void } }).stream?.destroy();
  }
}

function disposed(): StoreError {
  return new StoreError('the connection is disposed');
}

/** For people: the client speaks of its own options when a connection ends, and of nothing where a name has several addresses. */
function reasonOf(error: Error): string {
  if (error.name === 'MaxRetriesPerRequestError' || error.message.startsWith("Stream isn't writeable")) {
    return 'the connection broke';
  }
  if (!(error instanceof AggregateError) || error.errors.length === 0) return error.message;
  return error.errors.map((each: Error) => each.message).join(', ');
}

class Silence extends Error {
  constructor(timeoutMs: number) {
    super(`no answer within ${timeoutMs} ms`);
  }
}

function redisOptions({ url, username, password, tls, name }: RedisConnectionOptions) {
  const secure = tls ?? (url.startsWith('rediss:') ? {} : undefined);
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(secure === undefined ? {} : { tls: secure }),
    connectionName: name,
    protocol: 2 as const,
    connectTimeout: DIAL_TIMEOUT_MS,
    enableOfflineQueue: false,
    // Nothing is sent again by itself: what was under way when the connection broke rejects at once.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // INFO and CLIENT SETINFO would be more rights than a reader needs.
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: (attempt: number) => backoffMs(attempt, Math.random(), RECONNECT),
  };
}

/** The client would prefer what stands in the address to what it is given apart. */
function withoutCredentials({ url, username, password }: RedisConnectionOptions): string {
  const parsed = new URL(url);
  if (username !== undefined) parsed.username = '';
  if (password !== undefined) parsed.password = '';
  return parsed.href;
}
