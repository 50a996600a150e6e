/**
 * Response rate limiting as BIND, NSD and Knot have it: so many like responses per second to a client network, then
 * silence, and for some of what is withheld an empty one with TC. Whoever is truly there asks again over TCP or shows
 * a cookie; a spoofed victim gets next to nothing.
 *
 * Keys are hashed under a secret, so that nobody can aim at another's slot. Allocates nothing, never throws.
 */
import { HalfSipHash } from '@signpost/dns/half-siphash';
import { type Prefix, prefixHolds } from '@signpost/dns/address';

import { RateTable } from './rate-table.ts';

/** Responses that count together: those of one kind, network, and name or zone. */
export const ResponseKind = { answer: 0, nodata: 1, nxdomain: 2, referral: 3, error: 4 } as const;
export type ResponseKind = (typeof ResponseKind)[keyof typeof ResponseKind];

export const Limited = {
  /** Send the response. */
  no: 0,
  /** Send nothing. */
  drop: 1,
  /** Send that there is more to be had by other means. */
  slip: 2,
} as const;
export type Limited = (typeof Limited)[keyof typeof Limited];

export interface RateLimits {
  readonly perSecond: number;
  readonly windowMs: number;
  /** One withheld response of so many is slipped, 0 none. */
  readonly slip: number;
  /** Client networks that are never limited. */
  readonly exempt: readonly Prefix[];
}

export class RateLimiter {
  readonly #table: RateTable;
  readonly #hash: HalfSipHash;
  readonly #slip: number;
  readonly #exempt: readonly Prefix[];
  readonly #draw: () => number;
  readonly #key = new Int32Array(4);

  /**
   * @param memory of `rateTableMemory`, the same for all workers, as `secret` is
   * @param draw uniform in [0, 1): which withheld responses are slipped
   */
  constructor(memory: SharedArrayBuffer, secret: Uint8Array, limits: RateLimits, draw: () => number) {
    this.#table = new RateTable(memory, limits.perSecond, limits.windowMs);
    this.#hash = new HalfSipHash(secret);
    this.#slip = limits.slip;
    this.#exempt = limits.exempt;
    this.#draw = draw;
  }

  /**
   * @param source 4 or 16 octets
   * @param nameHash of the name or zone that the response is counted by
   */
  judge(source: Uint8Array, kind: ResponseKind, qtype: number, nameHash: number, nowMs: number): Limited {
    for (let i = 0; i < this.#exempt.length; i += 1)
      if (prefixHolds(this.#exempt[i]!, source)) return Limited.no;
    this.#writeKey(source, kind, qtype, nameHash);
    this.#hash.hash(this.#key);
    if (this.#table.take(this.#hash.low, this.#hash.high, nowMs)) return Limited.no;
    return this.#slip > 0 && this.#draw() * this.#slip < 1 ? Limited.slip : Limited.drop;
  }

  /** The network is the first 24 bits of an address of IPv4, 56 of IPv6. */
  #writeKey(source: Uint8Array, kind: ResponseKind, qtype: number, nameHash: number): void {
    const key = this.#key;
    const isIpv4 = source.length === 4;
    key[0] = (qtype << 16) | (source.length << 8) | kind;
    key[1] = nameHash;
    key[2] = (source[0]! << 24) | (source[1]! << 16) | (source[2]! << 8) | (isIpv4 ? 0 : source[3]!);
    key[3] = isIpv4 ? 0 : (source[4]! << 16) | (source[5]! << 8) | source[6]!;
  }
}
