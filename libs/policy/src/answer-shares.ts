/** How often each answer of a selected group stands first, over the draws that chance decides. Pure. */
import type { AnswerGroup } from '@signpost/contracts/record-set';

import type { Selection } from './select-answer.ts';
import { weightAt, weightTable } from './weight-table.ts';

/** One share, 0 to 1, per answer of the group; all 0 when nothing is answered. */
export function answerShares({ answers, pick }: AnswerGroup, selection: Selection): readonly number[] {
  if (answers.length === 0) return [];
  const weights = weightTable(answers.map(({ weight }) => weight));
  return answers.map((_, index) => {
    switch (pick) {
      case 'weighted':
        return weightAt(weights, index) / weights.total;
      case 'round_robin':
        return Math.sign(weightAt(weights, index)) / weights.positive;
      case 'ordered':
      case 'affinity':
        return selection.answers[0] === index ? 1 : 0;
      default:
        throw new TypeError(`unhandled pick ${String(pick satisfies never)}`);
    }
  });
}
