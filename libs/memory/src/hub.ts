/**
 * What the clients of one process share, in place of a NATS server: the logs of streams and buckets, and who
 * listens. It must not know of connections being up or down; each client sees to its own.
 */
import type { Headers, Message } from '@signpost/contracts/messaging';

import { StreamLog, type LogLimits } from './stream-log.ts';
import { matchesSubject } from './subject-pattern.ts';

export interface Subscriber {
  readonly pattern: string;
  /** `reply` is set when the sender waits for an answer. */
  readonly deliver: (message: Message, reply: ((data: Uint8Array) => void) | undefined) => void;
}

interface StoredLog {
  readonly log: StreamLog;
  readonly subjects: readonly string[];
}

export class Hub {
  readonly now: () => number;
  readonly subscribers = new Set<Subscriber>();
  /** Told whenever a log was made, grew or vanished. */
  readonly changed = new Set<() => void>();
  readonly #logs = new Map<string, StoredLog>();
  #lastCreatedAtMs = 0;

  constructor(now: () => number) {
    this.now = now;
  }

  log(name: string): StreamLog | undefined {
    return this.#logs.get(name)?.log;
  }

  /** Makes the log, or brings it to these limits. */
  ensureLog(name: string, subjects: readonly string[], limits: LogLimits): StreamLog {
    const existing = this.#logs.get(name)?.log;
    existing?.setLimits(limits);
    const log = existing ?? new StreamLog(limits, this.now, this.#newCreationTime());
    this.#logs.set(name, { log, subjects });
    if (existing === undefined) this.tellChanged();
    return log;
  }

  /** Publishes to all who listen and to every stream that keeps the subject; how many listened. */
  publish(subject: string, data: Uint8Array, headers: Headers, reply?: (data: Uint8Array) => void): number {
    const kept = [...this.#logs.values()].filter(({ subjects }) =>
      subjects.some((p) => matchesSubject(p, subject)),
    );
    for (const { log } of kept) log.append(subject, data, headers);
    if (kept.length > 0) this.tellChanged();
    return this.tellSubscribers(subject, data, headers, reply);
  }

  tellSubscribers(
    subject: string,
    data: Uint8Array,
    headers: Headers,
    reply?: (data: Uint8Array) => void,
  ): number {
    let count = 0;
    for (const subscriber of this.subscribers) {
      if (!matchesSubject(subscriber.pattern, subject)) continue;
      count += 1;
      subscriber.deliver({ subject, data: data.slice(), headers: { ...headers } }, reply);
    }
    return count;
  }

  tellChanged(): void {
    for (const listener of this.changed) listener();
  }

  /** Forgets everything stored, as a server does whose disk was emptied. */
  wipe(): void {
    this.#logs.clear();
    this.tellChanged();
  }

  /** Two creations never share a time, so that a fencing token of a wiped bucket is always newer. */
  #newCreationTime(): number {
    this.#lastCreatedAtMs = Math.max(this.#lastCreatedAtMs + 1, this.now());
    return this.#lastCreatedAtMs;
  }
}
