/**
 * Who asks, as far as steering may know: the ECS prefix when the resolver sent one, else the resolver's own
 * address. Place and autonomous system are looked up only when a rule asks for them, at most once per query.
 *
 * One view per worker, overwritten by each query: allocates nothing, never throws. It does not decide anything.
 */
import { type ClientSystem, NOWHERE, type Place, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import type { Query } from '@signpost/dns/query';
import type { ClientView } from '@signpost/policy/select-answer';

/** A database of places or of autonomous systems, as far as a query needs it. */
export interface Finder<Found> {
  lookup(address: Uint8Array): Found;
}

const IPV6_FAMILY = 2;

export class QueryClient implements ClientView {
  family: 4 | 6 = 4;
  /** The resolver's own, or the query's, until the next one. */
  address: Uint8Array = new Uint8Array(16);
  sourceLength = 32;
  /** True when the client named its own prefix, so that the answer's scope is told. */
  isFromSubnet = false;
  /** Replaced when a new database was loaded. */
  places: Finder<Place> | undefined;
  /** Likewise. */
  systems: Finder<ClientSystem> | undefined;

  readonly #own = this.address;
  readonly #ownIpv4 = this.#own.subarray(0, 4);
  /** What databases take for IPv4. */
  #ipv4 = this.#ownIpv4;
  #place: Place | undefined;
  #system: ClientSystem | undefined;

  place(): Place {
    this.#place ??= this.places?.lookup(this.#octets()) ?? NOWHERE;
    return this.#place;
  }

  system(): ClientSystem {
    this.#system ??= this.systems?.lookup(this.#octets()) ?? UNKNOWN_SYSTEM;
    return this.#system;
  }

  /**
   * Source prefix length 0 means "do not use my address" (RFC 7871 7.1.2): then the resolver's address steers, as it
   * does without the option, and the scope stays 0.
   *
   * @param source 4 or 16 octets: where the query came from
   */
  look(query: Query, source: Uint8Array): void {
    this.#place = undefined;
    this.#system = undefined;
    this.isFromSubnet = query.hasClientSubnet && query.clientSubnetSourcePrefixLength > 0;
    if (this.isFromSubnet) {
      this.family = query.clientSubnetFamily === IPV6_FAMILY ? 6 : 4;
      this.sourceLength = query.clientSubnetSourcePrefixLength;
      this.address = query.clientSubnetAddress;
      this.#ipv4 = query.clientSubnetIpv4;
      return;
    }
    this.family = source.length === 4 ? 4 : 6;
    this.sourceLength = source.length === 4 ? 32 : 128;
    for (let i = 0; i < source.length; i += 1) this.#own[i] = source[i]!;
    this.address = this.#own;
    this.#ipv4 = this.#ownIpv4;
  }

  #octets(): Uint8Array {
    return this.family === 4 ? this.#ipv4 : this.address;
  }
}
