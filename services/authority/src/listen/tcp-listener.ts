/**
 * Queries over TCP (RFC 7766): one listening socket of one worker on one address. Queries may be pipelined; each
 * connection has a time limit for being idle and one for a whole message, so that slow senders hold nobody up.
 */
import { createServer, type Server, type Socket } from 'node:net';

import { prefixHolds } from '@signpost/dns/address';
import { SourceAddress } from '@signpost/dns/source-address';

import { MAX_TCP_SIZE } from '../serve/answer-query.ts';
import { Transport } from '../serve/transport.ts';
import type { Place } from './connections.ts';
import { type DnsEndpoint, type ListeningFor, listenFailure } from './endpoint.ts';
import { TcpConnection } from './tcp-connection.ts';
import type { TcpListenerOptions } from './tcp-listener-options.ts';

const SWEEP_MS = 500;

export async function openTcpListener(options: TcpListenerOptions): Promise<AsyncDisposable> {
  const output = new Uint8Array(MAX_TCP_SIZE);
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) =>
    serve(socket, output, options),
  );
  return listenWith(server, 'TCP', options);
}

/** Opens the socket; what is returned closes it and the worker's connections. */
export async function listenWith(
  server: Server,
  transport: ListeningFor,
  { endpoint, counters, connections }: TcpListenerOptions,
): Promise<AsyncDisposable> {
  await listen(server, endpoint, transport);
  // Accepting fails when descriptors run out; those who have one go on.
  server.on('error', () => counters.drop('receive_failed'));
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

/** 4 or 16 octets of its own; undefined: gone before it was accepted. */
export function sourceOf(socket: Socket): Uint8Array | undefined {
  const text = socket.remoteAddress;
  return text === undefined ? undefined : new SourceAddress().parse(text);
}

function serve(socket: Socket, output: Uint8Array, options: TcpListenerOptions): void {
  const source = sourceOf(socket);
  if (source === undefined) return void socket.destroy();
  const { connections, proxyFrom } = options;
  const isProxy = proxyFrom.some((prefix) => prefixHolds(prefix, source));
  const onClient = isProxy ? (client: Uint8Array) => connections.assign(place, client) : undefined;
  const given = { ...options, transport: Transport.tcp, source, output, onClient };
  const connection = new TcpConnection(socket, given);
  const place: Place = connections.add(socket, isProxy ? undefined : source, connection);
}

function listen(server: Server, endpoint: DnsEndpoint, transport: ListeningFor): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void => reject(listenFailure(error, endpoint, transport));
    server.once('error', fail);
    const { host, port, family } = endpoint;
    server.listen({ host, port, ipv6Only: family === 6, reusePort: true, exclusive: true }, () => {
      server.off('error', fail);
      resolve();
    });
  });
}
