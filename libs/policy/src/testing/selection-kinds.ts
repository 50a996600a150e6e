/**
 * For tests and benches alone: one policy of each kind, compiled and made ready, with clients all over the address
 * space. Looking a client up costs nothing here, so what is measured is selection.
 */
import type { PolicyConfiguration, PolicyRule, Stage } from '@signpost/contracts/policy-configuration';
import type { Place } from '@signpost/contracts/place';
import type { Point } from '@signpost/contracts/record-set';

import { seedOf } from '../chance.ts';
import { compilePolicy } from '../compile-policy.ts';
import type { LatencyTable } from '../latency-table.ts';
import type { ClientView } from '../match-client.ts';
import { prepareSteering, type Steering } from '../select-answer.ts';

export interface SelectionKind {
  readonly name: string;
  readonly steering: Steering;
  readonly seed: number;
  readonly clients: readonly ClientView[];
  readonly latencies: LatencyTable;
}

const CITIES: readonly Point[] = [
  [51.5, -0.1],
  [40.7, -74],
  [1.3, 103.8],
];
const COUNTRIES = ['EU-GB', 'EU-FR', 'EU-DE', 'EU-ES', 'EU-IT', 'AS-TR', 'AS-JP', 'NA-US', 'NA-CA', 'SA-BR'];

type Within = PolicyConfiguration['within'];

/** `pool` comes first: what the others are compared with. */
export function selectionKinds(): readonly SelectionKind[] {
  const affinity: Within = { pick: 'weighted', select: 1, affinity: { v4: 24, v6: 56 } };
  const cities = ['city-0', 'city-1', 'city-2'];
  return [
    kindOf('pool of one target', ['of-1']),
    kindOf('weighted group of 2', ['of-2']),
    kindOf('weighted group of 10', ['of-10']),
    kindOf('weighted group of 10, select 3', ['of-10'], { within: { pick: 'weighted', select: 3 } }),
    kindOf('round robin of 4', ['of-4'], { within: { pick: 'round_robin', select: 1 } }),
    kindOf('10 rules of 3 subnets', ['of-1'], { rules: subnetRules() }),
    kindOf('10 rules of a country', ['of-1'], {
      rules: COUNTRIES.map((geo) => ({ when: { geos: [geo] }, try: ['of-2'] })),
    }),
    kindOf('10 rules of 3 systems', ['of-1'], { rules: systemRules() }),
    kindOf('3 weighted pools', [{ weighted: { 'city-0': 60, 'city-1': 30, 'city-2': 10 } }]),
    kindOf('nearest of 3 pools', [{ nearest: cities }]),
    kindOf('fastest of 3 pools', [{ fastest: cities, slack: { ms: 10, share: 0 } }]),
    kindOf('affinity of 3', ['of-3'], { within: affinity }),
    kindOf('affinity of 50', ['of-50'], { within: affinity }),
    kindOf('nested, 2 deep', [{ policy: 'outer' }]),
  ];
}

function subnetRules(): readonly PolicyRule[] {
  return Array.from({ length: 10 }, (_, rule) => ({
    when: { subnets: [0, 1, 2].map((subnet) => `${100 + rule}.${subnet}.0.0/16`) },
    try: ['of-2'],
  }));
}

function systemRules(): readonly PolicyRule[] {
  return Array.from({ length: 10 }, (_, rule) => ({
    when: { asns: [0, 1, 2].map((system) => 64_496 + 100 * rule + system) },
    try: ['of-2'],
  }));
}

function kindOf(
  name: string,
  stages: Stage[],
  {
    rules = [],
    within = { pick: 'weighted', select: 1 },
  }: { rules?: readonly PolicyRule[]; within?: Within } = {},
): SelectionKind {
  const sizes = [1, 2, 3, 4, 10, 50];
  const pools = Object.fromEntries([
    ...sizes.map((size) => [`of-${size}`, poolOf(Array.from({ length: size }, (_, i) => `t${i}`))] as const),
    ...CITIES.map((_, index) => [`city-${index}`, poolOf([`c${index}-a`, `c${index}-b`])] as const),
  ]);
  const names = [
    ...new Set(Object.values(pools).flatMap(({ members }) => members.map(({ target }) => target))),
  ];
  const set = compilePolicy(
    {
      policyName: 'p',
      policy: { rules: [...rules, { try: stages }], within },
      policies: {
        outer: {
          rules: [{ when: { geos: ['NA'] }, try: ['city-1'] }, { try: [{ policy: 'inner' }] }],
          within,
        },
        inner: { rules: [{ when: { geos: ['AS'] }, try: ['city-2'] }, { try: ['city-0'] }], within },
      },
      defaultAllDown: 'fail_open',
      ttl: { stable: 30, suspect: 10, floor: 5, settle: 0 },
      pools,
      targets: Object.fromEntries(
        names.map((target, index) => {
          const city = /^c(\d)/.exec(target)?.[1];
          const at = city === undefined ? undefined : CITIES[Number(city)];
          return [target, { a: `192.0.2.${index}`, status: 'up' as const, ...(at && { at: [...at] }) }];
        }),
      ),
      health: () => ({ state: 'up', ipv4: 'up', ipv6: 'up', reason: 'as told' }),
    },
    'A',
  )!;
  const slotOf = (target: string) => names.indexOf(target);
  return {
    name,
    steering: prepareSteering(set, slotOf),
    seed: seedOf(set, 'www.example.org'),
    clients: CLIENTS,
    latencies: latenciesOf(names.length),
  };
}

function poolOf(targets: readonly string[]) {
  return { members: targets.map((target, index) => ({ target, weight: 1 + (index % 3) })) };
}

/** Round trips for every second network. */
function latenciesOf(slots: number): LatencyTable {
  const trips = Float64Array.from({ length: 64 * slots }, (_, at) => 5 + ((at * 37) % 200) + 0.5);
  return {
    bits: 24,
    find: ({ address }) => ((address[2]! & 1) === 0 ? -1 : address[2]! & 63),
    at: (row, slot) => trips[row * slots + slot]!,
  };
}

const PLACES: readonly Place[] = [
  ['EU', 'GB', 51, 0],
  ['NA', 'US', 38, -90],
  ['AS', 'JP', 35, 139],
  ['OC', 'AU', -33, 151],
].map(([continent, country, latitude, longitude]) => ({
  continent: String(continent),
  country: String(country),
  subdivision: '',
  prefixLength: 20,
  location: { latitude: Number(latitude) + 0.5, longitude: Number(longitude) + 0.5 },
}));

class Client implements ClientView {
  readonly family = 4;
  readonly address: Uint8Array;
  readonly sourceLength = 24;
  readonly #place: Place;
  readonly #system: ReturnType<ClientView['system']>;

  constructor(index: number) {
    this.address = new Uint8Array(16);
    this.address.set([(index * 7) & 0xff, (index * 31) & 0xff, index & 0xff]);
    this.#place = PLACES[index % PLACES.length]!;
    this.#system = { asn: 64_496 + ((index * 13) % 1_200), prefixLength: 18 };
  }

  place(): Place {
    return this.#place;
  }

  system(): ReturnType<ClientView['system']> {
    return this.#system;
  }
}

const CLIENTS: readonly ClientView[] = Array.from({ length: 1_024 }, (_, index) => new Client(index));
