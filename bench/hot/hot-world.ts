/** What the hot bench asks: a zone of 10,000 names for each kind of answer, and a context as the defaults make it. */
import { readFileSync } from 'node:fs';

import { AnswerSampler } from '@signpost/authority/count/answer-sampler';
import { ImageSnapshot } from '@signpost/authority/image/read-image';
import { RateLimiter } from '@signpost/authority/limit/rate-limiter';
import { rateTableMemory } from '@signpost/authority/limit/rate-table';
import type { QueryContext } from '@signpost/authority/serve/query-context';
import { uniformDraws } from '@signpost/authority/serve/uniform-draws';
import { builtTable } from '@signpost/authority/testing/built-table';
import { contextFor, group, imageOf, steeredSet, zoneOf } from '@signpost/authority/testing/sample-zone';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import { ServerCookies } from '@signpost/dns/server-cookie';
import { defaultDatabasePath } from '@signpost/geo/default-database';
import { type GeoDatabase, openGeoDatabase } from '@signpost/geo/mmdb-file';
import { decidingKey } from '@signpost/policy/client-rules';
import { NOT_FLATTENED } from '@signpost/policy/client-table';

export const APEX = 'hot.example';
/** Names of each kind: `geo-00000` and so on. */
export const NAMES = 10_000;
const DIGITS = 5;

const EUROPE = { when: [{ geos: ['EU'] }], branch: 0 };
const AMERICA = { when: [{ geos: ['NA'] }], branch: 1 };
const ASIA = { when: [{ geos: ['AS'] }], branch: 2 };
const CONTINENTS = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'].map(single);

/** Rules of `geo` are flattened into a table, as an authority does after a while; those of `place` are walked. */
const STEERED: Readonly<Record<string, SteeredRecordSet>> = {
  geo: steeredSet(CONTINENTS, { rules: [EUROPE, AMERICA, ASIA, { branch: 3 }] }),
  place: steeredSet(CONTINENTS, { rules: [ASIA, AMERICA, EUROPE, { branch: 3 }] }),
  weighted: steeredSet([group('A', ['192.0.2.1', '192.0.2.2', '192.0.2.3'])]),
  nearest: steeredSet(['192.0.2.1', '192.0.2.2'].map(single), {
    branches: [
      { group: 0 },
      { group: 1 },
      {
        nearest: [
          { branch: 0, at: [[40.7, -74]], stretch: 1 },
          { branch: 1, at: [[52.5, 13.4]], stretch: 1 },
        ],
      },
    ],
    rules: [{ branch: 2 }],
  }),
  affinity: steeredSet([
    group('A', ['192.0.2.1', '192.0.2.2', '192.0.2.3'], { pick: 'affinity', bits: { v4: 24, v6: 56 } }),
  ]),
};

function single(address: string): SteeredRecordSet['groups'][number] {
  return group('A', [address], { pick: 'ordered' });
}

export function nameOf(kind: string, number: number): string {
  return `${kind}-${String(number).padStart(DIGITS, '0')}`;
}

/** Made once: a heap full of copies would make each collection slow. */
export interface HotWorld {
  readonly snapshot: ImageSnapshot;
  readonly places: GeoDatabase;
}

export function hotWorld(): HotWorld {
  const numbers = Array.from({ length: NAMES }, (_, i) => i);
  const lines = numbers.flatMap((i) => [
    `${nameOf('static', i)} A 192.0.2.1`,
    `${nameOf('alias', i)} CNAME ${nameOf('static', i)}.${APEX}.`,
    `${nameOf('sub', i)} NS ns.${nameOf('sub', i)}.${APEX}.`,
  ]);
  const steered = Object.entries(STEERED).flatMap(([kind, set]) =>
    numbers.map((i) => [`${nameOf(kind, i)}.${APEX}|A`, set] as const),
  );
  const apex = [`@ NS ns.${APEX}.`, 'ns A 192.0.2.53'];
  const zone = zoneOf(APEX, [...apex, ...lines].join('\n'), Object.fromEntries(steered));
  const path = defaultDatabasePath();
  const places = openGeoDatabase(readFileSync(path), path);
  const flattened = {
    table: builtTable(STEERED['geo']!, { places: places.networks(), systems: undefined }),
  };
  const key = decidingKey(STEERED['geo']!);
  const snapshot = new ImageSnapshot(imageOf(zone).memory, undefined, (part) =>
    decidingKey(part) === key ? flattened : NOT_FLATTENED,
  );
  return { snapshot, places };
}

/** Cookies and samples as the defaults have them; the rate limit, which they have not, where it is asked for. */
export function hotContext({ snapshot, places }: HotWorld, isLimited = false): QueryContext {
  const context = contextFor(snapshot, uniformDraws(Int32Array.of(1, 2, 3, 4)));
  context.client.places = places;
  context.cookies = new ServerCookies([Buffer.alloc(16, 3)]);
  context.sampler = new AnswerSampler(100, 1);
  if (isLimited) context.limiter = generousLimiter();
  return context;
}

/** So high that nothing is ever withheld. */
export function generousLimiter(): RateLimiter {
  const limits = { perSecond: 100_000, windowMs: 15_000, slip: 2, exempt: [] };
  return new RateLimiter(rateTableMemory(2 ** 18), new Uint8Array(8), limits, () => 0);
}
