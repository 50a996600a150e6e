/**
 * One connection over TCP or TLS: takes messages out of the stream, writes responses in their order, and stops
 * reading while the client does not take what it was sent. It answers a few queries at a time, so that whoever sends
 * a million of them waits for others as they do. It counts no connections and sets no timers; `deadlineMs` says when
 * it should be closed.
 */
import type { Socket } from 'node:net';

import type { Transport } from '../serve/transport.ts';
import type { Connection } from './connections.ts';
import { MessageReader } from './message-reader.ts';
import { MALFORMED, ProxyHeader } from './proxy-header.ts';
import type { TcpListenerOptions } from './tcp-listener-options.ts';

/** Queries answered as soon as they come; more of them wait for a turn, as those of others do. */
const AT_ONCE = 4;

export interface TcpConnectionOptions extends TcpListenerOptions {
  readonly transport: Transport;
  /** 4 or 16 octets of its own. */
  readonly source: Uint8Array;
  /** At least 65,535 octets; it may be the same for all, since an answer is copied out before the next is made. */
  readonly output: Uint8Array;
  /** Given: a PROXY header stands before the first message, and this is told whom it names. */
  readonly onClient?: ((client: Uint8Array) => void) | undefined;
}

export class TcpConnection implements Connection {
  deadlineMs: number;
  readonly #socket: Socket;
  readonly #options: TcpConnectionOptions;
  readonly #reader = new MessageReader();
  #source: Uint8Array;
  #awaitsHeader: boolean;
  #wasPartial = false;
  #hasEnded = false;
  #hasBrokenOff = false;
  /** The next batch is for the next turn of the event loop. */
  #isWaiting = false;

  constructor(socket: Socket, options: TcpConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#source = options.source;
    this.#awaitsHeader = options.onClient !== undefined;
    this.deadlineMs = options.monotonic() + options.limits.idleMs;
    socket.on('error', () => {}); // a reset ends the connection, which is all there is to do
    socket.on('data', (segment: Buffer) => {
      if (this.#hasBrokenOff) return;
      this.#reader.push(segment);
      if (this.#isWaiting) socket.pause(); // enough is here
      this.#answerSome(AT_ONCE);
    });
    socket.on('drain', () => this.#waitForTurn());
    socket.on('end', () => {
      this.#hasEnded = true;
      this.#answerSome(AT_ONCE);
    });
  }

  /** No query is under way and nothing waits to be taken. */
  isIdle(): boolean {
    return !this.#reader.isPartial() && this.#socket.writableLength === 0;
  }

  close(): void {
    this.#socket.destroy();
  }

  #answerSome(most: number): void {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableNeedDrain || this.#hasBrokenOff || this.#isWaiting) return;
    if (this.#awaitsHeader && !this.#readHeader()) return;
    let answered = 0;
    let query: Uint8Array | undefined;
    socket.cork(); // the responses of one batch leave in as few segments
    while (answered < most && (query = this.#reader.next()) !== undefined) {
      if (!this.#answer(query)) return this.#breakOff();
      answered += 1;
      if (socket.writableNeedDrain) break;
    }
    socket.uncork();
    this.#moveDeadline(answered > 0);
    if (socket.writableNeedDrain) socket.pause();
    else if (answered === most) this.#waitForTurn();
    else if (this.#hasEnded) socket.end();
  }

  /** A turn of the event loop later: while the kernel takes all it is given, nobody else would be served. */
  #waitForTurn(): void {
    this.#isWaiting = true;
    const { connections, limits } = this.#options;
    connections.turns.wait(() => {
      this.#isWaiting = false;
      this.#socket.resume();
      this.#answerSome(limits.batch);
    });
  }

  /** False: not yet, or it is none. */
  #readHeader(): boolean {
    const header = new ProxyHeader();
    const length = header.parse(this.#reader.held());
    if (length > 0) {
      this.#awaitsHeader = false;
      this.#reader.skip(length);
      this.#source = header.client ?? this.#source;
      if (header.client !== undefined) this.#options.onClient?.(header.client);
      return true;
    }
    if (length === MALFORMED) this.#options.counters.drop('proxy_malformed');
    if (length === MALFORMED || this.#hasEnded) this.close();
    return false;
  }

  /** False: what came is no query, so nothing sensible will follow. */
  #answer(query: Uint8Array): boolean {
    const { responder, transport, output } = this.#options;
    responder.readClock();
    const length = responder.respond(query, query.length, this.#source, transport, output);
    if (length === 0) return false;
    const response = Buffer.allocUnsafe(2 + length);
    response.writeUInt16BE(length, 0);
    response.set(output.subarray(0, length), 2);
    this.#socket.write(response);
    return true;
  }

  /** What was asked before is still answered; what comes now is not read. */
  #breakOff(): void {
    const socket = this.#socket;
    this.#hasBrokenOff = true;
    socket.uncork();
    socket.end(() => socket.destroy());
  }

  /** Whole messages earn more time; single octets do not. */
  #moveDeadline(answered: boolean): void {
    const isPartial = this.#reader.isPartial();
    const { limits, monotonic } = this.#options;
    const begins = isPartial && (answered || !this.#wasPartial);
    if (begins) this.deadlineMs = monotonic() + limits.messageMs;
    else if (answered) this.deadlineMs = monotonic() + limits.idleMs;
    this.#wasPartial = isPartial;
  }
}
