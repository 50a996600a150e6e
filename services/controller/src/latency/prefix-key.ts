/** Client prefixes as rows are kept and stored by: the first 24 bits of IPv4, 48 of IPv6. Pure. */
import { formatAddress, maskedTo } from '@signpost/dns/address';
import { PREFIX_BITS } from '@signpost/contracts/stored-latencies';

export interface MeasuredClient {
  readonly family: 4 | 6;
  /** 4 or 16 octets. */
  readonly octets: Uint8Array;
  readonly sourceLength: number;
}

/** `octets`: 4 or 16. */
export function prefixKey(octets: Uint8Array): number {
  const length = octets.length === 4 ? PREFIX_BITS[4] : PREFIX_BITS[6];
  let key = 0;
  for (let i = 0; i < length / 8; i += 1) key = key * 256 + octets[i]!;
  return key;
}

/** `203.0.113.0/24`. */
export function prefixText(octets: Uint8Array): string {
  const length = octets.length === 4 ? PREFIX_BITS[4] : PREFIX_BITS[6];
  return `${formatAddress(maskedTo(octets, length))}/${length}`;
}

const MAPPED_BITS = 96;

/** IPv4 clients of a socket for both families are IPv4 clients (RFC 4291 2.5.5.2), not all of one IPv6 prefix. */
export function unmapped(client: MeasuredClient): MeasuredClient {
  const { family, octets, sourceLength } = client;
  const isMapped =
    family === 6 &&
    sourceLength >= MAPPED_BITS &&
    octets.every((octet, i) => i > 11 || octet === (i < 10 ? 0 : 0xff));
  if (!isMapped) return client;
  return { family: 4, octets: octets.slice(12), sourceLength: sourceLength - MAPPED_BITS };
}
