/** What the hot bench asks: a zone of 1,000 names for each kind of answer, and packets from clients all over IPv4. */
import { readFileSync } from 'node:fs';

import { contextFor, group, snapshotOf, steeredSet, zoneOf } from '@signpost/authority/testing/sample-zone';
import type { Snapshot } from '@signpost/authority/replica/zone';
import type { QueryContext } from '@signpost/authority/serve/query-context';
import { uniformDraws } from '@signpost/authority/serve/uniform-draws';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import { ServerCookies } from '@signpost/dns/server-cookie';
import { defaultDatabasePath } from '@signpost/geo/default-database';
import { type GeoDatabase, openGeoDatabase } from '@signpost/geo/mmdb-file';
import { encodeQuery } from '@signpost/testkit/dns-client';
import type { SeededDraw } from '@signpost/testkit/seeded-draw';

export const APEX = 'hot.example';
/** Names of each kind, and packets that are asked in turn: a power of two. */
export const NAMES = 1_000;
export const PACKETS = 1_024;

const STEERED: Readonly<Record<string, SteeredRecordSet>> = {
  geo: steeredSet(['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'].map(single), {
    rules: [
      { when: [{ geos: ['EU'] }], branch: 0 },
      { when: [{ geos: ['NA'] }], branch: 1 },
      { when: [{ geos: ['AS'] }], branch: 2 },
      { branch: 3 },
    ],
  }),
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

/** Made once: a heap full of copies would make each collection slow. */
export interface HotWorld {
  readonly snapshot: Snapshot;
  readonly places: GeoDatabase;
}

export function hotWorld(): HotWorld {
  const names = Array.from({ length: NAMES }, (_, i) => i);
  const lines = names.flatMap((i) => [
    `static-${i} A 192.0.2.1`,
    `alias-${i} CNAME static-${i}.${APEX}.`,
    `sub-${i} NS ns.sub-${i}.${APEX}.`,
  ]);
  const steered = Object.entries(STEERED).flatMap(([kind, set]) =>
    names.map((i) => [`${kind}-${i}.${APEX}|A`, set] as const),
  );
  const apex = [`@ NS ns.${APEX}.`, 'ns A 192.0.2.53'];
  const zone = zoneOf(APEX, [...apex, ...lines].join('\n'), Object.fromEntries(steered));
  const database = defaultDatabasePath();
  return { snapshot: snapshotOf(zone), places: openGeoDatabase(readFileSync(database), database) };
}

export function hotContext({ snapshot, places }: HotWorld): QueryContext {
  const context = contextFor(snapshot, uniformDraws(Int32Array.of(1, 2, 3, 4)));
  context.client.places = places;
  context.cookies = new ServerCookies([Buffer.alloc(16, 3)]);
  return context;
}

export interface Asked {
  /** Of the names: `static`, `geo`. */
  readonly prefix: string;
  readonly edns?: boolean;
  readonly subnet?: boolean;
  readonly cookie?: boolean;
}

export function packets({ prefix, edns = true, subnet, cookie }: Asked, draw: SeededDraw): Buffer[] {
  return Array.from({ length: PACKETS }, (_, id) => {
    const name = `${prefix}-${Math.floor(draw() * NAMES)}.${APEX}`;
    const options = cookie === true ? { options: [{ code: 10, data: Buffer.alloc(8, id) }] } : edns;
    const from =
      subnet === true
        ? { subnet: `${[1 + draw() * 222, draw() * 256, draw() * 256].map(Math.floor).join('.')}.0/24` }
        : {};
    return encodeQuery({ id, name, type: 'A', edns: options, recursionDesired: false, ...from });
  });
}
