/**
 * A log of subjects with NATS' limits: messages per subject, age, and a window in which a message id is stored
 * once. Streams are one, and so are buckets (key = subject, revision = sequence), as on the real server.
 * It holds values only: it must not deliver anything, nor know who is connected.
 *
 *   bySequence   1 ──> message   4 ──> message   5 ──> message      (insertion order = order of age)
 *   bySubject    a ──> [1, 5]    b ──> [4]
 */
import type { Appended, Headers, StoredMessage } from '@signpost/contracts/messaging';

import { matchesSubject } from './subject-pattern.ts';

export interface LogLimits {
  readonly maxMessagesPerSubject?: number;
  readonly maxAgeMs?: number;
  readonly duplicateWindowMs: number;
}

/** A log without a limit per subject keeps this many messages: they live in the memory of a service. */
export const MESSAGES_KEPT_IN_MEMORY = 20_000;

export class StreamLog {
  readonly createdAtMs: number;
  lastSequence = 0;
  #limits: LogLimits;
  readonly #now: () => number;
  readonly #bySequence = new Map<number, StoredMessage>();
  readonly #bySubject = new Map<string, number[]>();
  readonly #ids = new Map<string, { sequence: number; atMs: number }>();

  constructor(limits: LogLimits, now: () => number, createdAtMs: number) {
    this.#limits = limits;
    this.#now = now;
    this.createdAtMs = createdAtMs;
  }

  setLimits(limits: LogLimits): void {
    this.#limits = limits;
    for (const subject of this.#bySubject.keys()) this.#trim(subject);
  }

  append(subject: string, data: Uint8Array, headers: Headers, id?: string): Appended {
    this.#expire();
    const known = id === undefined ? undefined : this.#ids.get(id);
    if (known !== undefined) return { sequence: known.sequence, duplicate: true };
    this.lastSequence += 1;
    const sequence = this.lastSequence;
    const storedAtMs = this.#now();
    if (id !== undefined) this.#ids.set(id, { sequence, atMs: storedAtMs });
    this.#bySequence.set(sequence, {
      subject,
      data: data.slice(),
      headers: { ...headers },
      sequence,
      storedAtMs,
    });
    const sequences = this.#bySubject.get(subject);
    if (sequences === undefined) this.#bySubject.set(subject, [sequence]);
    else sequences.push(sequence);
    this.#trim(subject);
    return { sequence, duplicate: false };
  }

  last(subject: string): StoredMessage | undefined {
    this.#expire();
    const sequence = this.#bySubject.get(subject)?.at(-1);
    return sequence === undefined ? undefined : this.#bySequence.get(sequence);
  }

  at(sequence: number): StoredMessage | undefined {
    this.#expire();
    return this.#bySequence.get(sequence);
  }

  /** The last message of every subject that matches, oldest first. */
  lastPerSubject(pattern: string): StoredMessage[] {
    this.#expire();
    const found: StoredMessage[] = [];
    for (const [subject, sequences] of this.#bySubject) {
      if (matchesSubject(pattern, subject)) found.push(this.#bySequence.get(sequences.at(-1)!)!);
    }
    return found.toSorted((a, b) => a.sequence - b.sequence);
  }

  /** Every message that matches, oldest first. */
  all(pattern: string): StoredMessage[] {
    this.#expire();
    return [...this.#bySequence.values()].filter(({ subject }) => matchesSubject(pattern, subject));
  }

  /** The first message behind `sequence` that matches. */
  next(sequence: number, pattern: string): StoredMessage | undefined {
    this.#expire();
    for (let at = sequence + 1; at <= this.lastSequence; at += 1) {
      const message = this.#bySequence.get(at);
      if (message !== undefined && matchesSubject(pattern, message.subject)) return message;
    }
    return undefined;
  }

  purge(subject: string): void {
    for (const sequence of this.#bySubject.get(subject) ?? []) this.#bySequence.delete(sequence);
    this.#bySubject.delete(subject);
  }

  #trim(subject: string): void {
    const sequences = this.#bySubject.get(subject)!;
    const { maxMessagesPerSubject } = this.#limits;
    if (maxMessagesPerSubject !== undefined) {
      while (sequences.length > maxMessagesPerSubject) this.#bySequence.delete(sequences.shift()!);
    } else if (this.#bySequence.size > MESSAGES_KEPT_IN_MEMORY) {
      const [oldest] = this.#bySequence.values();
      this.#remove(oldest!);
    }
  }

  #expire(): void {
    const nowMs = this.#now();
    const { maxAgeMs, duplicateWindowMs } = this.#limits;
    if (maxAgeMs !== undefined) {
      for (const message of this.#bySequence.values()) {
        if (message.storedAtMs + maxAgeMs > nowMs) break;
        this.#remove(message);
      }
    }
    for (const [id, { atMs }] of this.#ids) {
      if (atMs + duplicateWindowMs > nowMs) break;
      this.#ids.delete(id);
    }
  }

  /** Removes the oldest message of its subject. */
  #remove(message: StoredMessage): void {
    this.#bySequence.delete(message.sequence);
    const sequences = this.#bySubject.get(message.subject)!;
    sequences.shift();
    if (sequences.length === 0) this.#bySubject.delete(message.subject);
  }
}
