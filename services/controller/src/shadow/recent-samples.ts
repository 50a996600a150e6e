/**
 * The last sampled answers that authorities told of: what a candidate is compared by. Bounded; what cannot be decoded
 * is left out, since whoever counts samples tells of it.
 */
import { type AnswerSample, answersSampled } from '@signpost/contracts/answer-sample';
import { decodeEvent } from '@signpost/contracts/cloud-event';
import type { Message } from '@signpost/contracts/messaging';

const SAMPLES_KEPT = 20_000;

export class RecentSamples {
  readonly #ring: AnswerSample[] = [];
  #next = 0;

  readonly take = ({ data }: Message): void => {
    const decoded = decodeEvent(answersSampled, data);
    if (!decoded.ok) return;
    for (const sample of decoded.value.data.samples) {
      this.#ring[this.#next] = sample;
      this.#next = (this.#next + 1) % SAMPLES_KEPT;
    }
  };

  all(): readonly AnswerSample[] {
    return this.#ring;
  }
}
