/**
 * Which probes may run: at most so many at once, and of these at most so many to one host. Who must wait for a host
 * blocks nobody who wants another; else the line is served in order. Pure state: it must not know clocks or probes.
 *
 *   offer --> a slot and the host are free --> start
 *        '--> host is full --> its own line --.
 *        '--> no slot is free --> the line <--'   (when a probe of that host has ended)
 */
import { Fifo } from './fifo.ts';

export interface SlotLimits {
  readonly total: number;
  readonly perHost: number;
}

export interface Job {
  /** Whom the probe burdens: the address as it is written in the check. */
  readonly host: string;
}

export interface SlotCalls<Item> {
  /** Must call `ended` once, and not before it returned. */
  readonly start: (item: Item) => void;
  /** Asked when the turn of one who waited has come. */
  readonly isWanted: (item: Item) => boolean;
  /** Instead of `start`, when it is not. */
  readonly dropped: (item: Item) => void;
}

interface Host<Item extends Job> {
  running: number;
  readonly line: Fifo<Item>;
}

export class ProbeSlots<Item extends Job> {
  readonly #limits: SlotLimits;
  readonly #calls: SlotCalls<Item>;
  readonly #hosts = new Map<string, Host<Item>>();
  readonly #line = new Fifo<Item>();
  #running = 0;

  constructor(limits: SlotLimits, calls: SlotCalls<Item>) {
    this.#limits = limits;
    this.#calls = calls;
  }

  offer(item: Item): void {
    const host = this.#hostOf(item);
    if (host.running >= this.#limits.perHost) host.line.add(item);
    else if (this.#running >= this.#limits.total) this.#line.add(item);
    else this.#begin(item, host);
  }

  ended(item: Item): void {
    this.#running -= 1;
    this.#hostOf(item).running -= 1;
    this.#nextOf(item);
    this.#fill();
  }

  /** One of those who wait for this item's host joins the line. */
  #nextOf(item: Item): void {
    const host = this.#hostOf(item);
    const next = host.line.take();
    if (next !== undefined) this.#line.add(next);
    else if (host.running === 0) this.#hosts.delete(item.host);
  }

  #fill(): void {
    while (this.#running < this.#limits.total) {
      const item = this.#line.take();
      if (item === undefined) return;
      const host = this.#hostOf(item);
      if (!this.#calls.isWanted(item)) {
        this.#calls.dropped(item);
        this.#nextOf(item);
      } // The host was full or not when this one joined the line; now is what counts.
      else if (host.running >= this.#limits.perHost) host.line.add(item);
      else this.#begin(item, host);
    }
  }

  #begin(item: Item, host: Host<Item>): void {
    this.#running += 1;
    host.running += 1;
    this.#calls.start(item);
  }

  #hostOf({ host }: Item): Host<Item> {
    let found = this.#hosts.get(host);
    if (found === undefined) this.#hosts.set(host, (found = { running: 0, line: new Fifo() }));
    return found;
  }
}
