/**
 * H11: keeps the sink at what the store holds. Reads everything once, then follows the change feed step by step; a
 * missing step causes a whole read. On any failure the last snapshot stays and the store is tried again, without
 * end. A store that is empty or older than what is served changes nothing: it was wiped, and will be refilled.
 *
 * Knows neither sockets nor threads; what becomes visible, and how, is the sink's business.
 */
import { NO_GENERATION, type Generation } from '@signpost/contracts/brands';
import type { FeedPosition, PositionedPublication, RecordReader } from '@signpost/contracts/record-store';
import { backoffMs } from '@signpost/lifecycle/backoff';
import type { Clock } from '@signpost/lifecycle/clock';

import type { Publication } from '@signpost/contracts/publication';
import { type FeedStart, feedStart, loadRecords, noteServed } from './load-records.ts';
import type { RecordSink } from './record-sink.ts';

export interface FollowOptions {
  readonly reader: RecordReader;
  readonly sink: RecordSink;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Uniform in [0, 1): spreads the attempts of many authorities. */
  readonly draw: () => number;
  /** Must not throw. */
  readonly onEvent: (event: FollowEvent) => void;
}

export type FollowEvent =
  | { readonly kind: 'loaded'; readonly generation: Generation; readonly kept: readonly string[] }
  | { readonly kind: 'applied'; readonly generation: Generation; readonly publications: number }
  /** The store holds nothing, or less than what is served. */
  | { readonly kind: 'went_back'; readonly stored: Generation; readonly served: Generation }
  /** `isFirst`: of this outage. */
  | { readonly kind: 'failed'; readonly error: unknown; readonly isFirst: boolean }
  | { readonly kind: 'recovered' };

/** How long to wait for a change before looking whether one was missed. */
const WAIT_MS = 1_000;
const BACKOFF = { firstMs: 100, mostMs: 2_000 };
/** Without the store, or without a new tick of its writer, for this long, answers may be out of date. */
export const STALE_AFTER_MS = 10_000;
/** A writer that lives and has published nothing for this long has nothing more to refill. */
export const SETTLED_AFTER_MS = 60_000;
const WRITER_LIVES_MS = 5_000;

export class RecordFollower {
  readonly #options: FollowOptions;
  #generation: Generation = NO_GENERATION;
  #position: FeedPosition | undefined;
  #served = new Set<string>();
  /** Zones that the store has not given back yet after it was wiped. */
  #kept: ReadonlySet<string> = new Set();
  /** The store was seen empty or older than what is served, and has not given back all zones since. */
  #wentBack = false;
  /** At the last look the store was ahead of its own feed. */
  #isAhead = false;
  #failing = false;
  #heardAtMs: number;
  #changedAtMs: number;
  #tickMs: number | undefined;
  #tickChangedAtMs: number;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#heardAtMs = this.#changedAtMs = this.#tickChangedAtMs = options.clock.monotonic();
  }

  /** What is served now; 0 before the first whole snapshot. */
  get generation(): Generation {
    return this.#generation;
  }

  get servedZones(): ReadonlySet<string> {
    return this.#served;
  }

  /** Milliseconds since the writer's tick last changed, by our own clock. */
  tickAgeMs(): number {
    return this.#options.clock.monotonic() - this.#tickChangedAtMs;
  }

  /** Milliseconds since the store last answered. */
  heardAgeMs(): number {
    return this.#options.clock.monotonic() - this.#heardAtMs;
  }

  /** The answers may be out of date: nobody was heard who would know better. */
  isStale(): boolean {
    return Math.max(this.heardAgeMs(), this.tickAgeMs()) > STALE_AFTER_MS;
  }

  /** Resolves when the signal aborts; never rejects on account of the store. */
  async run(): Promise<void> {
    const { clock, signal, draw, onEvent } = this.#options;
    for (let attempt = 0; !signal.aborted;) {
      try {
        await this.#untilStopped(this.#step());
        attempt = 0;
        if (this.#failing) onEvent({ kind: 'recovered' });
        this.#failing = false;
      } catch (error) {
        if (signal.aborted) return;
        this.#noteFailure(error);
        await clock.sleep(backoffMs(attempt, draw(), BACKOFF), signal).catch(() => undefined);
        attempt += 1;
      }
    }
  }

  async #step(): Promise<void> {
    if (this.#position === undefined) return this.#load();
    let changes: readonly PositionedPublication[];
    try {
      changes = await this.#options.reader.changesAfter(this.#position, WAIT_MS);
    } catch (error) {
      return this.#passOver(error);
    }
    await this.#readTick();
    if (changes.length > 0) await this.#follow(changes);
    else await this.#lookForMissedSteps();
  }

  /** What cannot be read in the feed of a store that answers would be there at each attempt: reading everything passes it. */
  async #passOver(error: unknown): Promise<void> {
    if (this.#options.signal.aborted || !this.#options.reader.connected()) throw error;
    this.#noteFailure(error);
    await this.#load();
  }

  #noteFailure(error: unknown): void {
    this.#options.onEvent({ kind: 'failed', error, isFirst: !this.#failing });
    this.#failing = true;
  }

  /** Ends early, with the signal's reason, when told to stop: the store may be silent, or have a million names to say. */
  async #untilStopped(step: Promise<void>): Promise<void> {
    const { signal } = this.#options;
    const stopped = Promise.withResolvers<never>();
    const onAbort = (): void => stopped.reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await Promise.race([step, stopped.promise]);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  async #readTick(): Promise<void> {
    const tickMs = await this.#options.reader.lastTickMs();
    this.#heardAtMs = this.#options.clock.monotonic();
    if (tickMs === this.#tickMs) return;
    this.#tickMs = tickMs;
    this.#tickChangedAtMs = this.#heardAtMs;
  }

  /** Gives on what follows from the generation served; the first that does not causes a whole read. */
  async #follow(changes: readonly PositionedPublication[]): Promise<void> {
    const { fitting, generation, position, gap } = fittingChanges(changes, this.#generation);
    this.#isAhead = false;
    if (fitting.length > 0) await this.#apply(fitting, generation);
    if (position !== undefined) this.#position = position;
    if (gap !== undefined && gap.base < generation) this.#wentBack = true;
    // A zone that comes back after a refill may lack names that we still keep.
    const isGivenBack = fitting.some(({ zones }) => Object.keys(zones).some((apex) => this.#kept.has(apex)));
    if (gap !== undefined || isGivenBack) await this.#load();
  }

  async #apply(publications: readonly Publication[], generation: Generation): Promise<void> {
    await this.#options.sink.apply(publications);
    for (const { zones } of publications) noteServed(this.#served, zones);
    this.#generation = generation;
    this.#changedAtMs = this.#options.clock.monotonic();
    this.#options.onEvent({ kind: 'applied', generation, publications: publications.length });
  }

  /** The feed is quiet: is that because nothing happened? */
  async #lookForMissedSteps(): Promise<void> {
    const stored = await this.#options.reader.generation();
    if (stored < this.#generation) return this.#noteWentBack(stored);
    const wasAhead = this.#isAhead;
    this.#isAhead = stored > this.#generation; // once is no proof: it may be in the feed by now
    if (this.#isAhead && wasAhead) return this.#load();
    if (this.#kept.size > 0 && this.#isRefilled()) {
      this.#wentBack = false;
      return this.#load();
    }
  }

  /** The writer lives and has had nothing to say for a while, so what the store lacks is gone for good. */
  #isRefilled(): boolean {
    const quietMs = this.#options.clock.monotonic() - this.#changedAtMs;
    return quietMs > SETTLED_AFTER_MS && this.tickAgeMs() < WRITER_LIVES_MS;
  }

  #noteWentBack(stored: Generation): void {
    if (!this.#wentBack) {
      this.#options.onEvent({ kind: 'went_back', stored, served: this.#generation });
    }
    this.#wentBack = true;
  }

  async #load(): Promise<void> {
    const { reader, sink, clock, onEvent } = this.#options;
    const start = await feedStart(reader);
    if (start.generation === NO_GENERATION || start.generation < this.#generation) {
      if (this.#generation === NO_GENERATION) await reader.changesAfter(start.position, WAIT_MS);
      else this.#followFrom(start);
      return;
    }
    const loaded = await loadRecords(reader, sink, start, { served: this.#served, all: this.#wentBack });
    this.#generation = loaded.generation;
    this.#position = loaded.position;
    this.#served = loaded.served;
    this.#kept = loaded.kept;
    this.#wentBack &&= loaded.kept.size > 0;
    this.#isAhead = false;
    this.#changedAtMs = clock.monotonic();
    await this.#readTick();
    onEvent({ kind: 'loaded', generation: loaded.generation, kept: [...loaded.kept] });
  }

  /** The store is older than what is served: that stays, and what comes next will show. */
  #followFrom(start: FeedStart): void {
    this.#noteWentBack(start.generation);
    this.#position = start.position;
  }
}

interface Fitting {
  readonly fitting: readonly Publication[];
  /** After the last of them. */
  readonly generation: Generation;
  readonly position: FeedPosition | undefined;
  /** The first that has another base. */
  readonly gap: Publication | undefined;
}

/** Those that follow one on the other from `served`; what was applied already is passed over. */
function fittingChanges(changes: readonly PositionedPublication[], served: Generation): Fitting {
  const fitting: Publication[] = [];
  let generation = served;
  let position: FeedPosition | undefined;
  for (const change of changes) {
    const { publication } = change;
    if (publication.generation > generation) {
      if (publication.base !== generation) return { fitting, generation, position, gap: publication };
      fitting.push(publication);
      ({ generation } = publication);
    }
    ({ position } = change);
  }
  return { fitting, generation, position, gap: undefined };
}
