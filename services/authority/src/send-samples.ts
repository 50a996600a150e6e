/**
 * Samples of the answers given, once a second on NATS, for whoever weighs clients or compares configurations. Nothing
 * depends on them: what cannot be sent is gone.
 */
import { answersSampled, type AnswerSample, MAX_SAMPLES_PER_EVENT } from '@signpost/contracts/answer-sample';
import { CLOUD_EVENT_CONTENT_TYPE, encodeEvent } from '@signpost/contracts/cloud-event';
import { HEADER_CONTENT_TYPE, type Messaging } from '@signpost/contracts/messaging';
import { subjects } from '@signpost/contracts/subjects';
import type { Clock } from '@signpost/lifecycle/clock';

import type { SamplesByZone } from './count/read-samples.ts';
import { untilReached } from './until-reached.ts';

export const SAMPLE_INTERVAL_MS = 1_000;

export interface SendSamplesOptions {
  /** Known at once, or when NATS was reached for the first time. */
  readonly messaging: Messaging | Promise<Messaging>;
  readonly node: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What was sampled since the last call; undefined: nothing can be said any more. */
  readonly take: () => Promise<SamplesByZone | undefined>;
  readonly onSent: (samples: number) => void;
}

/** Resolves when the signal aborts. */
export async function sendSamples(options: SendSamplesOptions): Promise<void> {
  const { clock, signal, take } = options;
  const messaging = await untilReached(options.messaging, signal);
  if (messaging === undefined) return;
  await take(); // what gathered meanwhile is old
  while (!signal.aborted) {
    await clock.sleep(SAMPLE_INTERVAL_MS, signal).catch(() => undefined);
    const byZone = await take();
    if (byZone === undefined || !messaging.connected()) continue;
    for (const [zone, samples] of byZone) sendZone(messaging, zone, samples, options);
  }
}

function sendZone(
  messaging: Messaging,
  zone: string,
  samples: readonly AnswerSample[],
  { node, clock, onSent }: SendSamplesOptions,
): void {
  const atMs = Math.floor(clock.now());
  for (let start = 0; start < samples.length; start += MAX_SAMPLES_PER_EVENT) {
    const part = samples.slice(start, start + MAX_SAMPLES_PER_EVENT);
    const event = encodeEvent(answersSampled, {
      id: `${node}.${zone}.${atMs}.${start}`,
      source: `/signpost/authority/${node}`,
      subject: zone,
      atMs,
      data: { zone, node, samples: part },
    });
    try {
      const headers = { [HEADER_CONTENT_TYPE]: CLOUD_EVENT_CONTENT_TYPE };
      messaging.core.publish(subjects.answersSampled(zone), event, headers);
      onSent(part.length);
    } catch {
      return; // it was cut off just now
    }
  }
}
