/**
 * What every server is configured to answer and asked for: two zones of 10,000 names each, answered by the client's
 * continent, in one of them with one address, in the other with one of three by weight. Pure.
 */
import { addressText } from '@signpost/geo/address-text';
import type { SeededDraw } from '@signpost/testkit/seeded-draw';

import type { CountryPrefix } from './country-prefixes.ts';

export const REGIONS = ['EU', 'NA', 'AS', 'rest'] as const;
export type Region = (typeof REGIONS)[number];

export const KINDS = ['plain', 'weighted'] as const;
/** `plain`: one address for a region. `weighted`: one of three. */
export type Kind = (typeof KINDS)[number];

export const WEIGHTS = [3, 2, 1] as const;
export const NAMES = 10_000;
export const TTL = 60;
const CLIENTS = 50_000;
/** One client of so many is an IPv6 network. */
const IPV6_EVERY = 10;

export interface Client {
  /** `81.2.69.0/24` or a /48. */
  readonly subnet: string;
  readonly region: Region;
}

export const apexOf = (kind: Kind): string => `${kind}.bench.example`;

export const ownerOf = (number: number): string => `name-${number}`;

/** What answers for a region, as many as there are weights. */
export function addressesOf(region: Region): readonly string[] {
  const first = 10 * (REGIONS.indexOf(region) + 1);
  return WEIGHTS.map((_, i) => `192.0.2.${first + i}`);
}

export function regionOf(continent: string): Region {
  return REGIONS.find((region) => region === continent) ?? 'rest';
}

/** Networks of clients, each within one real network, all of which are equally likely. */
export function drawClients(prefixes: readonly CountryPrefix[], draw: SeededDraw): readonly Client[] {
  const ofIpv4 = prefixes.filter(({ octets, length }) => octets.length === 4 && length <= 24);
  const ofIpv6 = prefixes.filter(({ octets, length }) => octets.length === 16 && length <= 48);
  return Array.from({ length: CLIENTS }, (_, i) => {
    const [from, bits] = i % IPV6_EVERY === 0 ? [ofIpv6, 48] : [ofIpv4, 24];
    const prefix = from[Math.floor(draw() * from.length)]!;
    return { subnet: `${subnetOf(prefix, bits, draw)}/${bits}`, region: regionOf(prefix.continent) };
  });
}

function subnetOf({ octets, length }: CountryPrefix, bits: number, draw: SeededDraw): string {
  const address = Uint8Array.from(octets);
  for (let bit = length; bit < bits; bit += 1) {
    if (draw() < 0.5) address[bit >> 3]! |= 0x80 >> (bit & 7);
  }
  return addressText(address);
}
