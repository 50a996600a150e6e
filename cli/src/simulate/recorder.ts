/**
 * Writes down what a simulation shows: what happened when, what was published, and which share of the clients each
 * target should have had. Times count from where the scenario begins; what happened before is left out.
 */
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import type { Verdict } from '@signpost/contracts/verdict';

import type { Demand } from './demand.ts';
import { expectedShares } from './expected-shares.ts';
import type { Network, Resolver } from './population.ts';
import type { ScenarioEvent } from './scenario.ts';
import type { ScenarioWitness } from './scenario-run.ts';
import type { SimulationSettings } from './simulation-settings.ts';
import { SECOND_MS, type Traffic } from './traffic.ts';

export interface Mark {
  readonly atMs: number;
  readonly event: ScenarioEvent;
  /** `kill target/eu-a`. */
  readonly text: string;
  /** That it is about. */
  readonly targets: readonly string[];
  /** When it is over by itself; absent: it is not. */
  readonly endMs?: number;
}

export interface Recording {
  readonly name: string;
  readonly type: string;
  readonly policy: string;
  readonly seed: number;
  readonly resolvers: number;
  /** Of all requests, what the largest resolver asks. */
  readonly largestShare: number;
  readonly seconds: number;
  readonly marks: readonly Mark[];
  readonly verdicts: readonly { readonly atMs: number; readonly verdict: Verdict }[];
  /** What the controller decided by load. */
  readonly decisions: readonly { readonly atMs: number; readonly text: string }[];
  /** When another TTL was published, in seconds; the first one at 0. */
  readonly ttls: readonly { readonly atMs: number; readonly ttl: number }[];
  readonly targets: readonly RecordedTarget[];
  /** Requests that got no address, by second. */
  readonly unanswered: Float64Array;
}

/** One that clients met, or should have; by second. */
export interface RecordedTarget {
  readonly target: string;
  readonly requests: Float64Array;
  readonly answers: Float64Array;
  /** Share of all requests by the weights, 0 to 1. */
  readonly configured: Float64Array;
}

export interface RecorderOptions {
  readonly settings: SimulationSettings;
  /** When the scenario begins. */
  readonly warmUpMs: number;
  readonly traffic: Traffic;
  readonly population: readonly Resolver[];
  readonly demandOf: (network: Network) => Demand;
  readonly numberOf: ReadonlyMap<string, number>;
}

/** By demand, since demands change apart; each by target's number. */
type Shares = ReadonlyMap<Demand, Float64Array>;

export class Recorder implements ScenarioWitness {
  readonly #options: RecorderOptions;
  readonly #marks: Mark[] = [];
  readonly #verdicts: { atMs: number; verdict: Verdict }[] = [];
  readonly #decisions: { atMs: number; text: string }[] = [];
  readonly #ttls: { atMs: number; ttl: number }[] = [];
  readonly #shares: { second: number; shares: Shares }[] = [];
  readonly #known = new Map<string, Shares>();
  readonly #networks: ReadonlyMap<Demand, readonly Network[]>;

  constructor(options: RecorderOptions) {
    this.#options = options;
    const networks = options.population.flatMap((resolver) => resolver.networks);
    this.#networks = Map.groupBy(networks, (network) => options.demandOf(network));
  }

  happened(event: ScenarioEvent, text: string, targets: readonly string[], nowMs: number): void {
    const atMs = this.#relative(nowMs);
    const lastsMs = 'for' in event ? event.for : undefined;
    this.#marks.push({ atMs, event, text, targets, ...(lastsMs !== undefined && { endMs: atMs + lastsMs }) });
  }

  verdicts(changes: readonly Verdict[], nowMs: number): void {
    const atMs = this.#relative(nowMs);
    if (atMs >= 0) this.#verdicts.push(...changes.map((verdict) => ({ atMs, verdict })));
  }

  decided(decisions: readonly string[], nowMs: number): void {
    const atMs = this.#relative(nowMs);
    if (atMs >= 0) this.#decisions.push(...decisions.map((text) => ({ atMs, text })));
  }

  /** `byWeights`: the same without anything that corrects the weights. */
  published(set: SteeredRecordSet, byWeights: SteeredRecordSet, nowMs: number): void {
    if (set.ttl !== this.#ttls.at(-1)?.ttl) this.#ttls.push({ atMs: this.#relative(nowMs), ttl: set.ttl });
    const second = Math.ceil(nowMs / SECOND_MS);
    this.#shares.push({ second, shares: this.#sharesOf(byWeights) });
  }

  recording(): Recording {
    const { settings, warmUpMs, traffic, population } = this.#options;
    const from = warmUpMs / SECOND_MS;
    const configured = this.#configuredBySecond();
    const targets = traffic.targets.map((target, number) => ({
      target,
      requests: traffic.requests[number]!.subarray(from),
      answers: traffic.answers[number]!.subarray(from),
      configured: configured[number]!.subarray(from),
    }));
    const rates = population.map(({ networks }) =>
      networks.reduce((sum, { ratePerMs }) => sum + ratePerMs, 0),
    );
    return {
      name: settings.name.name,
      type: settings.name.type,
      policy: settings.name.record.policy,
      seed: settings.seed,
      resolvers: population.length,
      largestShare:
        rates.reduce((most, rate) => Math.max(most, rate), 0) / rates.reduce((sum, rate) => sum + rate, 0),
      seconds: traffic.seconds - from,
      marks: this.#marks,
      verdicts: this.#verdicts,
      decisions: this.#decisions,
      ttls: sinceBeginning(this.#ttls),
      targets: targets.filter(
        ({ requests, configured: share }) => requests.some(isPositive) || share.some(isPositive),
      ),
      unanswered: traffic.unanswered.subarray(from),
    };
  }

  #relative(nowMs: number): number {
    return nowMs - this.#options.warmUpMs;
  }

  #sharesOf(set: SteeredRecordSet): Shares {
    const key = JSON.stringify({ ...set, ttl: 0 });
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const { settings, numberOf } = this.#options;
    const { owner } = settings.name.record;
    const shares = new Map(
      [...this.#networks].map(([demand, networks]) => [
        demand,
        expectedShares(set, owner, networks, ({ ratePerMs }) => ratePerMs, numberOf),
      ]),
    );
    this.#known.set(key, shares);
    return shares;
  }

  /** By target's number, by second. */
  #configuredBySecond(): Float64Array[] {
    const { traffic, numberOf } = this.#options;
    const configured = traffic.targets.map(() => new Float64Array(traffic.seconds));
    let at = -1;
    for (let second = 0; second < traffic.seconds; second += 1) {
      while ((this.#shares[at + 1]?.second ?? Infinity) <= second) at += 1;
      const shares = this.#shares[at]?.shares;
      if (shares === undefined) continue;
      const sums = new Float64Array(numberOf.size + 1);
      for (const [demand, parts] of shares) {
        const factor = demand.factorAt(second * SECOND_MS);
        for (const [number, part] of parts.entries()) sums[number]! += part * factor;
      }
      const total = sums.reduce((sum, part) => sum + part, 0);
      if (total > 0)
        for (const [number, column] of configured.entries()) column[second] = sums[number]! / total;
    }
    return configured;
  }
}

function isPositive(count: number): boolean {
  return count > 0;
}

/** With the last of those from before at 0. */
function sinceBeginning<Entry extends { readonly atMs: number }>(entries: readonly Entry[]): Entry[] {
  const first = entries.findLastIndex(({ atMs }) => atMs <= 0);
  return entries.slice(Math.max(0, first)).map((entry) => ({ ...entry, atMs: Math.max(0, entry.atMs) }));
}
