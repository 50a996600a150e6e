/** The limits that a worker keeps over TCP and TLS, and what a listener of either is given. */
import type { Prefix } from '@signpost/dns/address';

import type { Counters } from '../count/counters.ts';
import type { Connections } from './connections.ts';
import type { DnsEndpoint } from './endpoint.ts';
import type { Responder } from './responder.ts';

export interface TcpLimits {
  /** Without a query under way (RFC 7766 6.2.3). */
  readonly idleMs: number;
  /** From a message's first octet to its last, and for a client to take what it was sent. */
  readonly messageMs: number;
  /** From a connection's begin to the end of its TLS handshake. */
  readonly handshakeMs: number;
  /** Of a worker, over all its addresses. */
  readonly mostConnections: number;
  /** Of those, from one IPv4 address or one IPv6 /56. */
  readonly mostPerSource: number;
  /** Answered in one go before others have their turn: as many as datagrams are taken at once. */
  readonly batch: number;
}

export const TCP_LIMITS: TcpLimits = {
  idleMs: 10_000,
  messageMs: 10_000,
  handshakeMs: 5_000,
  mostConnections: 1_000,
  mostPerSource: 200,
  batch: 32,
};

export interface TcpListenerOptions {
  readonly endpoint: DnsEndpoint;
  readonly responder: Responder;
  readonly counters: Counters;
  /** All of the worker, which its listeners share. */
  readonly connections: Connections;
  readonly limits: TcpLimits;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** Networks whose connections begin with a PROXY header; over TLS there are none. */
  readonly proxyFrom: readonly Prefix[];
}
