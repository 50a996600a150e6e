/** Lets the events of a scenario happen: to the targets, and as what the controller is told. */
import { matchTargets } from '@signpost/config/match-targets';
import type { Configuration } from '@signpost/contracts/configuration';
import { formatDuration } from '@signpost/contracts/duration';
import type { Input } from '@signpost/controller/reconcile/take-inputs';
import { buildTopology } from '@signpost/controller/topology/topology';

import { appliedConfiguration } from './controller.ts';
import { matchOf, type ScenarioEvent } from './scenario.ts';
import type { TargetsState } from './targets-state.ts';

export interface ScenarioRunOptions {
  /** In the order of their times. */
  readonly events: readonly ScenarioEvent[];
  /** When the scenario begins, and when the simulation ends. */
  readonly offsetMs: number;
  readonly endMs: number;
  /** Wall clock at time 0 of the simulation. */
  readonly startMs: number;
  readonly configuration: Configuration;
  readonly targets: TargetsState;
}

/** Told of each event, in words, and of the targets it is about. */
export interface ScenarioWitness {
  happened(event: ScenarioEvent, text: string, targets: readonly string[], nowMs: number): void;
}

export class ScenarioRun {
  readonly #options: ScenarioRunOptions;
  #configuration: Configuration;
  #next = 0;

  constructor(options: ScenarioRunOptions) {
    this.#options = options;
    this.#configuration = options.configuration;
  }

  get nextMs(): number {
    const { events, offsetMs } = this.#options;
    const event = events[this.#next];
    return event === undefined ? Number.POSITIVE_INFINITY : offsetMs + event.at;
  }

  runAt(nowMs: number, witness: ScenarioWitness): Input[] {
    const inputs: Input[] = [];
    for (; this.nextMs <= nowMs; this.#next += 1) {
      const event = this.#options.events[this.#next]!;
      const match = matchOf(event);
      const targets = match === undefined ? [] : matchTargets(match, this.#configuration);
      inputs.push(...this.#happen(event, targets, nowMs));
      witness.happened(event, textOf(event), targets, nowMs);
    }
    return inputs;
  }

  #happen(event: ScenarioEvent, matched: readonly string[], nowMs: number): Input[] {
    const { targets } = this.#options;
    for (const target of matched) {
      if ('kill' in event) targets.set(target, { failing: 1, silent: event.how === 'silent' });
      if ('degrade' in event) targets.set(target, { failing: event.failing, silent: false });
      if ('recover' in event) targets.set(target, undefined);
    }
    if ('drain' in event) return [this.#drain(event, nowMs)];
    if (!('weights' in event)) return [];
    this.#configuration = withWeights(this.#configuration, event.weights);
    return [appliedConfiguration(buildTopology(this.#configuration), this.#next + 2)];
  }

  #drain(event: Extract<ScenarioEvent, { drain: string }>, nowMs: number): Input {
    const { startMs, endMs } = this.#options;
    const id = `drain-${this.#next}`;
    const stored = {
      id,
      match: event.drain,
      set: 'drain' as const,
      by: 'scenario',
      reason: 'scenario',
      source: 'human' as const,
      sinceMs: Math.floor(startMs + nowMs),
      untilMs: Math.floor(startMs + (event.for === undefined ? endMs : nowMs + event.for)),
    };
    return { kind: 'stored-override', id, stored };
  }
}

function withWeights(
  configuration: Configuration,
  { pool, members }: Extract<ScenarioEvent, { weights: unknown }>['weights'],
): Configuration {
  const before = configuration.pools[pool]!;
  const after = before.members.map((member) => ({
    ...member,
    weight: members[member.target] ?? member.weight,
  }));
  return { ...configuration, pools: { ...configuration.pools, [pool]: { ...before, members: after } } };
}

/** `kill target/eu-a`. */
function textOf(event: ScenarioEvent): string {
  const lasting = 'for' in event && event.for !== undefined ? ` for ${formatDuration(event.for)}` : '';
  if ('kill' in event) return `kill ${event.kill}${event.how === 'silent' ? ', silent' : ''}`;
  if ('degrade' in event) return `degrade ${event.degrade} ${event.failing * 100}%`;
  if ('recover' in event) return `recover ${event.recover}`;
  if ('drain' in event) return `drain ${event.drain}${lasting}`;
  if ('surge' in event)
    return `surge x${event.surge}${event.geos === undefined ? '' : ` ${event.geos.join(' ')}`}${lasting}`;
  const { pool, members } = event.weights;
  return `weights ${pool} ${Object.entries(members)
    .map(([target, weight]) => `${target}=${weight}`)
    .join(' ')}`;
}
