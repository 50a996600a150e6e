/**
 * All TCP connections of a worker, oldest first, and the same by source. When there are too many the oldest make
 * room: of the same source first, then of all. It counts and closes; what is said on a connection it must not know.
 */
import type { Socket } from 'node:net';

import type { Counters } from '../count/counters.ts';
import type { TcpLimits } from './tcp-limits.ts';
import { Turns } from './turns.ts';

/** What is done with a connection at present. */
export interface Connection {
  /** By the clock of `Connections`. */
  readonly deadlineMs: number;
  /** Closing it loses nobody's query. */
  isIdle(): boolean;
  close(): void;
}

/** One place among them, which a handshake leaves to the queries that follow it. */
export interface Place {
  connection: Connection;
  source: string | undefined;
  /** It took too long, and its socket is not closed yet. */
  isOver: boolean;
}

export interface ConnectionsOptions {
  readonly limits: TcpLimits;
  readonly counters: Counters;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
}

/** Octets of an IPv6 address that make one source, as for the rate limit: /56. */
const IPV6_NETWORK_LENGTH = 7;

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #all = new Set<Place>();
  readonly #bySource = new Map<string, Set<Place>>();
  /** Taken by those that have more to answer. */
  readonly turns = new Turns();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /**
   * Until the socket closes, of which `onClose` is told, with whether it had to make room.
   *
   * @param source 4 or 16 octets; undefined: not known yet, or a balancer whose connections have no limit of their own
   */
  add(
    socket: Socket,
    source: Uint8Array | undefined,
    connection: Connection,
    onClose: (madeRoom: boolean) => void = () => {},
  ): Place {
    const { limits } = this.#options;
    const place: Place = { connection, source: undefined, isOver: false };
    if (source !== undefined) this.assign(place, source);
    if (this.#all.size >= limits.mostConnections) this.#evictOldest(this.#all);
    this.#all.add(place);
    this.#tell();
    socket.once('close', () => {
      const madeRoom = !this.#forget(place);
      this.#tell();
      onClose(madeRoom);
    });
    return place;
  }

  /** From now on it counts as one of that source. */
  assign(place: Place, source: Uint8Array): void {
    const key = keyOf(source);
    const ofSource = this.#bySource.get(key) ?? new Set();
    if (ofSource.size >= this.#options.limits.mostPerSource) this.#evictOldest(ofSource);
    place.source = key;
    this.#bySource.set(key, ofSource.add(place));
  }

  /** Closes those that took too long. Each listener of the worker calls it, perhaps in one turn of the event loop. */
  sweep(): void {
    const nowMs = this.#options.monotonic();
    for (const place of this.#all) {
      const { connection } = place;
      if (place.isOver || connection.deadlineMs > nowMs) continue;
      place.isOver = true;
      if (!connection.isIdle()) this.#options.counters.drop('tcp_timeout');
      connection.close();
    }
  }

  closeAll(): void {
    for (const { connection } of this.#all) connection.close();
  }

  #evictOldest(places: Set<Place>): void {
    for (const place of places) {
      this.#options.counters.drop('tcp_evicted');
      this.#forget(place);
      return place.connection.close();
    }
  }

  /** False: it was forgotten before. */
  #forget(place: Place): boolean {
    const ofSource = this.#bySource.get(place.source ?? '');
    ofSource?.delete(place);
    if (ofSource?.size === 0) this.#bySource.delete(place.source!);
    return this.#all.delete(place);
  }

  #tell(): void {
    this.#options.counters.setTcpConnections(this.#all.size);
  }
}

function keyOf(source: Uint8Array): string {
  return (source.length === 4 ? source : source.subarray(0, IPV6_NETWORK_LENGTH)).join('.');
}
