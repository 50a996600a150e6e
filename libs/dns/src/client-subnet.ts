/**
 * EDNS Client Subnet (RFC 7871): the option's data, read from a query and
 * written into its response. What the prefix means for an answer is not decided
 * here.
 *
 *   0        2        3       4
 *   | FAMILY | SOURCE | SCOPE | ADDRESS: ceil(SOURCE / 8) octets |
 */
import type { Query } from './query.ts';
import { readUint16 } from './uint16.ts';

const FIXED_LENGTH = 4;
const IPV4 = 1;
const IPV6 = 2;

/**
 * Reads the option's `length` octets at `data` into `query`; false means FORMERR (RFC 7871 7.1.2): scope
 * not 0, unknown family, prefix longer than an address, too few or too many octets, bits set beyond the prefix.
 *
 * Family 0 is accepted with source prefix length 0 alone: some clients say "do not use" that way.
 */
export function parseClientSubnet(octets: Uint8Array, data: number, length: number, query: Query): boolean {
  if (length < FIXED_LENGTH) return false;
  const family = readUint16(octets, data);
  const source = octets[data + 2]!;
  const scope = octets[data + 3]!;
  const addressLength = (source + 7) >> 3;
  if (scope !== 0 || source > longestPrefix(family) || length !== FIXED_LENGTH + addressLength) return false;

  const { clientSubnetAddress: address, clientSubnetWords: words } = query;
  for (let i = 0; i < words.length; i += 1) words[i] = 0;
  for (let i = 0; i < addressLength; i += 1) address[i] = octets[data + FIXED_LENGTH + i]!;
  if ((source & 7) !== 0 && (address[addressLength - 1]! & (0xff >> (source & 7))) !== 0) return false;

  query.hasClientSubnet = true;
  query.clientSubnetFamily = family;
  query.clientSubnetSourcePrefixLength = source;
  return true;
}

/** Octets of the option's data in a response to `query`, which must have one. */
export function clientSubnetLength(query: Query): number {
  return FIXED_LENGTH + ((query.clientSubnetSourcePrefixLength + 7) >> 3);
}

/**
 * Writes the option's data at `at`: the query's own family, source and address, octet for octet, since
 * resolvers drop a response that differs (RFC 7871 7.3), and the scope the answer truly has. The caller has made room.
 */
export function writeClientSubnet(
  buffer: Uint8Array,
  at: number,
  query: Query,
  scopePrefixLength: number,
): void {
  buffer[at] = 0; // families are below 256
  buffer[at + 1] = query.clientSubnetFamily;
  buffer[at + 2] = query.clientSubnetSourcePrefixLength;
  buffer[at + 3] = scopePrefixLength;
  const addressLength = (query.clientSubnetSourcePrefixLength + 7) >> 3;
  for (let i = 0; i < addressLength; i += 1) buffer[at + FIXED_LENGTH + i] = query.clientSubnetAddress[i]!;
}

/** -1 for families we do not know, so that every prefix is too long for them. */
function longestPrefix(family: number): number {
  switch (family) {
    case 0:
      return 0;
    case IPV4:
      return 32;
    case IPV6:
      return 128;
    default:
      return -1;
  }
}
