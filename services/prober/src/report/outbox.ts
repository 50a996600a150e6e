/**
 * H5: which reports are still to be told, which are being told and which are known to be stored. Pure state.
 *
 *   changed --> unsent --take--> in flight --confirm--> published      (what the heartbeat's digest is over)
 *                  ^                 |
 *                  '------fail-------'   remembered as unsure: told again under its old id while it is still true
 *
 * One entry per pair everywhere: what changed twice before it could be told is told once, as it is now. Sequences
 * are given when a report is taken, and a pair is never in flight twice, so its reports arrive in their order.
 */
import { reportDigest } from '@signpost/contracts/heartbeats';
import type { HealthReport } from '@signpost/contracts/health-report';
import { pairKey } from '@signpost/contracts/names';

import type { PairView } from '../judge/judged-pairs.ts';

export type Identity = Pick<HealthReport, 'vantage' | 'prober' | 'incarnation'>;

export class Outbox {
  readonly #identity: Identity;
  readonly #view: (pair: string) => PairView | undefined;
  /** In the order of their first change. */
  readonly #unsent = new Set<string>();
  readonly #inFlight = new Map<string, HealthReport>();
  readonly #unsure = new Map<string, HealthReport>();
  readonly #published = new Map<string, HealthReport>();
  /** Pairs of the resend that is under way. */
  readonly #resending = new Set<string>();
  #sequence = 0;
  #publishedSequence = 0;

  constructor(identity: Identity, view: (pair: string) => PairView | undefined) {
    this.#identity = identity;
    this.#view = view;
  }

  changed(pair: string): void {
    this.#unsent.add(pair);
  }

  /** The pair is no longer ours: nothing is said of it any more. */
  removed(pair: string): void {
    for (const set of [this.#unsent, this.#unsure, this.#published, this.#resending]) set.delete(pair);
    // A report in flight cannot be called back; `confirm` finds it gone.
    this.#inFlight.delete(pair);
  }

  /**
   * Everything that is known is to be told again under new sequences; returns how many reports that are.
   * A resend that is under way serves all who ask meanwhile.
   */
  resend(pairs: Iterable<string>): number {
    if (this.#resending.size > 0) return this.#resending.size;
    for (const pair of pairs) {
      if (this.#view(pair) === undefined) continue;
      this.#resending.add(pair);
      this.#unsure.delete(pair);
      this.#unsent.add(pair);
    }
    return this.#resending.size;
  }

  /** The next report to tell; undefined when there is none that could be told now. */
  take(): HealthReport | undefined {
    for (const pair of this.#unsent) {
      if (this.#inFlight.has(pair)) continue;
      this.#unsent.delete(pair);
      const view = this.#view(pair);
      if (view === undefined) {
        this.#resending.delete(pair);
        continue;
      }
      const report = this.#reportOf(pair, view);
      this.#inFlight.set(pair, report);
      return report;
    }
    return undefined;
  }

  confirm(report: HealthReport): void {
    const pair = pairKey(report.monitor, report.target);
    if (this.#inFlight.get(pair) !== report) return;
    this.#inFlight.delete(pair);
    this.#unsure.delete(pair);
    this.#published.set(pair, report);
    this.#publishedSequence = Math.max(this.#publishedSequence, report.sequence);
    if (!this.#unsent.has(pair)) this.#resending.delete(pair);
  }

  /** It may be stored or not. */
  fail(report: HealthReport): void {
    const pair = pairKey(report.monitor, report.target);
    if (this.#inFlight.get(pair) !== report) return;
    this.#inFlight.delete(pair);
    // Asked to tell it again under a new id while it was under way: then the old id must not come back.
    if (!(this.#resending.has(pair) && this.#unsent.has(pair))) this.#unsure.set(pair, report);
    this.#unsent.add(pair);
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  /** What the heartbeat says of the reports. */
  summary(): { sequence: number; reports: number; digest: string } {
    return {
      sequence: this.#publishedSequence,
      reports: this.#published.size,
      digest: reportDigest(this.#published.values()),
    };
  }

  #reportOf(pair: string, view: PairView): HealthReport {
    const unsure = this.#unsure.get(pair);
    if (unsure !== undefined && saysTheSame(unsure, view)) return unsure;
    this.#unsure.delete(pair);
    this.#sequence += 1;
    return { ...this.#identity, ...view, sequence: this.#sequence };
  }
}

function saysTheSame(report: HealthReport, view: PairView): boolean {
  return stateOf(report) === stateOf(view);
}

/** Another round trip or reason is no news; another warning is. */
function stateOf({ families: { ipv4, ipv6 }, flips }: PairView): string {
  const stateOfFamily = [ipv4, ipv6].map((family) => [family?.state, family?.sinceMs, family?.warning]);
  return JSON.stringify([stateOfFamily, flips]);
}
