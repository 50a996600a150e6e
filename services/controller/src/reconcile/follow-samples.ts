/** Samples of answers -> inputs for the loop, as far as a policy makes use of them. Bad bytes are counted and dropped. */
import { answersSampled } from '@signpost/contracts/answer-sample';
import { decodeEvent } from '@signpost/contracts/cloud-event';
import type { Messaging } from '@signpost/contracts/messaging';
import { patterns, subjects } from '@signpost/contracts/subjects';
import type { Clock } from '@signpost/lifecycle/clock';

import type { Inbox } from './inbox.ts';
import type { Input } from './take-inputs.ts';

export interface FollowSamplesOptions {
  readonly messaging: Messaging;
  readonly clock: Clock;
  readonly inbox: Inbox<Input>;
  /** Whether a policy asks how clients spread: else samples are not looked at. */
  readonly weighsClients: () => boolean;
  readonly onBad: (subject: string, reason: string) => void;
}

export function followSamples({
  messaging,
  clock,
  inbox,
  weighsClients,
  onBad,
}: FollowSamplesOptions): Disposable {
  return messaging.core.subscribe(patterns.answerSamples, ({ subject, data }) => {
    if (!weighsClients()) return;
    const event = decodeEvent(answersSampled, data);
    if (!event.ok) return onBad(subject, event.reason);
    const { zone, samples } = event.value.data;
    if (subjects.answersSampled(zone) !== subject) {
      return onBad(subject, 'its data is about another subject');
    }
    inbox.push({ kind: 'samples', zone, samples, heardAtMs: clock.monotonic() }, false);
  });
}
