/**
 * What beacons said, until it goes out: each second one signal per target on NATS, so that every controller hears it,
 * above all the one that leads. Bounded; while NATS is away nothing is kept, since what is late is no measurement of now.
 */
import { CLOUD_EVENT_CONTENT_TYPE, encodeEvent } from '@signpost/contracts/cloud-event';
import { latencyMeasured, MAX_MEASUREMENTS, type Measurement } from '@signpost/contracts/latency-signal';
import { HEADER_CONTENT_TYPE, MessagingError, type Messaging } from '@signpost/contracts/messaging';
import { subjects } from '@signpost/contracts/subjects';
import type { Clock } from '@signpost/lifecycle/clock';

export interface BeaconOutboxOptions {
  readonly messaging: Pick<Messaging, 'core' | 'connected'>;
  readonly clock: Clock;
  /** CloudEvents source, unique to this process. */
  readonly source: string;
}

const SEND_EVERY_MS = 1_000;
const MOST_WAITING = 20_000;

export class BeaconOutbox {
  readonly #options: BeaconOutboxOptions;
  #waiting = new Map<string, Measurement[]>();
  #count = 0;
  #sent = 0;

  constructor(options: BeaconOutboxOptions) {
    this.#options = options;
  }

  /** False: NATS is away, or too much is waiting. */
  add(target: string, measurement: Measurement): boolean {
    if (this.#count >= MOST_WAITING || !this.#options.messaging.connected()) return false;
    const waiting = this.#waiting.get(target) ?? [];
    this.#waiting.set(target, waiting);
    waiting.push(measurement);
    this.#count += 1;
    return true;
  }

  /** Returns when the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#options.clock.sleep(SEND_EVERY_MS, signal).catch(() => undefined);
      this.#send();
    }
  }

  #send(): void {
    const waiting = this.#waiting;
    this.#waiting = new Map();
    this.#count = 0;
    for (const [target, measurements] of waiting) {
      for (let i = 0; i < measurements.length; i += MAX_MEASUREMENTS) {
        this.#publish(target, measurements.slice(i, i + MAX_MEASUREMENTS));
      }
    }
  }

  #publish(target: string, measurements: Measurement[]): void {
    const { messaging, clock, source } = this.#options;
    this.#sent += 1;
    const atMs = Math.floor(clock.now());
    const id = `${atMs}.${this.#sent}`;
    const event = encodeEvent(latencyMeasured, { id, source, subject: target, atMs, data: { measurements } });
    try {
      messaging.core.publish(subjects.latencySignal(target), event, {
        [HEADER_CONTENT_TYPE]: CLOUD_EVENT_CONTENT_TYPE,
      });
    } catch (error) {
      if (!(error instanceof MessagingError)) throw error; // it was cut off just now
    }
  }
}
