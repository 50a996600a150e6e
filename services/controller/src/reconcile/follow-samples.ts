/** Samples of answers -> inputs for the loop, as far as a policy makes use of them. Bad bytes are counted and dropped. */
import { answersSampled } from '@signpost/contracts/answer-sample';
import { decodeEvent } from '@signpost/contracts/cloud-event';
import { patterns, subjects } from '@signpost/contracts/subjects';

import type { FollowInputsOptions } from './follow-inputs.ts';

export function followSamples({
  messaging,
  clock,
  inbox,
  weighsClients,
  onBad,
}: FollowInputsOptions): Disposable {
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
