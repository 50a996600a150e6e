/**
 * Follows a log: what is there first, then whatever comes, in order, one message at a time, never within the
 * call that appended it. It remembers where it stands, so an outage leaves no gap; a log that was made anew
 * is read from its beginning. It must not change the log.
 */
import { MessagingError, type Following, type StoredMessage } from '@signpost/contracts/messaging';

import type { StreamLog } from './stream-log.ts';

export interface FollowerOptions {
  /** The log as it is now: another one after the store was wiped, none while it is missing. */
  readonly currentLog: () => StreamLog | undefined;
  readonly reachable: () => boolean;
  readonly pattern: string;
  readonly from: 'all' | 'last-per-subject' | 'new';
  /** `replayed`: the message was there before this follower was. */
  readonly listener: (message: StoredMessage, replayed: boolean) => void;
  readonly onError: (error: unknown) => void;
  readonly onDispose: (follower: Follower) => void;
}

/** Delivered in one turn; then others, such as sockets, get theirs. */
const MESSAGES_PER_TURN = 64;

export class Follower implements Following {
  readonly caughtUp: Promise<void>;
  readonly #options: FollowerOptions;
  readonly #caughtUp = Promise.withResolvers<void>();
  #log: StreamLog;
  #replay: StoredMessage[];
  #position: number;
  #scheduled = false;
  #ended = false;

  constructor(options: FollowerOptions, log: StreamLog) {
    this.#options = options;
    this.#log = log;
    this.#replay = presentIn(log, options);
    this.#position = log.lastSequence;
    this.caughtUp = this.#caughtUp.promise;
    this.caughtUp.catch(() => {}); // whoever does not await it must not die of it
  }

  /** Something may have changed: looks soon. */
  wake(): void {
    if (this.#scheduled || this.#ended) return;
    this.#scheduled = true;
    queueMicrotask(() => this.#turn());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#caughtUp.reject(new MessagingError('the following ended before it had caught up'));
    this.#options.onDispose(this);
  }

  #turn(): void {
    for (let i = 0; i < MESSAGES_PER_TURN; i += 1) {
      if (!this.#step()) {
        this.#scheduled = false;
        return;
      }
    }
    setImmediate(() => this.#turn());
  }

  /** Delivers one message; false when there is none now. */
  #step(): boolean {
    if (this.#ended || !this.#options.reachable()) return false;
    this.#restartIfWiped();
    const replayed = this.#replay.shift();
    if (replayed === undefined) this.#caughtUp.resolve();
    const message = replayed ?? this.#log.next(this.#position, this.#options.pattern);
    if (message === undefined) return false;
    if (replayed === undefined) this.#position = message.sequence;
    try {
      this.#options.listener({ ...message, data: message.data.slice() }, replayed !== undefined);
    } catch (error) {
      this.#options.onError(error);
    }
    return true;
  }

  #restartIfWiped(): void {
    const log = this.#options.currentLog();
    if (log === undefined || log === this.#log) return;
    this.#log = log;
    this.#replay = [];
    this.#position = 0;
  }
}

function presentIn(log: StreamLog, { from, pattern }: FollowerOptions): StoredMessage[] {
  if (from === 'new') return [];
  return from === 'all' ? log.all(pattern) : log.lastPerSubject(pattern);
}
