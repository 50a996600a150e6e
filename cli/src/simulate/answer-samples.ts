/**
 * The samples that authorities tell the controller of, once a second: of each block of answers one by chance, which
 * stands for all of them. A block is as long as it must be for about as many samples as a node sends.
 */
import type { AnswerSample } from '@signpost/contracts/answer-sample';
import { MAX_SAMPLED_TARGETS, SAMPLED_BITS } from '@signpost/contracts/sampled-bounds';
import { formatAddress, maskedTo } from '@signpost/dns/address';
import type { Input } from '@signpost/controller/reconcile/take-inputs';
import type { ClientView } from '@signpost/policy/match-client';

import type { Chance } from './chance.ts';
import type { Answered } from './resolvers.ts';
import type { SteeredName } from './steered-name.ts';

/** As SIGNPOST_ANSWER_SAMPLES has it by default. */
const SAMPLES_PER_SECOND = 100;

export interface AnswerSamplesOptions {
  readonly name: SteeredName;
  /** By number. */
  readonly targets: readonly string[];
  /** Wall clock at time 0 of the simulation. */
  readonly startMs: number;
  readonly chance: Chance;
}

export class AnswerSamples {
  readonly #options: AnswerSamplesOptions;
  #answers: Answered[] = [];

  constructor(options: AnswerSamplesOptions) {
    this.#options = options;
  }

  note(answered: Answered): void {
    this.#answers.push(answered);
  }

  /** Of the answers since the last call. */
  take(): AnswerSample[] {
    const answers = this.#answers;
    this.#answers = [];
    const block = Math.max(1, Math.ceil(answers.length / SAMPLES_PER_SECOND));
    const samples: AnswerSample[] = [];
    for (let start = 0; start < answers.length; start += block) {
      const weight = Math.min(block, answers.length - start);
      const chosen = answers[start + this.#options.chance.below(weight)]!;
      if (chosen.isAnswer) samples.push(this.#sampleOf(chosen, weight));
    }
    return samples;
  }

  /** As the controller hears of them. */
  takeAt(nowMs: number): Input {
    return { kind: 'samples', zone: this.#options.name.zone.apex, samples: this.take(), heardAtMs: nowMs };
  }

  #sampleOf({ atMs, resolver, view, pool, targets, ttlMs, scope }: Answered, weight: number): AnswerSample {
    const { name, targets: names, startMs } = this.#options;
    return {
      atMs: Math.floor(startMs + atMs),
      owner: name.record.owner,
      type: name.type,
      policy: name.record.policy,
      pool,
      targets: targets.slice(0, MAX_SAMPLED_TARGETS).map((number) => names[number]!),
      resolver: networkOf(resolver),
      ...(view !== resolver && { client: networkOf(view) }),
      sourceLength: view.sourceLength,
      scope: view === resolver ? 0 : scope,
      ttl: ttlMs / 1_000,
      weight,
    };
  }
}

function networkOf({ family, address, sourceLength }: ClientView): string {
  const bits = Math.min(sourceLength, SAMPLED_BITS[family]);
  return `${formatAddress(maskedTo(address.subarray(0, family === 4 ? 4 : 16), bits))}/${bits}`;
}
