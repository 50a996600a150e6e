/**
 * What is known of one query after parsing: plain numbers and three small
 * buffers, made once per listener and overwritten by each packet.
 *
 * Holds no view of the packet; offsets point into the octets that were parsed
 * and are valid as long as the caller keeps those. Nothing is decided here.
 */
import { MIN_UDP_SIZE } from './constants.ts';
import { HashedName } from './hashed-name.ts';

export class Query {
  id = 0;
  /** The second 16-bit word of the header as received; see HeaderFlag. */
  flags = 0;
  opcode = 0;

  qtype = 0;
  qclass = 0;
  /** The question's; its length is 0 when no question was read. */
  readonly name = new HashedName();
  /** One past the question in the packet; 0 when no question was read, so that none is echoed. */
  questionEnd = 0;

  /** True once an OPT was met, also one with malformed options; a response then carries one too (RFC 6891 7). */
  hasEdns = false;
  ednsVersion = 0;
  /** The client's UDP payload size: never under 512, and 512 without EDNS. */
  udpSize = MIN_UDP_SIZE;
  /** The 16 extended flags as received. */
  ednsFlags = 0;
  dnssecOk = false;
  nsidAsked = false;
  tcpKeepaliveAsked = false;
  /** True when the query has a Padding option, so that a response over TLS shall have one (RFC 7830 4). */
  isPadded = false;
  /** Where the COOKIE option's data stands in the packet, and its length: 8, 16..40, or 0 for none. */
  cookieOffset = 0;
  cookieLength = 0;

  /** True when the query carries a well-formed ECS option, also one that says "do not use" (source prefix length 0). */
  hasClientSubnet = false;
  /** 1 IPv4, 2 IPv6; 0 only together with source prefix length 0. */
  clientSubnetFamily = 0;
  clientSubnetSourcePrefixLength = 0;
  /** The client's prefix, zero padded: 4 octets count for IPv4, 16 for IPv6. */
  readonly clientSubnetAddress = new Uint8Array(16);
  /** The same memory in words. */
  readonly clientSubnetWords = new Int32Array(this.clientSubnetAddress.buffer);
  /** Its first 4 octets. */
  readonly clientSubnetIpv4 = this.clientSubnetAddress.subarray(0, 4);

  /** Where a TSIG record begins in the packet; 0 for none. It is not verified here. */
  tsigOffset = 0;

  /**
   * True for a query without a question whose OPT holds a COOKIE: it asks only for a server
   * cookie (RFC 7873 5.4). Its outcome is still `formerr`; who speaks cookies answers it instead.
   */
  isCookieProbe = false;
}

/** Makes `query` as good as new, apart from octets beyond its lengths. */
export function clearQuery(query: Query): void {
  query.id = 0;
  query.flags = 0;
  query.opcode = 0;
  query.qtype = 0;
  query.qclass = 0;
  query.name.length = 0;
  query.name.labelCount = 0;
  query.questionEnd = 0;
  query.hasEdns = false;
  query.ednsVersion = 0;
  query.udpSize = MIN_UDP_SIZE;
  query.ednsFlags = 0;
  query.dnssecOk = false;
  query.nsidAsked = false;
  query.tcpKeepaliveAsked = false;
  query.isPadded = false;
  query.cookieOffset = 0;
  query.cookieLength = 0;
  query.hasClientSubnet = false;
  query.clientSubnetFamily = 0;
  query.clientSubnetSourcePrefixLength = 0;
  query.tsigOffset = 0;
  query.isCookieProbe = false;
}
