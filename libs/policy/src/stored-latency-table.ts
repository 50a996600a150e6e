/**
 * The table of round trips as selection asks it, over the typed arrays of `StoredLatencies`: a binary search among the
 * prefixes of the client's family, then among systems, then among countries. Hot path: allocates nothing, never throws.
 *
 *      client ──/24 or /48──> row? ──autonomous system──> row? ──country──> row? ──> -1
 *
 * `bits` counts every step that was taken. A prefix row takes its whole length; to know that a client has none takes
 * the bits it shares with the nearest rows and one more, so that clients in an empty part of the address space share
 * an answer. It must not know where the table came from.
 */
import {
  countryKey,
  countryOfKey,
  NOT_MEASURED,
  PREFIX_BITS,
  rowCount,
  type StoredLatencies,
} from '@signpost/contracts/stored-latencies';
import { formatAddress } from '@signpost/dns/address';

import type { LatencyTable } from './latency-table.ts';
import type { ClientView } from './match-client.ts';

const NO_COLUMN = -1;

export class StoredLatencyTable implements LatencyTable {
  bits = 0;
  readonly #stored: StoredLatencies;
  readonly #tenths: Uint16Array;
  /** Targets to a row. */
  readonly #width: number;
  /** Column by slot; `NO_COLUMN`: the target is not in the table. */
  readonly #columns: Int32Array;
  readonly #firstIpv6: number;
  readonly #firstSystem: number;
  readonly #firstCountry: number;

  /** `slotOf`: as for `prepareSteering`; slot 0 stands for no target. */
  constructor(stored: StoredLatencies, slotOf: (target: string) => number) {
    this.#stored = stored;
    this.#tenths = stored.tenths;
    this.#width = stored.targets.length;
    const slots = stored.targets.map(slotOf);
    this.#columns = new Int32Array(Math.max(0, ...slots) + 1).fill(NO_COLUMN);
    for (const [column, slot] of slots.entries()) if (slot > 0) this.#columns[slot] = column;
    this.#firstIpv6 = stored.ipv4.length;
    this.#firstSystem = this.#firstIpv6 + stored.ipv6.length;
    this.#firstCountry = this.#firstSystem + stored.systems.length;
  }

  find(client: ClientView): number {
    this.bits = 0;
    const { systems, countries } = this.#stored;
    const byPrefix = client.family === 4 ? this.#findIpv4(client) : this.#findIpv6(client);
    if (byPrefix >= 0) return byPrefix;
    if (systems.length > 0) {
      const { asn, prefixLength } = client.system();
      if (prefixLength > this.bits) this.bits = prefixLength;
      const at = placeOf(systems, asn);
      if (systems[at] === asn) return this.#firstSystem + at;
    }
    if (countries.length === 0) return -1;
    const { country, prefixLength } = client.place();
    if (prefixLength > this.bits) this.bits = prefixLength;
    const key = countryKey(country);
    const at = placeOf(countries, key);
    return countries[at] === key ? this.#firstCountry + at : -1;
  }

  at(row: number, slot: number): number {
    const column = this.#columns[slot] ?? NO_COLUMN;
    if (row < 0 || column === NO_COLUMN) return Number.NaN;
    const tenths = this.#tenths[row * this.#width + column] ?? NOT_MEASURED;
    return tenths === NOT_MEASURED ? Number.NaN : tenths / 10;
  }

  /** For people: `203.0.113.0/24`, `AS64500`, `DE`; undefined when there is no such row. */
  nameOf(row: number): string | undefined {
    const { ipv4, ipv6, systems, countries } = this.#stored;
    if (row < 0 || row >= rowCount(this.#stored)) return undefined;
    if (row < this.#firstIpv6) return prefixText(ipv4[row]!, 4);
    if (row < this.#firstSystem) return prefixText(ipv6[row - this.#firstIpv6]!, 6);
    if (row < this.#firstCountry) return `AS${systems[row - this.#firstSystem]!}`;
    return countryOfKey(countries[row - this.#firstCountry]!);
  }

  #findIpv4({ address, sourceLength }: ClientView): number {
    const { ipv4 } = this.#stored;
    if (ipv4.length === 0) return -1;
    const known = Math.min(sourceLength, PREFIX_BITS[4]);
    const key = (address[0]! * 65_536 + address[1]! * 256 + address[2]!) & ~(0xff_ffff >>> known);
    const at = placeOf(ipv4, key);
    if (known === PREFIX_BITS[4] && ipv4[at] === key) {
      this.bits = PREFIX_BITS[4];
      return at;
    }
    const below = at > 0 ? common24(key, ipv4[at - 1]!) : 0;
    const above = at < ipv4.length ? common24(key, ipv4[at]!) : 0;
    this.bits = Math.min(known, Math.max(below, above)) + 1;
    return -1;
  }

  #findIpv6({ address, sourceLength }: ClientView): number {
    const { ipv6 } = this.#stored;
    if (ipv6.length === 0) return -1;
    const known = Math.min(sourceLength, PREFIX_BITS[6]);
    const high =
      (address[0]! * 65_536 + address[1]! * 256 + address[2]!) & ~(0xff_ffff >>> Math.min(known, 24));
    const low =
      (address[3]! * 65_536 + address[4]! * 256 + address[5]!) & ~(0xff_ffff >>> Math.max(0, known - 24));
    const key = high * 2 ** 24 + low;
    const at = placeOf(ipv6, key);
    if (known === PREFIX_BITS[6] && ipv6[at] === key) {
      this.bits = PREFIX_BITS[6];
      return this.#firstIpv6 + at;
    }
    const below = at > 0 ? common48(high, low, ipv6[at - 1]!) : 0;
    const above = at < ipv6.length ? common48(high, low, ipv6[at]!) : 0;
    this.bits = Math.min(known, Math.max(below, above)) + 1;
    return -1;
  }
}

/** The first of the ascending values that is not below `key`. */
function placeOf(values: Uint32Array | Float64Array, key: number): number {
  let from = 0;
  let to = values.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (values[middle]! < key) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Leading bits that two numbers of 24 bits share. */
function common24(a: number, b: number): number {
  return Math.clz32(a ^ b) - 8;
}

/** The same for 48 bits, of which one comes in halves. */
function common48(high: number, low: number, other: number): number {
  const otherHigh = Math.floor(other / 2 ** 24);
  const common = common24(high, otherHigh);
  return common < 24 ? common : 24 + common24(low, other - otherHigh * 2 ** 24);
}

function prefixText(key: number, family: 4 | 6): string {
  const octets = new Uint8Array(family === 4 ? 4 : 16);
  for (let i = PREFIX_BITS[family] / 8 - 1, rest = key; i >= 0; i -= 1, rest = Math.floor(rest / 256)) {
    octets[i] = rest % 256;
  }
  return `${formatAddress(octets)}/${PREFIX_BITS[family]}`;
}
