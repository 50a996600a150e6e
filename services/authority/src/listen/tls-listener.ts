/**
 * Queries over TLS (RFC 7858): one listening socket of one worker on one address. After the handshake, which has a
 * time limit of its own, a connection is like any over TCP. Clients need not name the protocol (ALPN `dot`), and no
 * PROXY header is read here.
 */
import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { createServer, type TlsOptions, type TLSSocket } from 'node:tls';

import { MAX_TCP_SIZE } from '../serve/answer-query.ts';
import { Transport } from '../serve/transport.ts';
import type { Connection, Place } from './connections.ts';
import { TcpConnection } from './tcp-connection.ts';
import { listenWith, sourceOf } from './tcp-listener.ts';
import type { TcpListenerOptions } from './tcp-listener-options.ts';

/** PEM: the chain that is shown, the server's own certificate first, and its key. */
export interface Certificate {
  readonly chain: string;
  readonly key: string;
}

export interface TlsListenerOptions extends TcpListenerOptions {
  readonly certificate: Certificate;
  /** 48 octets, the same for all workers, so that each resumes the sessions of all. */
  readonly ticketKeys: Uint8Array;
}

export interface TlsListener extends AsyncDisposable {
  /** For handshakes from now on. */
  renew(certificate: Certificate): void;
}

/** The longest ALPN and TLS are waited for by Node; the limit that counts is `handshakeMs`. */
const NODE_HANDSHAKE_MS = 60_000;

export async function openTlsListener(options: TlsListenerOptions): Promise<TlsListener> {
  const server = createServer({
    ...contextOptions(options.certificate, options.ticketKeys),
    ALPNProtocols: ['dot'],
    noDelay: true,
    handshakeTimeout: NODE_HANDSHAKE_MS,
  });
  const handshakes = new Handshakes(options);
  server.on('connection', (socket: Socket) => handshakes.begin(socket));
  server.on('secureConnection', (socket) => handshakes.complete(socket));
  server.on('tlsClientError', (_error, socket) => void socket.destroy()); // counted when it closes
  const listener = await listenWith(server, 'TLS', options);
  return {
    renew: (certificate) => server.setSecureContext(contextOptions(certificate, options.ticketKeys)),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}

/** What handshakes need, also to try whether a certificate is one. */
export function contextOptions({ chain, key }: Certificate, ticketKeys: Uint8Array): TlsOptions {
  return {
    cert: chain,
    key,
    minVersion: 'TLSv1.2',
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    ticketKeys: Buffer.from(ticketKeys),
  };
}

/** Connections from their begin to the end of the handshake; then they are handed on. */
class Handshakes {
  readonly #options: TlsListenerOptions;
  /** By the client's address and port and the address it came to: Node tells of the same connection by two sockets. */
  readonly #pending = new Map<string, Place>();
  readonly #output = new Uint8Array(MAX_TCP_SIZE);

  constructor(options: TlsListenerOptions) {
    this.#options = options;
  }

  begin(socket: Socket): void {
    const { connections, counters, limits, monotonic } = this.#options;
    const source = sourceOf(socket);
    if (source === undefined) return void socket.destroy();
    const key = keyOf(socket);
    const handshake: Connection = {
      deadlineMs: monotonic() + limits.handshakeMs,
      isIdle: () => true,
      close: () => void socket.destroy(),
    };
    socket.on('error', () => {});
    const place = connections.add(socket, source, handshake, (madeRoom) => {
      if (!this.#pending.delete(key)) return; // the handshake was done
      if (!madeRoom) counters.drop('tls_handshake');
    });
    this.#pending.set(key, place);
  }

  complete(socket: TLSSocket): void {
    const key = keyOf(socket);
    const place = this.#pending.get(key);
    const source = sourceOf(socket);
    if (place === undefined || source === undefined) return void socket.destroy();
    this.#pending.delete(key);
    const given = { ...this.#options, transport: Transport.tls, source, output: this.#output };
    // Only now: a client that goes in the midst of its handshake is gone.
    socket.allowHalfOpen = true;
    place.connection = new TcpConnection(socket, given);
  }
}

function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
