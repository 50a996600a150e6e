/**
 * Keeps the workers at the table of round trips that the store holds: looks every few seconds whether it is another
 * one, checks it, and gives it on as shared memory. A table that nobody has written for long is taken away, whereupon
 * distance decides as if nothing had been measured. An outage changes nothing; the follower of records tells of it.
 */
import { StoreError, type RecordReader } from '@signpost/contracts/record-store';
import { decodeLatencies, rowCount } from '@signpost/contracts/stored-latencies';
import type { Clock } from '@signpost/lifecycle/clock';

export interface FollowLatenciesOptions {
  readonly reader: Pick<RecordReader, 'latencies'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Gives a table to all workers, in shared memory that never changes; undefined: there is none any more. */
  readonly publish: (octets: Uint8Array | undefined) => Promise<void>;
  /** The store holds what is no table of ours. */
  readonly onRefused: (reason: string) => void;
}

export const LOOK_EVERY_MS = 5_000;
/** As long as a controller remembers what it heard. */
export const OLD_AFTER_MS = 3_600_000;

export class LatencyFollower {
  readonly #options: FollowLatenciesOptions;
  /** The last one seen, also one that was refused. */
  #seen: Uint8Array | undefined;
  /** Monotonic, of the table that the workers have; undefined: they have none. */
  #writtenAtMs: number | undefined;
  #rows = 0;

  constructor(options: FollowLatenciesOptions) {
    this.#options = options;
  }

  /** Of the table in use. */
  get rows(): number {
    return this.#rows;
  }

  /** Undefined: there is none in use. */
  ageMs(): number | undefined {
    return this.#writtenAtMs === undefined ? undefined : this.#options.clock.monotonic() - this.#writtenAtMs;
  }

  /** Resolves when the signal aborts; rejects when a worker has ended, or by a mistake of ours. */
  async run(): Promise<void> {
    const { clock, signal } = this.#options;
    while (!signal.aborted) {
      await this.#look();
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { reader, signal } = this.#options;
    let read: Uint8Array | 'known' | undefined;
    try {
      read = await reader.latencies(this.#seen);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      read = 'known';
    }
    if (signal.aborted) return;
    if (read instanceof Uint8Array) await this.#take(read);
    const ageMs = this.ageMs();
    if (ageMs !== undefined && ageMs > OLD_AFTER_MS) await this.#drop();
  }

  async #take(octets: Uint8Array): Promise<void> {
    const { clock, publish, onRefused } = this.#options;
    const isFirst = this.#seen === undefined;
    this.#seen = octets;
    const shared = sharedCopy(octets);
    const decoded = decodeLatencies(shared);
    if (!decoded.ok) return onRefused(decoded.reason);
    // Of one that changes while we look the age is known by our own clock, of the first only by two hosts' clocks.
    const ageMs = isFirst ? Math.max(0, clock.now() - decoded.value.atMs) : 0;
    if (ageMs > OLD_AFTER_MS) return;
    await publish(shared);
    this.#writtenAtMs = clock.monotonic() - ageMs;
    this.#rows = rowCount(decoded.value);
  }

  async #drop(): Promise<void> {
    await this.#options.publish(undefined);
    this.#writtenAtMs = undefined;
    this.#rows = 0;
  }
}

function sharedCopy(octets: Uint8Array): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(octets.length));
  copy.set(octets);
  return copy;
}
