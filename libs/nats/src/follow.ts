/**
 * Follows a stream without end: a session after the other, each starting behind the last message delivered.
 * A stream that was made anew (its creation time differs) is read from its beginning, since its sequences mean
 * something else. It must not know whether a stream or a bucket is followed.
 */
import { MessagingError, type Following, type StoredMessage } from '@signpost/contracts/messaging';

import { pause } from './backoff.ts';
import { FollowSession, type SessionOptions } from './follow-session.ts';
import { isStreamMissing, type OpenedStream } from './opened-stream.ts';
import { toMessagingError } from './to-messaging-error.ts';

export interface FollowStreamOptions {
  readonly pattern: string;
  readonly from: 'all' | 'last-per-subject' | 'new';
  /** `replayed`: the message was there before this following was. */
  readonly listener: (message: StoredMessage, replayed: boolean) => void;
}

/** Rejects when the first session cannot be had; from then on it only ends by disposal. */
export async function followStream(stream: OpenedStream, options: FollowStreamOptions): Promise<Following> {
  const follow = new Follow(stream, options);
  try {
    await follow.start();
    follow.heal();
  } catch (error) {
    await follow[Symbol.asyncDispose]();
    throw toMessagingError(`follow ${options.pattern}`, error);
  }
  return follow;
}

class Follow implements Following {
  readonly caughtUp: Promise<void>;
  readonly #caughtUp = Promise.withResolvers<void>();
  readonly #stream: OpenedStream;
  readonly #options: FollowStreamOptions;
  readonly #disposed = new AbortController();
  readonly #connected: Disposable;
  #session: FollowSession | undefined;
  #restarting = false;
  /** Of the stream that `#position` belongs to. */
  #createdAt: string | undefined;
  /** Sequence of the last message delivered. */
  #position = 0;
  #isCaughtUp = false;
  readonly #end = () => void this[Symbol.asyncDispose]();

  constructor(stream: OpenedStream, options: FollowStreamOptions) {
    this.#stream = stream;
    this.#options = options;
    this.caughtUp = this.#caughtUp.promise;
    this.caughtUp.catch(() => {}); // whoever does not await it must not die of it
    this.#connected = stream.jetStream.connection.onConnected((connected) => {
      // A consumer may outlive a short outage and a message may have gone into the void meanwhile: begin anew.
      this.#session?.end();
      if (connected) void this.#restart();
    });
    stream.jetStream.connection.closed.addEventListener('abort', this.#end, { once: true });
  }

  /** One attempt; the session may have ended again when this resolves. */
  async start(): Promise<void> {
    const before = await this.#stream.info();
    this.#arriveAt(before.created, before.state.last_seq);
    const session = new FollowSession(this.#sessionOptions());
    this.#session = session;
    try {
      await session.create(before.state.last_seq);
      const { created } = await this.#stream.info();
      if (created !== before.created) throw new MessagingError(`${this.#stream.name}: made anew meanwhile`);
    } catch (error) {
      session.end();
      throw error;
    }
    if (this.#disposed.signal.aborted) session.end();
    else session.begin();
  }

  /** Begins anew unless a session stands. */
  heal(): void {
    if (this.#session?.ended !== false) void this.#restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    this.#stream.jetStream.connection.closed.removeEventListener('abort', this.#end);
    this.#connected[Symbol.dispose]();
    this.#session?.end();
    this.#caughtUp.reject(new MessagingError('the following ended before it had caught up'));
  }

  #arriveAt(createdAt: string, lastSequence: number): void {
    const isSame = this.#createdAt === createdAt;
    if (isSame && lastSequence >= this.#position) return;
    // The same and yet behind us: the server lost its last messages, in a crash between two syncs of its disk, and
    // gives their sequences out again.
    const skipsPresent = this.#options.from === 'new' && (isSame || this.#createdAt === undefined);
    this.#createdAt = createdAt;
    this.#position = skipsPresent ? lastSequence : 0;
    this.#isCaughtUp = this.#options.from === 'new';
    if (this.#isCaughtUp) this.#caughtUp.resolve();
  }

  #sessionOptions(): SessionOptions {
    const { pattern } = this.#options;
    return {
      stream: this.#stream,
      pattern,
      start:
        this.#isCaughtUp || this.#options.from === 'all'
          ? { kind: 'sequence', sequence: this.#position + 1 }
          : { kind: 'last-per-subject' },
      deliver: (message) => this.#deliver(message),
      onCaughtUp: () => {
        this.#isCaughtUp = true;
        this.#caughtUp.resolve();
      },
      onBroken: () => void this.#restart(),
    };
  }

  #deliver(message: StoredMessage): void {
    if (message.sequence <= this.#position || this.#disposed.signal.aborted) return;
    this.#position = message.sequence;
    this.#stream.jetStream.connection.guarded(() => this.#options.listener(message, !this.#isCaughtUp));
  }

  /** Tries until a session stands; while disconnected it leaves that to the next connection. */
  async #restart(): Promise<void> {
    if (this.#restarting) return;
    this.#restarting = true;
    const { connection } = this.#stream.jetStream;
    for (let failures = 0; connection.connected() && !this.#disposed.signal.aborted; failures += 1) {
      try {
        await this.#stream.ensure();
        await this.start();
        if (this.#session?.ended === false) break;
      } catch (error) {
        if (!isStreamMissing(error))
          connection.onError(toMessagingError(`follow ${this.#options.pattern}`, error));
        await pause(failures, this.#disposed.signal).catch(() => {});
      }
    }
    this.#restarting = false;
  }
}
