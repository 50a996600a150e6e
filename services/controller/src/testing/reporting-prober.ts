/** A prober that reports what a test says, over any messaging. */
import { encodeEvent } from '@signpost/contracts/cloud-event';
import { FAMILIES, type Family, type HealthState } from '@signpost/contracts/health';
import { healthReported, type HealthReport } from '@signpost/contracts/health-report';
import { proberBeat } from '@signpost/contracts/heartbeats';
import type { Messaging } from '@signpost/contracts/messaging';
import { streams, subjects } from '@signpost/contracts/subjects';

import { beatOf, report } from './reports.ts';

/** Speaks for one vantage, as far as the controller can hear. */
export class ReportingProber {
  readonly incarnation: number;
  readonly #client: Messaging;
  readonly #vantage: string;
  readonly #monitor: string;
  readonly #reports = new Map<string, HealthReport>();
  #sequence = 0;

  constructor(client: Messaging, vantage: string, incarnation: number, monitor = 'web') {
    this.#client = client;
    this.#vantage = vantage;
    this.incarnation = incarnation;
    this.#monitor = monitor;
  }

  async says(
    states: Readonly<Record<string, HealthState | Partial<Record<Family, HealthState>>>>,
    headers = {},
  ) {
    for (const [target, state] of Object.entries(states)) {
      this.#sequence += 1;
      const states = typeof state === 'string' ? { ipv4: state, ipv6: state } : state;
      const before = this.#reports.get(target);
      const sent = report({
        vantage: this.#vantage,
        monitor: this.#monitor,
        target,
        incarnation: this.incarnation,
        sequence: this.#sequence,
        states,
        flips: (before?.flips ?? 0) + flipsBetween(before, states),
        reason: 'connection refused',
      });
      this.#reports.set(target, sent);
      await this.#append(sent, headers);
    }
    this.beat();
  }

  beat() {
    const { heardAtMs: _heard, ...data } = beatOf([...this.#reports.values()], 0, {
      vantage: this.#vantage,
      incarnation: this.incarnation,
    });
    if (!this.#client.connected()) return;
    const fields = { id: 'beat', source: '/prober', subject: 'prober', atMs: 0, data };
    this.#client.core.publish(subjects.proberHeartbeat(this.#vantage, 'p1'), encodeEvent(proberBeat, fields));
  }

  async #append(sent: HealthReport, headers: Record<string, string>) {
    const signal = AbortSignal.timeout(5_000);
    const stream = await this.#client.stream(streams.health, { create: true, signal });
    const id = `${sent.vantage}-${sent.incarnation}-${sent.sequence}`;
    const octets = encodeEvent(healthReported, { id, source: '/prober', subject: 'x', atMs: 0, data: sent });
    await stream.append(subjects.healthReport(sent.monitor, sent.target, sent.vantage, sent.prober), octets, {
      id,
      headers,
    });
  }
}

/** As a prober counts them: each family apart, and only between up and down. */
function flipsBetween(
  before: HealthReport | undefined,
  states: Partial<Record<Family, HealthState>>,
): number {
  return FAMILIES.filter((family) => {
    const pair = [before?.families[family]?.state, states[family]];
    return pair.includes('up') && pair.includes('down');
  }).length;
}
