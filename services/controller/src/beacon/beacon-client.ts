/**
 * Whose beacon it is: the TCP peer, or, where the peer is a proxy of ours, the last address in `X-Forwarded-For` that is
 * none of ours. What stands before it the client could have written itself. Pure.
 */
import { parseAddress, parseIpv4, prefixHolds, type Address, type Prefix } from '@signpost/dns/address';

/** More than any chain of proxies; a longer header is not read. */
const MOST_HOPS = 32;

/** `peer` undefined: a Unix socket, so a proxy of ours. Undefined: it cannot be told. */
export function beaconClient(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: readonly Prefix[],
): Address | undefined {
  const isOurs = ({ octets }: Address): boolean => trusted.some((prefix) => prefixHolds(prefix, octets));
  const own = peer === undefined ? undefined : plainAddress(peer);
  if (own !== undefined && !isOurs(own)) return own;
  if (own === undefined && peer !== undefined) return undefined;
  const hops = forwardedFor?.split(',') ?? [];
  if (hops.length === 0 || hops.length > MOST_HOPS) return undefined;
  let client: Address | undefined;
  for (const hop of hops.toReversed()) {
    client = plainAddress(hop.trim());
    if (client === undefined || !isOurs(client)) return client;
  }
  return client;
}

/** An IPv4 client of a socket for both families is an IPv4 client. */
function plainAddress(text: string): Address | undefined {
  const mapped = /^::ffff:([\d.]+)$/i.exec(text)?.[1];
  const octets = mapped === undefined ? undefined : parseIpv4(mapped);
  return octets === undefined ? parseAddress(text) : { family: 4, octets };
}
