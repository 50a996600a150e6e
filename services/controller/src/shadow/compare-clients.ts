/**
 * Where the clients of sampled answers go by two compilations of the record sets: who moves, from which target to
 * which, and who gets nothing any more. Compares what chance decides by shares, not by draws. Pure.
 */
import type { AnswerSample } from '@signpost/contracts/answer-sample';
import type { Comparison, Move } from '@signpost/contracts/candidate';
import { recordSetField } from '@signpost/contracts/keys';
import type { SteeredRecordSet } from '@signpost/contracts/record-set';
import { answerShares } from '@signpost/policy/answer-shares';
import { type Chance, createChance, seedOf } from '@signpost/policy/chance';
import { type Measured, NOTHING_MEASURED } from '@signpost/policy/explain-policy';
import type { ClientView } from '@signpost/policy/match-client';
import {
  createSelection,
  prepareSteering,
  selectAnswer,
  type Selection,
  type Steering,
} from '@signpost/policy/select-answer';

import type { CompiledZones } from '../compile/compile-zone.ts';

export type ClientComparison = Pick<
  Comparison,
  'samples' | 'answers' | 'moved' | 'emptied' | 'moves' | 'targets'
>;

/** Of an answer: the target it leads to, or that there is none. */
const NOTHING = '';
const MOST_MOVES = 1_000;
/** Less than this is rounding. */
const NEGLIGIBLE = 1e-9;

/** `clientOf`: the client of a sample as steering sees it; undefined for one that is no prefix. */
export function compareClients(
  now: CompiledZones,
  then: CompiledZones,
  samples: readonly AnswerSample[],
  clientOf: (sample: AnswerSample) => ClientView | undefined,
  measured: Measured = NOTHING_MEASURED,
): ClientComparison {
  const [before, after] = [new Steerer(now, measured), new Steerer(then, measured)];
  const moves = new Map<string, { owner: string; type: string; from: string; to: string; weight: number }>();
  const targets = new Map<string, { now: number; by: number }>();
  let [counted, answers] = [0, 0];
  for (const sample of samples) {
    const client = clientOf(sample);
    const own = client && before.shares(sample, client);
    if (client === undefined || own === undefined) continue; // a name that was steered a moment ago and is no more
    const next = after.shares(sample, client) ?? new Map([[NOTHING, 1]]);
    const { owner, type, weight } = sample;
    counted += 1;
    answers += weight;
    for (const [target, share] of own) add(targets, target).now += share * weight;
    for (const [target, share] of next) add(targets, target).by += share * weight;
    for (const { from, to, share } of flows(own, next)) {
      const key = JSON.stringify([owner, type, from, to]);
      const move = moves.get(key) ?? { owner, type, from, to, weight: 0 };
      move.weight += share * weight;
      moves.set(key, move);
    }
  }
  const shared = [...moves.values()].map(({ owner, type, from, to, weight }): Move => ({
    owner,
    type,
    from: from === NOTHING ? null : from,
    to: to === NOTHING ? null : to,
    share: weight / answers,
  }));
  return {
    samples: counted,
    answers,
    moved: sum(shared),
    emptied: sum(shared.filter(({ to }) => to === null)),
    moves: shared.toSorted((a, b) => b.share - a.share).slice(0, MOST_MOVES),
    targets: [...targets]
      .filter(([target]) => target !== NOTHING)
      .map(([target, weights]) => ({ target, now: weights.now / answers, by: weights.by / answers }))
      .toSorted((a, b) => b.now - a.now),
  };
}

type Shares = ReadonlyMap<string, number>;

/** What must move at least to make one distribution the other, from each target that loses to those that gain. */
function flows(now: Shares, then: Shares): { from: string; to: string; share: number }[] {
  const losses = [...now].map(([target, share]) => [target, share - (then.get(target) ?? 0)] as const);
  const gains = [...then].map(([target, share]) => [target, share - (now.get(target) ?? 0)] as const);
  const gaining = gains.filter(([, gain]) => gain > NEGLIGIBLE);
  let total = 0;
  for (const [, gain] of gaining) total += gain;
  return losses.flatMap(([from, loss]) =>
    loss <= NEGLIGIBLE ? [] : gaining.map(([to, gain]) => ({ from, to, share: (loss * gain) / total })),
  );
}

function add(targets: Map<string, { now: number; by: number }>, target: string) {
  const found = targets.get(target) ?? { now: 0, by: 0 };
  targets.set(target, found);
  return found;
}

function sum(moves: readonly Move[]): number {
  let total = 0;
  for (const { share } of moves) total += share;
  return total;
}

interface Prepared {
  readonly set: SteeredRecordSet;
  readonly steering: Steering;
  readonly chance: Chance;
}

/** Record sets made ready as they are asked for. */
class Steerer {
  readonly #zones: CompiledZones;
  readonly #measured: Measured;
  readonly #prepared = new Map<string, Prepared | undefined>();
  readonly #selection: Selection = createSelection();

  constructor(zones: CompiledZones, measured: Measured) {
    this.#zones = zones;
    this.#measured = measured;
  }

  /** By target, summing to 1; undefined: the name is not steered. */
  shares({ owner, type }: AnswerSample, client: ClientView): Shares | undefined {
    const prepared = this.#find(owner, type) ?? this.#find(owner, 'CNAME');
    if (prepared === undefined) return undefined;
    const { set, steering, chance } = prepared;
    selectAnswer(steering, client, chance, this.#selection, this.#measured.latencies);
    const group = set.groups[this.#selection.group]!;
    if (this.#selection.count === 0) return new Map([[NOTHING, 1]]);
    const shares = new Map<string, number>();
    for (const [index, share] of answerShares(group, this.#selection).entries()) {
      if (share === 0) continue;
      const { target } = group.answers[index]!;
      shares.set(target, (shares.get(target) ?? 0) + share);
    }
    return shares;
  }

  #find(owner: string, type: string) {
    const field = recordSetField(owner, type);
    if (!this.#prepared.has(field)) {
      const set = [...this.#zones.values()].flatMap(({ recordSets }) => recordSets.get(field) ?? [])[0];
      const steered = set?.kind === 'steered' ? set : undefined;
      this.#prepared.set(
        field,
        steered && {
          set: steered,
          steering: prepareSteering(steered, this.#measured.slotOf),
          chance: createChance(seedOf(steered, owner)),
        },
      );
    }
    return this.#prepared.get(field);
  }
}
