/**
 * THE main path of a simulation: one clock, and everything that happens in the order of its time.
 *
 *   scenario ──> how targets are ──probers──> controller ──publishes──> resolvers ──> traffic
 *
 * Pure: the same settings and seed give the same result. It begins with a warm-up, so that caches are full and health
 * is known when the scenario begins; times that come in and go out count from there.
 */
import { assignProbes } from '@signpost/controller/assign/assign-probes';
import type { Input } from '@signpost/controller/reconcile/take-inputs';
import { buildTopology } from '@signpost/controller/topology/topology';

import { AnswerSamples } from './answer-samples.ts';
import { seededChance } from './chance.ts';
import { appliedConfiguration, Controller } from './controller.ts';
import { demandsOf } from './demands-of.ts';
import { loadPushes } from './load-pushes.ts';
import { drawPopulation } from './population.ts';
import { Probers } from './probers.ts';
import { publishedSet, type PublishedSet } from './published-set.ts';
import { Recorder, type Recording } from './recorder.ts';
import { Resolvers } from './resolvers.ts';
import { ScenarioRun } from './scenario-run.ts';
import type { SimulationSettings } from './simulation-settings.ts';
import type { SteeredName } from './steered-name.ts';
import { TargetHeartbeats } from './target-heartbeats.ts';
import { TargetsState } from './targets-state.ts';
import { SECOND_MS, Traffic } from './traffic.ts';

/** Beyond, what a few resolvers keep for longer is not waited for. */
const LONGEST_WARM_UP_MS = 900_000;
const SHORTEST_WARM_UP_MS = 60_000;
/** Answers run out three times before the scenario begins. */
const WARM_UP_TTLS = 3;

export function simulate(settings: SimulationSettings): Recording {
  const world = worldOf(settings);
  const { endMs, topology, run, targets, probers, heartbeats, samples, traffic, recorder } = world;
  const publisher = new Publisher(settings.name, world);
  publisher.round(
    [appliedConfiguration(topology, 1), { kind: 'connected', sinceMs: 0 }, { kind: 'caught-up' }],
    0,
  );
  const resolvers = resolversOf(settings, world, publisher);
  let tickMs = 0;
  for (;;) {
    const nowMs = Math.min(tickMs, run.nextMs, probers.nextMs, heartbeats.nextMs);
    if (nowMs >= endMs) break;
    resolvers.runUntil(nowMs);
    const inputs = run.runAt(nowMs, recorder);
    inputs.push(...probers.runAt(nowMs), ...heartbeats.at(nowMs));
    const ticks = nowMs === tickMs;
    if (ticks) {
      inputs.push(...probers.beats(nowMs), ...loadPushes(topology, targets, traffic, nowMs));
      if (topology.weighsClients) inputs.push(samples.takeAt(nowMs));
      tickMs += SECOND_MS;
    }
    if (ticks || inputs.length > 0) publisher.round(inputs, nowMs);
  }
  resolvers.runUntil(endMs);
  return recorder.recording();
}

type World = ReturnType<typeof worldOf>;

/** Everything but the caches, as it is before the first second. */
function worldOf(settings: SimulationSettings) {
  const { configuration, name, scenario, clients, finder, seed } = settings;
  const warmUpMs = warmUpOf(settings);
  const endMs = warmUpMs + Math.ceil(settings.durationMs / SECOND_MS) * SECOND_MS;
  const startMs = settings.startMs - warmUpMs;
  const topology = buildTopology(configuration);
  const names = Object.keys(configuration.targets);
  const numberOf = new Map(names.map((target, number) => [target, number]));
  const targets = new TargetsState();
  const traffic = new Traffic(names, endMs / SECOND_MS);
  const demandOf = demandsOf(scenario.events, warmUpMs);
  const population = drawPopulation({
    settings: scenario.population,
    ...(clients !== undefined && { clients }),
    finder,
    chance: seededChance(seed, 'population'),
  });
  const { events } = scenario;
  const assignments = assignProbes(topology).values();
  return {
    endMs,
    topology,
    numberOf,
    targets,
    traffic,
    population,
    demandOf,
    run: new ScenarioRun({ events, offsetMs: warmUpMs, endMs, startMs, configuration, targets }),
    probers: new Probers({ assignments, startMs, targets, chance: seededChance(seed, 'probes') }),
    heartbeats: new TargetHeartbeats(topology, targets, seededChance(seed, 'heartbeats')),
    controller: new Controller({ name, startMs }),
    samples: new AnswerSamples({ name, targets: names, startMs, chance: seededChance(seed, 'samples') }),
    recorder: new Recorder({ settings, warmUpMs, traffic, population, demandOf, numberOf }),
  };
}

/** Lets the controller look at what arrived, and makes what it compiles the answers from then on. */
class Publisher {
  readonly #name: SteeredName;
  readonly #world: World;
  #published: PublishedSet | undefined;

  constructor(name: SteeredName, world: World) {
    this.#name = name;
    this.#world = world;
  }

  /** There is one from the first round on. */
  get published(): PublishedSet {
    return this.#published!;
  }

  round(inputs: readonly Input[], nowMs: number): void {
    const { controller, recorder, numberOf } = this.#world;
    const { compiled, changes, decisions } = controller.round(inputs, nowMs);
    recorder.verdicts(changes, nowMs);
    recorder.decided(decisions, nowMs);
    const { set, byWeights } = controller;
    if (!compiled || set === undefined) return;
    const { record, zone } = this.#name;
    const negativeTtl = Math.min(zone.soa.ttl, zone.soa.negativeTtl);
    this.#published = publishedSet(set, record.owner, negativeTtl, numberOf);
    recorder.published(set, byWeights ?? set, nowMs);
  }
}

function resolversOf(
  { name, seed }: SimulationSettings,
  { topology, population, demandOf, traffic, samples }: World,
  publisher: Publisher,
): Resolvers {
  return new Resolvers({
    resolvers: population,
    demandOf,
    published: () => publisher.published,
    traffic,
    chance: seededChance(seed, 'answers'),
    spreadMs: name.record.ttl.stable * SECOND_MS,
    ...(topology.weighsClients && { onAnswer: (answered) => samples.note(answered) }),
  });
}

function warmUpOf({ name, scenario }: SimulationSettings): number {
  const ttlMs = name.record.ttl.stable * SECOND_MS;
  const kept = scenario.population.ttl.map(({ at_least: least = 0, times = 1 }) =>
    Math.max(least, ttlMs * times),
  );
  const longestMs = Math.max(ttlMs, ...kept);
  const warmUpMs = Math.min(LONGEST_WARM_UP_MS, Math.max(SHORTEST_WARM_UP_MS, WARM_UP_TTLS * longestMs));
  return Math.ceil(warmUpMs / SECOND_MS) * SECOND_MS;
}
