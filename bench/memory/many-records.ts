/** Any number of record sets in zones of 1,000 names, as the publications that fill a store with them. Pure. */
import { type Generation, nextGeneration, NO_GENERATION } from '@signpost/contracts/brands';
import type { Publication } from '@signpost/contracts/publication';
import type { RecordSet, ZoneFacts } from '@signpost/contracts/record-set';

export const KINDS = ['static', 'steered'] as const;
/** `static`: two addresses. `steered`: one of three by weight, in Europe other ones than elsewhere. */
export type RecordKind = (typeof KINDS)[number];

const NAMES_PER_ZONE = 1_000;

export const apexOf = (zone: number): string => `zone-${zone}.memory.example`;
export const ownerOf = (name: number, zone: number): string => `name-${name}.${apexOf(zone)}`;

/** One publication for each zone; `count` is rounded up to whole zones. */
export function* publicationsOf(count: number, kind: RecordKind, nowMs: number): Generator<Publication> {
  let base: Generation = NO_GENERATION;
  for (let zone = 0; zone * NAMES_PER_ZONE < count; zone += 1) {
    const apex = apexOf(zone);
    const changes = Array.from({ length: NAMES_PER_ZONE }, (_, name) => {
      return {
        zone: apex,
        owner: ownerOf(name, zone),
        type: 'A',
        before: null,
        after: recordSet(kind, name),
      };
    });
    const generation = nextGeneration(base, nowMs);
    yield { base, generation, atMs: nowMs, why: [], changes, zones: { [apex]: facts(apex) } };
    base = generation;
  }
}

/** Two addresses of 198.18.0.0/15 that `number` tells. */
export function recordSet(kind: RecordKind, number: number): RecordSet {
  const address = (i: number) => `198.18.${(number >> 8) & 255}.${(number + i) & 255}`;
  if (kind === 'static') return { kind: 'static', ttl: 60, rdata: [address(0), address(1)] };
  const group = (pool: string) => ({
    pool,
    type: 'A' as const,
    pick: 'weighted' as const,
    select: 1,
    standing: 'healthy' as const,
    answers: [0, 1, 2].map((i) => ({ rdata: address(i), target: `${pool}-${i}`, weight: 3 - i })),
  });
  return {
    kind: 'steered',
    ttl: 60,
    policy: 'policy',
    rules: [{ when: [{ geos: ['EU'] }], branch: 0 }, { branch: 1 }],
    branches: [{ group: 0 }, { group: 1 }],
    groups: [group('eu'), group('rest')],
  };
}

function facts(apex: string): ZoneFacts {
  const times = { serial: 1, refresh: 3_600, retry: 600, expire: 1_209_600, negativeTtl: 30, ttl: 3_600 };
  return { soa: { primary: `ns1.${apex}.`, contact: `dns.${apex}.`, ...times } };
}
