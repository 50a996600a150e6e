/**
 * H5: tells the reports of the outbox to the stream, several at a time and one per pair, for as long as it takes.
 * While NATS is away nothing is lost and nothing piles up: the outbox keeps one entry per pair.
 */
import { CLOUD_EVENT_CONTENT_TYPE, encodeEvent } from '@signpost/contracts/cloud-event';
import { healthReported, type HealthReport } from '@signpost/contracts/health-report';
import {
  HEADER_CONTENT_TYPE,
  type Headers,
  type Messaging,
  type Stream,
} from '@signpost/contracts/messaging';
import { pairKey } from '@signpost/contracts/names';
import { streams, subjects } from '@signpost/contracts/subjects';
import type { Clock } from '@signpost/lifecycle/clock';

import { createAlarm } from '../schedule/alarm.ts';
import type { Outbox } from './outbox.ts';

export interface ReportHealthOptions {
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly outbox: Outbox;
  readonly observe: {
    /** Called when a report is about to be sent; `ended` when that is over. The headers carry the trace. */
    sending(report: HealthReport, pair: string): { readonly headers: Headers; ended(error?: Error): void };
  };
}

export interface Reporting {
  /** The outbox has something new. */
  wake(): void;
  /** Resolves when the signal fires. */
  run(signal: AbortSignal): Promise<void>;
}

/** Over a long way each acknowledgement takes a round trip; so many may be on it at once. */
const WINDOW = 64;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 3_000;

export function reportHealth({ messaging, clock, outbox, observe }: ReportHealthOptions): Reporting {
  const alarm = createAlarm(clock);
  let failures = 0;
  let retryAtMs = 0;

  const send = async (stream: Stream, report: HealthReport) => {
    const sending = observe.sending(report, pairKey(report.monitor, report.target));
    try {
      await append(stream, report, sending.headers, clock.now());
      failures = 0;
      outbox.confirm(report);
      sending.ended();
    } catch (error) {
      retryAtMs = clock.monotonic() + Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS);
      failures += 1;
      outbox.fail(report);
      sending.ended(error instanceof Error ? error : new Error(String(error)));
    }
    alarm.ring();
  };

  /** Sends what may be sent now; returns how long there is nothing more to do. */
  const sendWhatMayGo = (stream: Stream): number => {
    if (!messaging.connected()) return Infinity;
    const pauseMs = retryAtMs - clock.monotonic();
    if (pauseMs > 0) return pauseMs;
    while (outbox.inFlight < WINDOW) {
      const report = outbox.take();
      if (report === undefined) break;
      void send(stream, report);
    }
    return Infinity;
  };

  return {
    wake: alarm.ring,
    run: async (signal) => {
      const stream = await messaging.stream(streams.health, { create: false, signal });
      using _connected = messaging.onConnected((connected) => {
        if (connected) retryAtMs = 0;
        alarm.ring();
      });
      signal.addEventListener('abort', alarm.ring, { once: true });
      while (!signal.aborted) await alarm.wait(sendWhatMayGo(stream));
    },
  };
}

async function append(stream: Stream, report: HealthReport, headers: Headers, nowMs: number): Promise<void> {
  const { monitor, target, vantage, prober, incarnation, sequence } = report;
  // With the vantage, since the same prober id in two vantages is no mistake.
  const id = `${vantage}.${prober}-${incarnation}-${sequence}`;
  const event = encodeEvent(healthReported, {
    id,
    source: `/signpost/prober/${vantage}/${prober}`,
    subject: `${monitor}/${target}`,
    atMs: nowMs,
    data: report,
  });
  await stream.append(subjects.healthReport(monitor, target, vantage, prober), event, {
    id,
    headers: { ...headers, [HEADER_CONTENT_TYPE]: CLOUD_EVENT_CONTENT_TYPE },
  });
}
