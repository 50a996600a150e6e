/**
 * Measurements -> estimates by client prefix (/24, /48), autonomous system and country. Whatever is measured of a
 * prefix goes to its own row; the rows of its system and its country hear of it once per half-life, so that there all
 * prefixes have the same voice and one alone, which may be a liar's, is never enough. Time is an argument; no I/O.
 * It must not know where measurements come from, nor when a table is published.
 */
import { countryKey, PREFIX_BITS, type StoredLatencies } from '@signpost/contracts/stored-latencies';

import type { ClientFinder } from '../explain/explain.ts';
import { adoptShown, HALF_LIFE_MS, noteRoundTrip, roundTripMs } from './estimate-round-trip.ts';
import { LatencyRows } from './latency-rows.ts';
import { prefixKey, type MeasuredClient } from './prefix-key.ts';

export interface MeasuredRoundTrip {
  readonly client: MeasuredClient;
  readonly target: string;
  readonly ms: number;
  readonly samples: number;
}

export interface LatencyAggregateOptions {
  readonly finder: ClientFinder;
  readonly limits?: LatencyLimits;
}

export interface LatencyLimits {
  /** Of each family. */
  readonly prefixes: number;
  readonly systems: number;
  /** More than there are. */
  readonly countries: number;
}

export const LATENCY_LIMITS: LatencyLimits = { prefixes: 16_384, systems: 8_192, countries: 1_024 };

/** Three measurements within two or three minutes. */
const ENOUGH_OF_PREFIX = 2.5;
/** More than two prefixes can ever bring together. */
const ENOUGH_OF_MANY = 4;

export const ROW_KINDS = ['ipv4', 'ipv6', 'systems', 'countries'] as const;
export type RowKind = (typeof ROW_KINDS)[number];

export class LatencyAggregate {
  readonly rows: Readonly<Record<RowKind, LatencyRows>>;
  /** What is shown moved since this was last set to false. */
  moved = false;
  readonly #finder: ClientFinder;

  constructor({ finder, limits = LATENCY_LIMITS }: LatencyAggregateOptions) {
    this.#finder = finder;
    this.rows = {
      ipv4: new LatencyRows(limits.prefixes),
      ipv6: new LatencyRows(limits.prefixes),
      systems: new LatencyRows(limits.systems),
      countries: new LatencyRows(limits.countries),
    };
  }

  /** False: its prefix is shorter than those of the rows, so it is of no one row. `nowMs`: monotonic. */
  take({ client, target, ms, samples }: MeasuredRoundTrip, nowMs: number): boolean {
    if (client.sourceLength < PREFIX_BITS[client.family]) return false;
    const kind = client.family === 4 ? 'ipv4' : 'ipv6';
    const key = prefixKey(client.octets);
    const estimate = this.rows[kind].estimateOf(key, target, nowMs);
    if (noteRoundTrip(estimate, { ms, samples }, nowMs, ENOUGH_OF_PREFIX)) this.moved = true;
    if (estimate.proven) this.rows[kind].promote(key);
    if (nowMs - estimate.toldAtMs < HALF_LIFE_MS) return true;
    estimate.toldAtMs = nowMs;
    const { country } = this.#finder.place(client.octets);
    this.#tell('countries', countryKey(country), target, estimate, nowMs);
    const asn = this.#finder.system?.(client.octets).asn ?? 0;
    this.#tell('systems', asn, target, estimate, nowMs);
    return true;
  }

  forget(nowMs: number, isKnown: (target: string) => boolean): void {
    for (const kind of ROW_KINDS) if (this.rows[kind].forget(nowMs, isKnown)) this.moved = true;
  }

  /** Goes on from a table that another controller, or this one before it was started anew, wrote `ageMs` ago. */
  adopt(stored: StoredLatencies, ageMs: number, nowMs: number): void {
    let at = 0;
    for (const kind of ROW_KINDS) {
      const enough = kind === 'ipv4' || kind === 'ipv6' ? ENOUGH_OF_PREFIX : ENOUGH_OF_MANY;
      for (const key of stored[kind]) {
        for (const target of stored.targets) {
          const tenths = stored.tenths[at]!;
          at += 1;
          if (tenths === 0) continue;
          const estimate = this.rows[kind].estimateOf(key, target, nowMs);
          adoptShown(estimate, tenths / 10, enough, nowMs - Math.max(0, ageMs));
          if (estimate.proven) this.rows[kind].promote(key);
        }
      }
    }
    this.moved = true;
  }

  #tell(
    kind: 'systems' | 'countries',
    key: number,
    target: string,
    of: Parameters<typeof roundTripMs>[0],
    nowMs: number,
  ): void {
    if (key === 0) return;
    const estimate = this.rows[kind].estimateOf(key, target, nowMs);
    if (noteRoundTrip(estimate, { ms: roundTripMs(of), samples: 1 }, nowMs, ENOUGH_OF_MANY))
      this.moved = true;
    if (estimate.proven) this.rows[kind].promote(key);
  }
}
