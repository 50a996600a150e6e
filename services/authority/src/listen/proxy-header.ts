/**
 * The header of the PROXY protocol, version 2, in which a load balancer says for whom it asks (haproxy's
 * `proxy-protocol.txt`, 2.2). Pure: reads octets in place, allocates nothing, never throws. Whether who sent it may be
 * believed is for the listener to know.
 *
 * Taken are IPv4 and IPv6, stream and datagram alike, for a balancer may carry one in the other. LOCAL, which health
 * checks are, and UNSPEC stand for the peer itself. TLVs are skipped and ports ignored. Unix sockets are refused.
 */

const SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
/** Signature, version and command, family, length of the rest. */
const FIXED_LENGTH = 16;
/** With all TLVs; the protocol asks for no more than a segment of 536 octets. */
const MOST_OCTETS = 4_096;

const LOCAL = 0x20;
const PROXY = 0x21;
const UNSPEC = 0x00;
const IPV4_STREAM = 0x11;
const IPV4_DATAGRAM = 0x12;
const IPV6_STREAM = 0x21;
const IPV6_DATAGRAM = 0x22;

/** Source and destination, two ports. */
const IPV4_BLOCK_LENGTH = 12;
const IPV6_BLOCK_LENGTH = 36;
/** Octets before the IPv4 address in ::ffff:192.0.2.1. */
const MAPPED_LENGTH = 12;

/** What `parse` returns when there is no whole header. */
export const INCOMPLETE = 0;
export const MALFORMED = -1;

export class ProxyHeader {
  /** 4 or 16 octets, valid until the next `parse`; undefined: the peer speaks for itself. */
  client: Uint8Array | undefined;
  readonly #ipv4 = new Uint8Array(4);
  readonly #ipv6 = new Uint8Array(16);

  /**
   * @param octets begin with the header
   * @returns the header's length, or `INCOMPLETE` while what is here may become one, or `MALFORMED`
   */
  parse(octets: Uint8Array): number {
    this.client = undefined;
    const known = Math.min(octets.length, SIGNATURE.length);
    for (let i = 0; i < known; i += 1) if (octets[i] !== SIGNATURE[i]) return MALFORMED;
    if (octets.length < FIXED_LENGTH) return INCOMPLETE;
    const command = octets[12]!;
    const family = octets[13]!;
    const blockLength = (octets[14]! << 8) | octets[15]!;
    if (command !== LOCAL && command !== PROXY) return MALFORMED;
    const length = FIXED_LENGTH + blockLength;
    if (length > MOST_OCTETS) return MALFORMED;
    if (command === PROXY && blockLength < addressesLength(family)) return MALFORMED;
    if (octets.length < length) return INCOMPLETE;
    if (command === PROXY) this.#readClient(octets, family);
    return length;
  }

  #readClient(octets: Uint8Array, family: number): void {
    if (family === IPV4_STREAM || family === IPV4_DATAGRAM) {
      this.client = copyInto(this.#ipv4, octets, FIXED_LENGTH);
    } else if (family === IPV6_STREAM || family === IPV6_DATAGRAM) {
      this.client = isMapped(octets, FIXED_LENGTH)
        ? copyInto(this.#ipv4, octets, FIXED_LENGTH + MAPPED_LENGTH)
        : copyInto(this.#ipv6, octets, FIXED_LENGTH);
    }
  }
}

/** More than any block has for families that are refused. */
function addressesLength(family: number): number {
  switch (family) {
    case UNSPEC:
      return 0;
    case IPV4_STREAM:
    case IPV4_DATAGRAM:
      return IPV4_BLOCK_LENGTH;
    case IPV6_STREAM:
    case IPV6_DATAGRAM:
      return IPV6_BLOCK_LENGTH;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** A socket for both families names an IPv4 client so (RFC 4291 2.5.5.2). */
function isMapped(octets: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i += 1) if (octets[at + i] !== 0) return false;
  return octets[at + 10] === 0xff && octets[at + 11] === 0xff;
}

function copyInto(address: Uint8Array, octets: Uint8Array, at: number): Uint8Array {
  for (let i = 0; i < address.length; i += 1) address[i] = octets[at + i]!;
  return address;
}
