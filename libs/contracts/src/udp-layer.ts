/**
 * What we need of UDP: sockets that share a port with other threads, and a function that answers in place. Adapters
 * are in libs/udp, and `libs/testkit/src/udp-conformance.ts` holds them equal. They know octets and addresses, not DNS.
 */

export type UdpLayerName = 'batched' | 'dgram';

export interface UdpLayer {
  readonly name: UdpLayerName;
  /**
   * Whether a socket on a wildcard address answers from the address that was asked; else the kernel chooses one, which
   * on a host with several need not be the same.
   */
  readonly keepsAskedAddress: boolean;
  /** Rejects with an error that has the system's code: EADDRINUSE, EACCES, EADDRNOTAVAIL, EAFNOSUPPORT, ... */
  open(options: UdpSocketOptions): Promise<UdpSocket>;
}

export interface UdpSocketOptions {
  readonly family: 4 | 6;
  /** An address of that family; IPv6 ones take no IPv4 datagrams. */
  readonly host: string;
  /** Shared with whoever else shares it; 0 is a free one. */
  readonly port: number;
  readonly receiveBufferOctets: number;
  /**
   * Called when one or more datagrams are here, before the first of them is answered: for what may be the same for all
   * of them, as the time. Must not throw.
   */
  readonly onBatch: () => void;
  readonly answer: UdpAnswer;
  /** Once for each datagram that came or was to go, and did not. */
  readonly onDrop: (reason: UdpDrop) => void;
}

/**
 * Called for each datagram, also an empty one. All arguments are overwritten after it returns. Must not throw.
 *
 * @param packet holds the datagram in its first `length` octets, and the answer in its place afterwards; it has room for
 *   `MOST_UDP_OCTETS`
 * @param source 4 or 16 octets
 * @returns octets of the answer in `packet`; 0 for none
 */
export type UdpAnswer = (packet: Uint8Array, length: number, source: Uint8Array) => number;

export type UdpDrop =
  /** Receiving failed. */
  | 'receive_failed'
  /** The kernel took the answer not, or not in time. */
  | 'send_failed'
  /** Longer than `MOST_UDP_OCTETS`. */
  | 'oversized';

/** Longest datagram that is given to `UdpAnswer`. */
export const MOST_UDP_OCTETS = 8_192;
/** Longest answer. */
export const MOST_UDP_ANSWER_OCTETS = 1_232;

export interface UdpSocket extends AsyncDisposable {
  readonly port: number;
  /** Nothing is received or sent after it resolves, and the port is free. May be called twice. */
  [Symbol.asyncDispose](): Promise<void>;
}
