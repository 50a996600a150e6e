/**
 * Queries over TCP (RFC 7766): one listening socket of one worker on one address. Queries may be pipelined; each
 * connection has a time limit for being idle and one for a whole message, so that slow senders hold nobody up.
 * When there are too many connections the oldest make room: of the same source first, then of all.
 */
import { createServer, type Server, type Socket } from 'node:net';

import type { Counters } from '../count/counters.ts';
import { MAX_TCP_SIZE } from '../serve/answer-query.ts';
import { type DnsEndpoint, listenFailure } from './endpoint.ts';
import { TcpConnection } from './tcp-connection.ts';
import type { TcpListenerOptions } from './tcp-limits.ts';

const SWEEP_MS = 500;

export async function openTcpListener(options: TcpListenerOptions): Promise<AsyncDisposable> {
  const connections = new Connections(options);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => connections.add(socket));
  await listen(server, options.endpoint);
  // Accepting fails when descriptors run out; those who have one go on.
  server.on('error', () => options.counters.drop('receive_failed'));
  const sweep = setInterval(() => connections.sweep(), SWEEP_MS);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(sweep);
      const closed = new Promise((resolve) => server.close(resolve));
      connections.closeAll();
      await closed;
    },
  };
}

function listen(server: Server, endpoint: DnsEndpoint): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenFailure(error, endpoint, 'TCP')));
    const { host, port, family } = endpoint;
    server.listen({ host, port, ipv6Only: family === 6, reusePort: true, exclusive: true }, () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

/** All connections of a listener, oldest first, and the same by source. */
class Connections {
  readonly #options: TcpListenerOptions;
  readonly #all = new Set<TcpConnection>();
  readonly #bySource = new Map<string, Set<TcpConnection>>();
  /** One for all: an answer is copied out before the next is made. */
  readonly #output = new Uint8Array(MAX_TCP_SIZE);

  constructor(options: TcpListenerOptions) {
    this.#options = options;
  }

  add(socket: Socket): void {
    const source = socket.remoteAddress;
    if (source === undefined) return void socket.destroy(); // gone before it was accepted
    const { limits, counters, onConnections } = this.#options;
    const ofSource = this.#bySource.get(source) ?? new Set();
    if (ofSource.size >= limits.mostPerSource) evictOldest(ofSource, counters);
    if (this.#all.size >= limits.mostConnections) evictOldest(this.#all, counters);
    const connection = new TcpConnection(socket, source, this.#output, this.#options);
    this.#all.add(connection);
    this.#bySource.set(source, ofSource.add(connection));
    onConnections(1);
    socket.once('close', () => {
      onConnections(-1);
      this.#all.delete(connection);
      ofSource.delete(connection);
      if (ofSource.size === 0 && this.#bySource.get(source) === ofSource) this.#bySource.delete(source);
    });
  }

  sweep(): void {
    const nowMs = this.#options.monotonic();
    for (const connection of this.#all) {
      if (connection.deadlineMs > nowMs) continue;
      if (!connection.isIdle()) this.#options.counters.drop('tcp_timeout');
      connection.close();
    }
  }

  closeAll(): void {
    for (const connection of this.#all) connection.close();
  }
}

function evictOldest(connections: Set<TcpConnection>, counters: Counters): void {
  for (const connection of connections) {
    counters.drop('tcp_evicted');
    connections.delete(connection);
    return connection.close();
  }
}
