/**
 * Signals and beacons -> the aggregate, and the aggregate as a table that can be asked: for explanations here, for the
 * store by `keep-latencies.ts`. Every controller keeps one, so that a standby that takes over knows what the leader
 * knew. It must not publish.
 */
import type { LatencySignal } from '@signpost/contracts/latency-signal';
import type { StoredLatencies } from '@signpost/contracts/stored-latencies';
import type { Clock } from '@signpost/lifecycle/clock';
import type { Measured } from '@signpost/policy/explain-policy';
import { StoredLatencyTable } from '@signpost/policy/stored-latency-table';

import { parseClient } from '../explain/parse-client.ts';
import { LatencyAggregate, type LatencyAggregateOptions } from './latency-aggregate.ts';
import { packLatencies } from './pack-latencies.ts';
import { unmapped } from './prefix-key.ts';

/** What became of measurements. */
export const MEASUREMENT_OUTCOMES = [
  'taken',
  'malformed',
  'unknown_target',
  'bad_client',
  'wide_prefix',
] as const;
export type MeasurementOutcome = (typeof MEASUREMENT_OUTCOMES)[number];

export interface LatencyKeeperOptions extends LatencyAggregateOptions {
  readonly clock: Clock;
  /** Those of the present configuration, by name; undefined before there is one. */
  readonly targets: () => Readonly<Record<string, unknown>> | undefined;
}

export class LatencyKeeper {
  readonly aggregate: LatencyAggregate;
  /** Measurements since the start, by what became of them. */
  readonly counts = new Map<MeasurementOutcome, number>(MEASUREMENT_OUTCOMES.map((outcome) => [outcome, 0]));
  readonly #options: LatencyKeeperOptions;

  constructor(options: LatencyKeeperOptions) {
    this.#options = options;
    this.aggregate = new LatencyAggregate(options);
  }

  isKnown(target: string): boolean {
    return Object.hasOwn(this.#options.targets() ?? {}, target);
  }

  /** Drops what was silent too long, and targets that a configuration no longer has. */
  forget(): void {
    const targets = this.#options.targets();
    const isKept = (target: string): boolean => targets === undefined || Object.hasOwn(targets, target);
    this.aggregate.forget(this.#options.clock.monotonic(), isKept);
  }

  take(target: string, { measurements }: LatencySignal): void {
    if (!this.isKnown(target)) return this.count('unknown_target', measurements.length);
    const nowMs = this.#options.clock.monotonic();
    for (const { client: text, ms, samples = 1 } of measurements) {
      const parsed = parseClient(text);
      const client = parsed && unmapped(parsed);
      if (client === undefined) this.count('bad_client');
      else this.count(this.aggregate.take({ client, target, ms, samples }, nowMs) ? 'taken' : 'wide_prefix');
    }
  }

  count(outcome: MeasurementOutcome, count = 1): void {
    this.counts.set(outcome, this.counts.get(outcome)! + count);
  }

  /** What authorities are told, or would be. */
  pack(): StoredLatencies {
    return packLatencies(this.aggregate, this.#options.clock.now());
  }
}

/** The table for whoever explains in this process, with the numbers by which it knows targets. */
export function latencyTable(stored: StoredLatencies): Measured & { readonly latencies: StoredLatencyTable } {
  const slots = new Map(stored.targets.map((target, i) => [target, i + 1]));
  const slotOf = (target: string): number => slots.get(target) ?? 0;
  const latencies = new StoredLatencyTable(stored, slotOf);
  return { latencies, slotOf, nameOf: (row) => latencies.nameOf(row) };
}
