/** What carried a query: it decides how large a response may be, and which EDNS options may stand in it. */

export const Transport = {
  udp: 0,
  /** Unencrypted TCP. */
  tcp: 1,
  /** TLS over TCP (RFC 7858). */
  tls: 2,
} as const;
export type Transport = (typeof Transport)[keyof typeof Transport];
