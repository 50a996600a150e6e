/**
 * Tables of clients over the bundled database, network by network as maxmind's own reader tells them: at the first, the
 * last and the middle address of each a table says what the plain interpreter of rules says. All networks in a full run.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { type Place, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import type { Point, SteeredRecordSet } from '@signpost/contracts/record-set';
import { defaultDatabasePath } from '@signpost/geo/default-database';
import { openGeoDatabase } from '@signpost/geo/mmdb-file';
import { placeRecords } from '@signpost/geo/read-place';
import { createChance, seedOf } from '@signpost/policy/chance';
import type { ClientView } from '@signpost/policy/match-client';
import { selectPlainly } from '@signpost/policy/reference/select-plainly';
import { createSelection, prepareSteering, selectAnswer } from '@signpost/policy/select-answer';
import { seededDraw } from '@signpost/testkit/seeded-draw';
import { isFullRun, showProgress } from '@signpost/testkit/test-scale';
import { Reader, type Response } from 'maxmind';

import { builtTable } from '../testing/built-table.ts';
import { group, steeredSet } from '../testing/sample-zone.ts';

const OWNER = 'www.example.net';
const BITS = { 4: 32n, 6: 128n } as const;

const file = await readFile(defaultDatabasePath());
const reader = new Reader<Response>(file);
const geo = openGeoDatabase(file, defaultDatabasePath());

const leaves = Array.from({ length: 6 }, (_, index) => group('A', [`192.0.2.${index}`], { pick: 'ordered' }));
const branches = leaves.map((_, index) => ({ group: index }));
const cities: readonly Point[] = [
  [51.5, -0.1],
  [40.7, -74],
  [1.3, 103.8],
];
const nearest = {
  nearest: cities.map((point, branch) => ({ branch, at: [point], stretch: 1 + branch / 10 })),
};
const continents = [
  { when: [{ geos: ['EU', 'AF'] }], branch: 0 },
  { when: [{ geos: ['NA', 'SA'] }], branch: 1 },
  { branch: 2 },
];
const SETS: Readonly<Record<string, SteeredRecordSet>> = {
  continents: steeredSet(leaves, { rules: continents }),
  'countries and all but some, behind subnets': steeredSet(leaves, {
    rules: [
      { when: [{ subnets: ['81.2.69.0/25', '8.0.0.0/9', '2a00:1450::/29', '2001:db8::/127'] }], branch: 3 },
      { when: [{ geos: ['EU', 'AS-TR'], butNotIn: ['EU-GB', 'EU-FR'] }], branch: 0 },
      { when: [{ geos: ['NA-US'] }, { subnets: ['0.0.0.0/2', '2600::/13'] }], branch: 1 },
      { branch: 2 },
    ],
  }),
  'views of two vantages': steeredSet(leaves, {
    rules: continents,
    views: [
      {
        vantage: 'eu',
        near: ['EU', 'AF-EG'],
        rules: [{ when: [{ geos: ['EU-DE'] }], branch: 4 }, { branch: 5 }],
      },
      {
        vantage: 'us',
        near: ['NA-US'],
        rules: [{ when: [{ subnets: ['4.0.0.0/7'] }], branch: 3 }, { branch: 0 }],
      },
    ],
  }),
  'the nearest': steeredSet(leaves, {
    branches: [...branches, nearest],
    rules: [{ when: [{ geos: ['OC'] }], branch: 5 }, { branch: branches.length }],
  }),
};

const compared = Object.entries(SETS).map(([name, set]) => {
  const table = builtTable(set, { places: geo.networks(), systems: undefined });
  return {
    name,
    set,
    steering: prepareSteering(set, undefined, { table }),
    chance: createChance(seedOf(set, OWNER)),
  };
});
const selection = createSelection();

function octetsOf(family: 4 | 6, address: bigint): Uint8Array {
  const length = family === 4 ? 4 : 16;
  return Uint8Array.from({ length }, (_, i) => Number((address >> BigInt(8 * (length - 1 - i))) & 0xffn));
}

function textOf(octets: Uint8Array): string {
  if (octets.length === 4) return octets.join('.');
  return Buffer.from(octets)
    .toString('hex')
    .replaceAll(/(.{4})(?=.)/g, '$1:');
}

function clientAt(family: 4 | 6, address: bigint, place: Place): ClientView {
  const octets = new Uint8Array(16);
  octets.set(octetsOf(family, address));
  const sourceLength = Number(BITS[family]);
  return { family, address: octets, sourceLength, place: () => place, system: () => UNKNOWN_SYSTEM };
}

/** Compares at the network that holds the address; the first address behind it comes back. */
function compareNetwork(family: 4 | 6, address: bigint): bigint {
  const [record, length] = reader.getWithPrefixLength(textOf(octetsOf(family, address)));
  const place = placeRecords.read(record, length);
  const size = 1n << (BITS[family] - BigInt(length));
  const first = address - (address % size);
  for (const point of [first, first + size / 2n, first + size - 1n]) {
    const client = clientAt(family, point, place);
    for (const { name, set, steering, chance } of compared) {
      selectAnswer(steering, client, chance, selection);
      const plain = selectPlainly(set, OWNER, client, { draws: [0], turn: 0 });
      const same = plain.find((own) => own.group === selection.group);
      if (same === undefined || selection.scope > same.scope) {
        assert.fail(
          `${name} at ${textOf(octetsOf(family, point))}: ${selection.group} /${selection.scope}, plainly ${JSON.stringify(plain)}`,
        );
      }
    }
  }
  return first + size;
}

/** Addresses that networks are compared from, each so many in a row. */
function starts(family: 4 | 6): readonly bigint[] {
  // Before that are the addresses that stand for IPv4, of which no table says anything.
  if (isFullRun()) return [family === 4 ? 0n : 1n << 64n];
  const draw = seededDraw(family);
  const bits = () => BigInt(Math.floor(draw() * 2 ** 32));
  if (family === 4) return Array.from({ length: 60 }, bits);
  const tops = [0x2001n, 0x2400n, 0x2600n, 0x2800n, 0x2a00n, 0x2a02n, 0x2a0en, 0x2c0fn];
  return Array.from({ length: 60 }, (_, i) => (tops[i % tops.length]! << 112n) | (bits() << 80n));
}

for (const family of [4, 6] as const) {
  test(`over IPv${family}`, () => {
    const end = 1n << BITS[family];
    const inARow = isFullRun() ? Number.POSITIVE_INFINITY : 30;
    const show = showProgress(`IPv${family}, thousandths of the address space`, 1_000);
    let networks = 0;
    for (const start of starts(family)) {
      for (let address = start, i = 0; address < end && i < inARow; i += 1, networks += 1) {
        address = compareNetwork(family, address);
        if (networks % 1_000 === 0) show(Number((address * 1_000n) / end), `${networks} networks`);
      }
    }
    assert.ok(networks >= (isFullRun() ? 100_000 : 1_500), `${networks} networks`);
  });
}
