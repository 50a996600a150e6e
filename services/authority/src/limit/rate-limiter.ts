/**
 * Response rate limiting as BIND, NSD and Knot have it: so many like responses per second to a client network, then
 * silence, and for some of what is withheld an empty one with TC. Whoever is truly there asks again over TCP or shows
 * a cookie; a spoofed victim gets next to nothing.
 *
 * Keys are hashed under a secret, so that nobody can aim at another's slot. Allocates nothing, never throws.
 */
import { SipHash } from '@signpost/dns/siphash';
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

/** Octets of an address that make a network: /24 and /56. */
const IPV4_NETWORK_LENGTH = 3;
const IPV6_NETWORK_LENGTH = 7;
const NETWORK_AT = 8;
const KEY_LENGTH = 16;

export class RateLimiter {
  readonly #table: RateTable;
  readonly #hash: SipHash;
  readonly #slip: number;
  readonly #exempt: readonly Prefix[];
  readonly #draw: () => number;
  readonly #key = new Uint8Array(KEY_LENGTH);

  /**
   * @param memory of `rateTableMemory`, the same for all workers, as `secret` is
   * @param draw uniform in [0, 1): which withheld responses are slipped
   */
  constructor(memory: SharedArrayBuffer, secret: Uint8Array, limits: RateLimits, draw: () => number) {
    this.#table = new RateTable(memory, limits.perSecond, limits.windowMs);
    this.#hash = new SipHash(secret);
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
    this.#hash.hash(this.#key, KEY_LENGTH);
    if (this.#table.take(this.#hash.low, this.#hash.high, nowMs)) return Limited.no;
    return this.#slip > 0 && this.#draw() * this.#slip < 1 ? Limited.slip : Limited.drop;
  }

  #writeKey(source: Uint8Array, kind: ResponseKind, qtype: number, nameHash: number): void {
    const key = this.#key;
    key[0] = kind;
    key[1] = source.length;
    key[2] = qtype >>> 8;
    key[3] = qtype;
    key[4] = nameHash;
    key[5] = nameHash >>> 8;
    key[6] = nameHash >>> 16;
    key[7] = nameHash >>> 24;
    const length = source.length === 4 ? IPV4_NETWORK_LENGTH : IPV6_NETWORK_LENGTH;
    for (let i = 0; i < KEY_LENGTH - NETWORK_AT; i += 1) key[NETWORK_AT + i] = i < length ? source[i]! : 0;
  }
}
