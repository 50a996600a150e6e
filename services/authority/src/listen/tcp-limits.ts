/** What a TCP listener is given, and the limits it keeps. */
import type { Counters } from '../count/counters.ts';
import type { DnsEndpoint } from './endpoint.ts';
import type { Responder } from './responder.ts';

export interface TcpLimits {
  /** Without a query under way (RFC 7766 6.2.3). */
  readonly idleMs: number;
  /** From a message's first octet to its last, and for a client to take what it was sent. */
  readonly messageMs: number;
  readonly mostConnections: number;
  readonly mostPerSource: number;
}

export const TCP_LIMITS: TcpLimits = {
  idleMs: 10_000,
  messageMs: 10_000,
  mostConnections: 1_000,
  mostPerSource: 200,
};

export interface TcpListenerOptions {
  readonly endpoint: DnsEndpoint;
  readonly responder: Responder;
  readonly counters: Counters;
  readonly limits: TcpLimits;
  /** Milliseconds that only grow. */
  readonly monotonic: () => number;
  /** How many connections are open, whenever that changes. */
  readonly onConnections: (change: 1 | -1) => void;
}
