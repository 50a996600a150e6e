/**
 * Where everything that arrives waits for the next round of the loop, which takes it all at once.
 * Must not look at what it holds.
 */
import type { Clock } from '@signpost/lifecycle/clock';

export class Inbox<Item> {
  #items: Item[] = [];
  #wake = Promise.withResolvers<void>();

  /** `urgent` false: it can wait for the next tick. */
  push(item: Item, urgent = true): void {
    this.#items.push(item);
    if (urgent) this.wake();
  }

  wake(): void {
    this.#wake.resolve();
  }

  take(): readonly Item[] {
    const items = this.#items;
    this.#items = [];
    return items;
  }

  /** Returns when woken, when `withinMs` have passed or when the signal fires. */
  async next(clock: Clock, withinMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const done = new AbortController();
    const stop = AbortSignal.any([signal, done.signal]);
    const timeout = clock.sleep(withinMs, stop).catch(() => undefined);
    await Promise.race([this.#wake.promise, timeout]);
    done.abort();
    this.#wake = Promise.withResolvers<void>();
  }
}
