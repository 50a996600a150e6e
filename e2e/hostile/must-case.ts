/**
 * What a case is: octets, and what the RFCs allow as a response, in words. It must not know how it is sent.
 *
 * `allowed` holds response codes, any of which will do, and these words:
 *   silence     no response will do too
 *   may-drop    no RFC asks for a response, but ours gives one, and so do most
 *   opt, no-opt a response has an OPT, or has none
 *   do          the OPT has DO set (RFC 3225)
 *   data, empty NOERROR has records in the answer section, or has none
 *   tc, no-tc   the response is truncated, or is not
 *   unless-ecs, unless-cookies  the codes stand for servers that speak Client Subnet or cookies; others may ignore the option
 */

/** One line: what it is, its octets, what is allowed. */
export type MustCase = readonly [what: string, packet: Uint8Array, allowed: string];

export interface MustGroup {
  readonly name: string;
  /** Default: both, since RFC 7766 makes no difference between them. */
  readonly transports?: readonly ('udp' | 'tcp')[];
  readonly cases: readonly MustCase[];
}

/** One connection: what is written, segment by segment, and what is allowed for each id in it. */
export interface TcpCase {
  readonly what: string;
  readonly segments: readonly Uint8Array[];
  /** By id. */
  readonly allowed: ReadonlyMap<number, string>;
  /** Nothing more is sent after the segments, and the server is told so. */
  readonly ends?: boolean;
}
