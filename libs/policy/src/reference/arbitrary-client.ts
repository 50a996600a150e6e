/**
 * Random clients for property tests, with their places, systems and measured round trips. Small worlds on purpose: few
 * prefixes, places and numbers, so that matches, ties and gaps are common. What is known of a client depends on its
 * address alone, by as many bits as it says.
 */
import { type ClientSystem, nowhere, type Place } from '@signpost/contracts/place';
import type { Point } from '@signpost/contracts/record-set';
import * as fc from 'fast-check';

import type { LatencyTable } from '../latency-table.ts';
import type { ClientView } from '../match-client.ts';

export const SUBNETS = [
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.128.0/17',
  '10.1.2.0/24',
  '10.1.2.128/25',
  '192.0.2.1/32',
  '2001:db8::/32',
  '2001:db8:100::/40',
  '2001:db8:100::/57',
  '2001:db8::1/128',
];
export const GEOS = ['EU', 'NA', 'NA-US', 'NA-US-CA', 'AS-TR', 'EU-GB'];
export const ASNS = [64_496, 64_497, 64_511];
const OCTETS = [0, 1, 2, 10, 127, 128, 129, 192, 255];

const LONDON = { latitude: 51.5, longitude: -0.1 };
const PLACES: readonly Place[] = [
  { continent: 'EU', country: 'GB', subdivision: 'ENG', prefixLength: 9, location: LONDON },
  { continent: 'NA', country: 'US', subdivision: 'CA', prefixLength: 17 },
  {
    continent: 'NA',
    country: 'US',
    subdivision: '',
    prefixLength: 9,
    location: { latitude: 40.7, longitude: -74 },
  },
  {
    continent: 'AS',
    country: 'TR',
    subdivision: '',
    prefixLength: 26,
    location: { latitude: 41, longitude: 29 },
  },
  nowhere(17),
];

const SYSTEMS: readonly ClientSystem[] = [
  { asn: ASNS[0]!, prefixLength: 10 },
  { asn: ASNS[1]!, prefixLength: 21 },
  { asn: 0, prefixLength: 10 },
  { asn: 0, prefixLength: 21 },
];

/** Of clients and targets; London is one of them. */
export const POINTS: readonly Point[] = [
  [51.5, -0.1],
  [50.1, 8.7],
  [40.7, -74],
  [37.8, -122.4],
  [1.3, 103.8],
  [-33.9, 151.2],
];

function placeOf(address: Uint8Array): Place {
  if (address[1]! < 128) return address[0]! < 64 ? PLACES[0]! : PLACES[2]!;
  if (address[2]! < 128) return address[0]! < 64 ? PLACES[1]! : PLACES[4]!;
  return PLACES[3]!;
}

function systemOf(address: Uint8Array): ClientSystem {
  if (address[1]! < 64) return SYSTEMS[address[0]! < 128 ? 0 : 2]!;
  return SYSTEMS[address[2]! < 8 ? 1 : 3]!;
}

/** Octets behind `sourceLength` are set to 0. */
export function clientOf(family: 4 | 6, octets: Uint8Array, sourceLength: number): ClientView {
  const address = new Uint8Array(16);
  address.set(octets.subarray(0, family === 4 ? 4 : 16));
  for (let bit = sourceLength; bit < 128; bit += 1) address[bit >>> 3]! &= ~(0x80 >>> (bit & 7));
  return {
    family,
    address,
    sourceLength,
    place: () => placeOf(address),
    system: () => systemOf(address),
  };
}

/** Any octets with common beginnings, and any source length. */
export const arbitraryClient: fc.Arbitrary<ClientView> = fc.constantFrom<4 | 6>(4, 6).chain((family) =>
  fc
    .tuple(
      fc.oneof(
        fc.constantFrom([10, 1, 2, 200], [10, 1, 128, 1], [192, 0, 2, 1], [0x20, 1, 0x0d, 0xb8, 1]),
        fc.array(fc.constantFrom(...OCTETS), { minLength: 4, maxLength: 16 }),
      ),
      fc.integer({ min: 0, max: family === 4 ? 32 : 128 }),
    )
    .map(([octets, sourceLength]) =>
      clientOf(
        family,
        Uint8Array.from({ length: 16 }, (_, i) => octets[i] ?? 0),
        sourceLength,
      ),
    ),
);

/** Round trips as a plain map. */
export interface PlainLatencies {
  /** Leading bits of an address that make a client's key. */
  readonly bits: number;
  /** Milliseconds by `KEY TARGET`, with the key of `latencyKey`. */
  readonly ms: ReadonlyMap<string, number>;
}

const KEYS = ['k0', 'k1', 'k2'];

export function latencyKey(client: ClientView, bits: number): string {
  let sum = 0;
  for (let bit = 0; bit < bits; bit += 1) sum += (client.address[bit >>> 3]! >> (7 - (bit & 7))) & 1;
  return KEYS[sum % KEYS.length]!;
}

/** Of so many targets; many are not measured, and of one key nothing is. */
export const arbitraryLatencies = (targets: readonly string[]): fc.Arbitrary<PlainLatencies> =>
  fc
    .record({
      bits: fc.constantFrom(8, 20, 24),
      trips: fc.dictionary(
        fc
          .tuple(fc.constantFrom('k0', 'k1'), fc.constantFrom(...targets))
          .map(([key, target]) => `${key} ${target}`),
        fc.integer({ min: 0, max: 60 }),
        { noNullPrototype: true },
      ),
    })
    .map(({ bits, trips }) => ({ bits, ms: new Map(Object.entries(trips)) }));

/** The same as selection asks for them. */
export function latencyTable(
  { bits, ms }: PlainLatencies,
  targets: readonly string[],
): { readonly latencies: LatencyTable; readonly slotOf: (target: string) => number } {
  const latencies: LatencyTable = {
    bits,
    find(client) {
      const key = latencyKey(client, bits);
      return [...ms.keys()].some((entry) => entry.startsWith(`${key} `)) ? KEYS.indexOf(key) : -1;
    },
    at: (row, slot) => ms.get(`${KEYS[row]} ${targets[slot]}`) ?? Number.NaN,
  };
  return { latencies, slotOf: (target) => targets.indexOf(target) };
}
