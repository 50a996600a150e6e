/** The limits that a worker keeps over TCP and TLS. */
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
