/**
 * The table of round trips as it stands in the store, `{signpost}:latency`, and as its readers hold it: typed arrays
 * over its octets, so that all workers of a process read one copy. Keys of each kind ascend; rows follow one another in
 * the order IPv4 prefixes, IPv6 prefixes, autonomous systems, countries.
 *
 *      0  Float64  when it was written, wall clock in ms: differs between any two tables
 *      8  Uint32   magic "SPLT"            12  Uint32  format, 1
 *     16  Uint32 x 4  rows of each kind    32  Uint32  targets      36  Uint32  octets of their names
 *     40  Float64 per IPv6 row: its first 48 bits
 *         Uint32 per IPv4 row (first 24 bits), per system (its number), per country (its two letters)
 *         Uint16 per row and target: tenths of a millisecond, 0 when not measured, 65535 for that or more
 *         names of the targets, one a line
 *
 * Numbers are little-endian, the only order Node's platforms of today have; another is refused by the magic. It must not
 * know how round trips are measured, nor who looks them up.
 */
import type { Decoded } from './decode.ts';
import { NAME_PATTERN } from './name-pattern.ts';

/** Octets that tell whether a table is another one than that which a reader has. */
export const LATENCY_HEAD_LENGTH = 16;

/** Bits of a row's prefix. */
export const PREFIX_BITS = { 4: 24, 6: 48 } as const;

export interface StoredLatencies {
  /** Wall clock of the writer. */
  readonly atMs: number;
  /** Columns. */
  readonly targets: readonly string[];
  /** First 24 bits. */
  readonly ipv4: Uint32Array;
  /** First 48 bits. */
  readonly ipv6: Float64Array;
  readonly systems: Uint32Array;
  /** As `countryKey` makes them. */
  readonly countries: Uint32Array;
  /** Row by row. */
  readonly tenths: Uint16Array;
}

const MAGIC = 0x544c_5053; // "SPLT"
const FORMAT = 1;
const HEADER_LENGTH = 40;
/** What is not measured. */
export const NOT_MEASURED = 0;
const MOST_TENTHS = 65_535;

export function rowCount({ ipv4, ipv6, systems, countries }: StoredLatencies): number {
  return ipv4.length + ipv6.length + systems.length + countries.length;
}

/** A duration as the table holds it; never `NOT_MEASURED`. */
export function tenthsOf(ms: number): number {
  return Math.max(1, Math.min(MOST_TENTHS, Math.round(ms * 10)));
}

/** A number for an ISO 3166-1 code of two letters; 0 for anything else. Allocates nothing. */
export function countryKey(country: string): number {
  return country.length === 2 ? country.charCodeAt(0) * 256 + country.charCodeAt(1) : 0;
}

export function countryOfKey(key: number): string {
  return String.fromCharCode(key >>> 8, key & 0xff);
}

export function encodeLatencies(latencies: StoredLatencies): Uint8Array {
  const { atMs, targets, ipv4, ipv6, systems, countries, tenths } = latencies;
  const names = new TextEncoder().encode(targets.join('\n'));
  const layout = layoutOf(ipv4.length, ipv6.length, systems.length, countries.length, targets.length);
  const octets = new Uint8Array(layout.names + names.length);
  const { buffer } = octets;
  new Float64Array(buffer, 0, 1)[0] = atMs;
  new Uint32Array(buffer, 8, 8).set([
    MAGIC,
    FORMAT,
    ipv4.length,
    ipv6.length,
    systems.length,
    countries.length,
    targets.length,
    names.length,
  ]);
  new Float64Array(buffer, HEADER_LENGTH, ipv6.length).set(ipv6);
  new Uint32Array(buffer, layout.ipv4, ipv4.length).set(ipv4);
  new Uint32Array(buffer, layout.systems, systems.length).set(systems);
  new Uint32Array(buffer, layout.countries, countries.length).set(countries);
  new Uint16Array(buffer, layout.tenths, tenths.length).set(tenths);
  octets.set(names, layout.names);
  return octets;
}

/** Views onto `octets`, which must begin at a multiple of 8 of their buffer and must not change any more. */
export function decodeLatencies(octets: Uint8Array): Decoded<StoredLatencies> {
  const refused = (reason: string): Decoded<StoredLatencies> => ({ ok: false, reason });
  const { buffer, byteOffset: start } = octets;
  if (octets.length < HEADER_LENGTH) return refused(`${octets.length} octets are too few`);
  const [magic, format, v4 = 0, v6 = 0, systemCount = 0, countryCount = 0, targetCount = 0, namesLength = 0] =
    new Uint32Array(buffer, start + 8, 8);
  if (magic !== MAGIC) return refused('no table of round trips, or one of another byte order');
  if (format !== FORMAT) return refused(`format ${format} is not known, only ${FORMAT} is`);
  const layout = layoutOf(v4, v6, systemCount, countryCount, targetCount);
  if (octets.length !== layout.names + namesLength) return refused('its length is not what its head says');
  const targets = decodeNames(octets.subarray(layout.names));
  if (targets.length !== targetCount) return refused('its targets are not as many as its head says');
  const latencies: StoredLatencies = {
    atMs: new Float64Array(buffer, start, 1)[0]!,
    targets,
    ipv6: new Float64Array(buffer, start + HEADER_LENGTH, v6),
    ipv4: new Uint32Array(buffer, start + layout.ipv4, v4),
    systems: new Uint32Array(buffer, start + layout.systems, systemCount),
    countries: new Uint32Array(buffer, start + layout.countries, countryCount),
    tenths: new Uint16Array(
      buffer,
      start + layout.tenths,
      (v4 + v6 + systemCount + countryCount) * targetCount,
    ),
  };
  const problem = problemOf(latencies);
  return problem === undefined ? { ok: true, value: latencies } : refused(problem);
}

function problemOf({ atMs, targets, ...keys }: StoredLatencies): string | undefined {
  if (!Number.isFinite(atMs)) return 'it was written at no time';
  if (!targets.every((target) => NAME_PATTERN.test(target))) return 'a target has no name';
  const ascend = (values: Uint32Array | Float64Array): boolean =>
    values.every((value, i) => i === 0 || values[i - 1]! < value);
  for (const kind of ['ipv4', 'ipv6', 'systems', 'countries'] as const) {
    if (!ascend(keys[kind])) return `its ${kind} do not ascend`;
  }
  if (keys.ipv4.length > 0 && keys.ipv4.at(-1)! >= 2 ** PREFIX_BITS[4]) return 'a prefix has too many bits';
  const isPrefix = (value: number): boolean =>
    Number.isInteger(value) && value >= 0 && value < 2 ** PREFIX_BITS[6];
  return keys.ipv6.every(isPrefix) ? undefined : 'a prefix has too many bits';
}

/** A copy, since shared memory cannot be decoded in place. */
function decodeNames(octets: Uint8Array): string[] {
  if (octets.length === 0) return [];
  return new TextDecoder().decode(new Uint8Array(octets)).split('\n');
}

function layoutOf(v4: number, v6: number, systemCount: number, countryCount: number, targetCount: number) {
  const ipv4 = HEADER_LENGTH + 8 * v6;
  const systems = ipv4 + 4 * v4;
  const countries = systems + 4 * systemCount;
  const tenths = countries + 4 * countryCount;
  return {
    ipv4,
    systems,
    countries,
    tenths,
    names: tenths + 2 * (v4 + v6 + systemCount + countryCount) * targetCount,
  };
}
