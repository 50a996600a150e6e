/** The number of a client prefix, as rows are kept and stored by: the first 24 bits of IPv4, 48 of IPv6. Pure. */
import { formatAddress, maskedTo } from '@signpost/dns/address';
import { PREFIX_BITS } from '@signpost/contracts/stored-latencies';

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
