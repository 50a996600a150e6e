/**
 * For tests only: a population of resolvers before the loop that weighs clients, for some hours. Configuration, record
 * sets, selection, samples and corrections are those of a cluster; resolvers, clients and time are made up.
 */
import type { AnswerSample } from '@signpost/contracts/answer-sample';
import type { Generation } from '@signpost/contracts/brands';
import { NOWHERE, UNKNOWN_SYSTEM } from '@signpost/contracts/place';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import type { StoredRecords } from '@signpost/contracts/record-store';
import { createChance, seedOf } from '@signpost/policy/chance';
import { NOT_MONITORED } from '@signpost/policy/health-view';
import { createSelection, prepareSteering, selectAnswer } from '@signpost/policy/select-answer';
import {
  type GivenTarget,
  passSecond,
  type Population,
  type PopulationOptions,
  type Resolver,
  resolverPopulation,
} from '@signpost/testkit/resolver-population';
import { type SeededDraw, seededDraw } from '@signpost/testkit/seeded-draw';

import { compileZones } from '../compile/compile-zone.ts';
import { evolveShares, NO_SHARES, type ShareState } from '../share/evolve-shares.ts';
import { shareView } from '../share/share-steering.ts';
import { buildTopology, type Topology } from '../topology/topology.ts';
import { exampleConfiguration } from './example-configuration.ts';

export interface WeighedOptions extends Omit<PopulationOptions, 'draw'> {
  /** One zone `example.net` with one name `www` of type A that steers. */
  readonly yaml: string;
  readonly seed: number;
  readonly seconds: number;
  /** Of one answer in so many there is a sample. Undefined: of none. */
  readonly samplesEvery?: number;
  /**
   * What is pushed as the targets' loads every 5 s: nothing, what they carry, or what is estimated from samples in its
   * place, which no controller does and which shows what that would come to.
   */
  readonly loads: 'none' | 'counted' | 'estimated';
}

export interface WeighedRun {
  /** By second: clients of each target. */
  readonly clients: readonly ReadonlyMap<string, number>[];
  /** Of all clients, the share of the largest resolver. */
  readonly largest: number;
  readonly publications: number;
  /** What was known of how clients spread at the end, by pool. */
  readonly shares: ShareState;
}

const FIELD = 'www.example.net|A';
const PUSHED_EVERY = 5;
/** Counters of requests over a few seconds are not better than that. */
const LOAD_NOISE = 0.05;

export function runWeighed(options: WeighedOptions): WeighedRun {
  const { yaml, seed, seconds } = options;
  const draw = seededDraw(seed);
  const population = resolverPopulation({ ...options, draw });
  const topology = buildTopology(exampleConfiguration(yaml));
  const pushed = new PushedLoadsOf(Object.keys(topology.configuration.targets), options.loads, draw);
  const clients: ReadonlyMap<string, number>[] = [];
  let shares = NO_SHARES;
  let published = publish(topology, shares.steering, 1);
  let publications = 0;
  for (let second = 0; second < seconds; second += 1) {
    const nowMs = (second + 1) * 1_000;
    const { now, samples } = askAll(population, published, second, options, draw);
    clients.push(now);
    pushed.note(second, now, shares);
    const before = shares.steering;
    shares = evolveShares(shares, {
      samples: samples.length === 0 ? [] : [{ zone: 'example.net', samples, heardAtMs: nowMs }],
      loads: pushed.loads,
      configuration: topology.configuration,
      records: published.records,
      ramping: () => false,
      shed: () => false,
      nowMs,
    });
    if (shares.steering === before) continue;
    // The first is the one of a controller that begins.
    if (second > 0) publications += 1;
    published = publish(topology, shares.steering, second + 2);
  }
  return { clients, largest: population.largest, publications, shares };
}

function askAll(
  population: Population,
  published: Published,
  second: number,
  { samplesEvery }: WeighedOptions,
  draw: SeededDraw,
) {
  const samples: AnswerSample[] = [];
  const ask = (resolver: Resolver): GivenTarget => {
    const sample = answer(published, resolver, draw);
    if (samplesEvery !== undefined && draw() < 1 / samplesEvery) {
      samples.push({ ...sample, weight: samplesEvery });
    }
    return { target: sample.targets[0]!, ttlSeconds: sample.ttl };
  };
  return { now: passSecond(population, second, ask, draw), samples };
}

/** Counts what each target carries and tells of it now and then. */
class PushedLoadsOf {
  readonly loads = new Map<string, { load: number; heardAtMs: number }>();
  readonly #targets: readonly string[];
  readonly #kind: WeighedOptions['loads'];
  readonly #draw: SeededDraw;
  #requests = new Map<string, number>();

  constructor(targets: readonly string[], kind: WeighedOptions['loads'], draw: SeededDraw) {
    this.#targets = targets;
    this.#kind = kind;
    this.#draw = draw;
  }

  note(second: number, clients: ReadonlyMap<string, number>, { book }: ShareState): void {
    for (const [target, rate] of clients) {
      this.#requests.set(target, (this.#requests.get(target) ?? 0) + rate);
    }
    if (this.#kind === 'none' || second % PUSHED_EVERY !== PUSHED_EVERY - 1) return;
    const held = [...book.held.values()];
    for (const target of this.#targets) {
      const estimate = held.find((one) => one.target === target)?.clients ?? 0;
      const noise = 1 + LOAD_NOISE * (2 * this.#draw() - 1);
      const counted = (this.#requests.get(target) ?? 0) * noise;
      const load = this.#kind === 'estimated' ? estimate : counted;
      this.loads.set(target, { load, heardAtMs: (second + 1) * 1_000 });
    }
    this.#requests = new Map();
  }
}

interface Published {
  readonly records: StoredRecords;
  readonly set: SteeredRecordSet;
  readonly steering: ReturnType<typeof prepareSteering>;
  readonly seed: number;
}

function publish(
  topology: Topology,
  steering: Parameters<typeof shareView>[0],
  generation: number,
): Published {
  const compiled = compileZones(topology, () => NOT_MONITORED, { shares: shareView(steering) });
  const { recordSets } = compiled.get('example.net')!;
  const set = recordSets.get(FIELD) as SteeredRecordSet;
  return {
    records: {
      generation: generation as Generation,
      zones: new Map([['example.net', { facts: undefined, recordSets }]]),
    },
    set,
    steering: prepareSteering(set),
    seed: seedOf(set, 'www.example.net'),
  };
}

const selection = createSelection();

function answer({ set, steering, seed }: Published, { address }: Resolver, draw: SeededDraw): AnswerSample {
  const client = {
    family: 4 as const,
    address,
    sourceLength: 32,
    place: () => NOWHERE,
    system: () => UNKNOWN_SYSTEM,
  };
  selectAnswer(steering, client, createChance(seed, draw()), selection);
  const group = set.groups[selection.group]!;
  return {
    atMs: 0,
    owner: 'www.example.net',
    type: 'A',
    policy: set.policy,
    pool: group.pool,
    targets: [group.answers[selection.answers[0]!]!.target],
    resolver: `10.${address[1]}.${address[2]}.0/24`,
    sourceLength: 32,
    scope: 0,
    ttl: set.ttl,
    weight: 1,
  };
}
