/**
 * One TCP connection: takes messages out of the stream, writes responses in their order, and stops reading while
 * the client does not take what it was sent. It counts no connections and sets no timers; `deadlineMs` says when
 * its listener should close it.
 */
import type { Socket } from 'node:net';

import { Transport } from '../serve/transport.ts';
import { MessageReader } from './message-reader.ts';
import { SourceAddress } from './source-address.ts';
import type { TcpListenerOptions } from './tcp-limits.ts';

export class TcpConnection {
  /** By the listener's monotonic clock. */
  deadlineMs: number;
  readonly #socket: Socket;
  readonly #source: Uint8Array;
  readonly #output: Uint8Array;
  readonly #options: TcpListenerOptions;
  readonly #reader = new MessageReader();
  #wasPartial = false;
  #hasEnded = false;
  #hasBrokenOff = false;

  constructor(socket: Socket, source: string, output: Uint8Array, options: TcpListenerOptions) {
    this.#socket = socket;
    this.#source = new SourceAddress().parse(source);
    this.#output = output;
    this.#options = options;
    this.deadlineMs = options.monotonic() + options.limits.idleMs;
    socket.on('error', () => {}); // a reset ends the connection, which is all there is to do
    socket.on('data', (segment: Buffer) => {
      if (this.#hasBrokenOff) return;
      this.#reader.push(segment);
      this.#answerAll();
    });
    socket.on('drain', () => setImmediate(() => this.#goOn()));
    socket.on('end', () => {
      this.#hasEnded = true;
      this.#answerAll();
    });
  }

  /** No query is under way and nothing waits to be taken. */
  isIdle(): boolean {
    return !this.#reader.isPartial() && this.#socket.writableLength === 0;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** A turn of the event loop later: while the kernel takes all it is given, nobody else would be served. */
  #goOn(): void {
    this.#socket.resume();
    this.#answerAll();
  }

  #answerAll(): void {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableNeedDrain || this.#hasBrokenOff) return;
    let answered = false;
    socket.cork(); // the responses of one segment leave in as few
    for (let query = this.#reader.next(); query !== undefined; query = this.#reader.next()) {
      if (!this.#answer(query)) return this.#breakOff();
      answered = true;
      if (!socket.writableNeedDrain) continue;
      socket.pause();
      break;
    }
    socket.uncork();
    this.#moveDeadline(answered);
    if (this.#hasEnded && !socket.writableNeedDrain) socket.end();
  }

  /** False: what came is no query, so nothing sensible will follow. */
  #answer(query: Uint8Array): boolean {
    const { responder, counters } = this.#options;
    const length = responder.respond(query, this.#source, Transport.tcp, this.#output);
    if (length === 0) {
      counters.drop('tcp_malformed');
      return false;
    }
    const response = Buffer.allocUnsafe(2 + length);
    response.writeUInt16BE(length, 0);
    response.set(this.#output.subarray(0, length), 2);
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
