/**
 * What it costs to find a client's branch, rule by rule and by the table: `npm run bench:clients`. One process, one
 * thread, the bundled database, 50,000 /24s of it as ECS would name them. Both take turns, and CPU time
 * is what counts.
 */
import { readFile } from 'node:fs/promises';

import type { Place } from '@signpost/contracts/place';
import type { Point, SteeredRecordSet, SteeringRule } from '@signpost/contracts/record-set';
import { defaultDatabasePath } from '@signpost/geo/default-database';
import { openGeoDatabase } from '@signpost/geo/mmdb-file';
import { buildClientTable } from '@signpost/policy/build-client-table';
import { createChance, seedOf } from '@signpost/policy/chance';
import type { ClientTable } from '@signpost/policy/client-table';
import type { ClientView } from '@signpost/policy/match-client';
import { tableSize } from '@signpost/policy/range-list';
import {
  createSelection,
  prepareSteering,
  selectAnswer,
  type Steering,
} from '@signpost/policy/select-answer';
import { seededDraw } from '@signpost/testkit/seeded-draw';

const CLIENTS = 50_000;
const ROUNDS = 15;
/** Of all clients in a round: the kernel counts CPU time in steps of some milliseconds. */
const PASSES = 10;
const BUILDS = 5;
const STEP = 4_096;

const geo = openGeoDatabase(await readFile(defaultDatabasePath()), defaultDatabasePath());

/** As the authority's: an address that is looked up once for each query. */
class Client implements ClientView {
  readonly family = 4;
  readonly sourceLength = 24;
  readonly address = new Uint8Array(16);
  readonly #octets = this.address.subarray(0, 4);
  #place: Place | undefined;

  look(network: number): void {
    this.#place = undefined;
    this.address[0] = network >>> 16;
    this.address[1] = network >>> 8;
    this.address[2] = network;
  }

  place(): Place {
    return (this.#place ??= geo.lookup(this.#octets));
  }

  system(): never {
    throw new Error('no rule asks');
  }
}

const client = new Client();
const selection = createSelection();
const chance = createChance(seedOf({}, 'www.example.org'));

function clientsOf(draw: () => number): Int32Array {
  const networks = new Int32Array(CLIENTS);
  for (let i = 0; i < CLIENTS;) {
    const network = Math.floor(draw() * 2 ** 24);
    client.look(network);
    if (client.place().country !== '') networks[i++] = network;
  }
  return networks;
}

const networks = clientsOf(seededDraw(7));

function select(steering: Steering): { ms: number; scope: number } {
  let scopes = 0;
  const start = cpuMs();
  for (let i = 0; i < PASSES * CLIENTS; i += 1) {
    client.look(networks[i % CLIENTS]!);
    chance.turn = i;
    selectAnswer(steering, client, chance, selection);
    scopes += selection.scope;
  }
  return { ms: cpuMs() - start, scope: scopes / PASSES / CLIENTS };
}

const ofGeos = (...geos: string[][]): SteeringRule[] => [
  ...geos.map((codes, branch) => ({ when: [{ geos: codes }], branch })),
  { branch: geos.length },
];
const CONTINENTS = ofGeos(['EU', 'AF'], ['NA', 'SA'], ['AS', 'OC']);
const COUNTRIES = ['EU-GB', 'EU-FR', 'EU-DE', 'EU-ES', 'EU-IT', 'AS-TR', 'AS-JP', 'NA-US', 'NA-CA', 'SA-BR'];
const OFFICES = Array.from({ length: 30 }, (_, i) => `${20 + 5 * i}.${i}.0.0/16`);
const CITIES: readonly Point[] = [
  [51.5, -0.1],
  [40.7, -74],
  [1.3, 103.8],
];

function setOf(more: Partial<SteeredRecordSet>): SteeredRecordSet {
  const groups: SteeredRecordSet['groups'] = Array.from({ length: 12 }, (_, index) => ({
    pool: `pool-${index}`,
    type: 'A',
    pick: 'ordered',
    select: 1,
    standing: 'healthy',
    answers: [{ rdata: `192.0.2.${index}`, target: `target-${index}`, weight: 1 }],
  }));
  const branches = groups.map((_, group) => ({ group }));
  return { kind: 'steered', ttl: 30, policy: 'p', rules: [{ branch: 0 }], branches, groups, ...more };
}

const leaves = setOf({}).branches;
const nearest = { nearest: CITIES.map((point, branch) => ({ branch, at: [point], stretch: 1 })) };
const SETS: Readonly<Record<string, SteeredRecordSet>> = {
  'three groups of continents': setOf({ rules: CONTINENTS }),
  'ten countries': setOf({ rules: ofGeos(...COUNTRIES.map((code) => [code])) }),
  'a continent but for two countries, 30 offices before': setOf({
    rules: [
      { when: [{ subnets: OFFICES }], branch: 3 },
      { when: [{ geos: ['EU'], butNotIn: ['EU-GB', 'EU-FR'] }], branch: 1 },
      { branch: 0 },
    ],
  }),
  'views of two vantages over continents': setOf({
    rules: CONTINENTS,
    views: [
      { vantage: 'eu', near: ['EU', 'AF-EG'], rules: [{ branch: 4 }] },
      { vantage: 'us', near: ['NA-US'], rules: CONTINENTS.slice(1) },
    ],
  }),
  'the nearest of three pools': setOf({ branches: [...leaves, nearest], rules: [{ branch: leaves.length }] }),
  'none: what the rest of a selection costs': setOf({}),
  '30 offices alone': setOf({ rules: [{ when: [{ subnets: OFFICES }], branch: 1 }, { branch: 0 }] }),
};

/** The longest step by the clock, of the build that was disturbed least. */
function build(set: SteeredRecordSet) {
  const start = cpuMs();
  const builds = Array.from({ length: BUILDS }, () => buildOnce(set));
  const stepMs = Math.min(...builds.map(({ longestStepMs }) => longestStepMs));
  return { table: builds[0]!.table, ms: (cpuMs() - start) / BUILDS, stepMs };
}

function buildOnce(set: SteeredRecordSet): { table: ClientTable; longestStepMs: number } {
  let longestStepMs = 0;
  const building = buildClientTable(set, { places: geo.networks(), systems: undefined }, STEP);
  for (;;) {
    const before = performance.now();
    const step = building.next();
    longestStepMs = Math.max(longestStepMs, performance.now() - before);
    if (step.done === true) return { table: step.value!, longestStepMs };
  }
}

/** Of this thread, so that what else the machine does does not count. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function nanoseconds(rounds: readonly { readonly ms: number }[]): number {
  return Math.round((rounds.reduce((sum, { ms }) => sum + ms, 0) * 1_000_000) / (ROUNDS * PASSES * CLIENTS));
}

function octetsOf({ ipv4, ipv6 }: ClientTable): number {
  return tableSize(ipv4) + tableSize(ipv6);
}

const rows = Object.entries(SETS).map(([name, set]) => {
  const built = build(set);
  const walked = prepareSteering(set);
  const flat = prepareSteering(set, undefined, { table: built.table });
  [walked, flat].forEach(select);
  const rounds = Array.from({ length: ROUNDS }, () => ({ walk: select(walked), table: select(flat) }));
  return {
    rules: name,
    'walk ns': nanoseconds(rounds.map(({ walk }) => walk)),
    'table ns': nanoseconds(rounds.map(({ table }) => table)),
    'walk scope': Number(rounds[0]!.walk.scope.toFixed(2)),
    'table scope': Number(rounds[0]!.table.scope.toFixed(2)),
    'IPv4 ranges': built.table.ipv4.length,
    'IPv6 ranges': built.table.ipv6.length,
    KiB: Math.round(octetsOf(built.table) / 1_024),
    'build ms': Math.round(built.ms),
    'longest step ms': Number(built.stepMs.toFixed(1)),
  };
});
console.table(rows);
