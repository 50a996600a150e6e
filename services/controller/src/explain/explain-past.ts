/**
 * Why a client got its answer at a moment that has passed. Rules, stages and reasons are those of the recalled state;
 * answers are those that were published, and where the rules come to others, that is said.
 */
import { isDeepStrictEqual } from 'node:util';

import type { Explanation } from '@signpost/contracts/explanation';
import { explainSet } from '@signpost/policy/explain-policy';

import type { ControllerState } from '../reconcile/controller-state.ts';
import { type ClientFinder, clientView, explain, type Question } from './explain.ts';
import { findRecord } from './find-record.ts';
import { recallState, type RecallTools } from './recall-state.ts';

/** What was asked for cannot be told; `reason` in words. */
export interface NotRecalled {
  readonly reason: string;
}

/** `atMs`: wall clock. Rejects with `MessagingError` when NATS is away. */
export async function explainPast(
  present: ControllerState,
  question: Question,
  atMs: number,
  finder: ClientFinder,
  tools: RecallTools,
): Promise<Explanation | NotRecalled> {
  const recalled = await recallState(present, question.name, atMs, tools);
  if (!recalled.ok) return { reason: recalled.reason };
  const explanation = {
    ...explain(recalled.state, question, finder, atMs, { affinity: tools.affinity }),
    at: new Date(atMs).toISOString(),
  };
  return explanation.outcome === 'steered'
    ? asPublished(explanation, recalled.state, question, finder)
    : explanation;
}

function asPublished(
  explanation: Explanation,
  { records }: ControllerState,
  { name, client }: Question,
  finder: ClientFinder,
): Explanation {
  const { zone = '' } = explanation;
  const recordSets = records?.zones.get(zone)?.recordSets;
  const found = recordSets && findRecord(new Map([[zone, { recordSets }]]), name);
  const view = clientView(client, finder);
  const { notes = [] } = explanation;
  let scope = 0;
  const answers: Explanation['answers'] = [];
  for (const [type, set] of found?.kind === 'found' ? found.sets : []) {
    if (set.kind !== 'steered') continue;
    const published = explainSet(type, set, name, view);
    answers.push(published.answers);
    scope = Math.max(scope, published.scope);
  }
  if (answers.length === 0) {
    return {
      ...explanation,
      notes: [...notes, 'what was published then is not known; these are the answers of the rules'],
    };
  }
  const differing = answers
    .filter((answer) => {
      const ruled = explanation.answers.find(({ type }) => type === answer.type);
      return ruled !== undefined && !isDeepStrictEqual(ruled.candidates, answer.candidates);
    })
    .map(
      ({ type }) =>
        `published for ${type} was another answer than the rules come to: by load, shares, a view of one vantage or a guard, which are not kept`,
    );
  const kept = explanation.answers.filter(({ type }) => !answers.some((answer) => answer.type === type));
  return {
    ...explanation,
    answers: [...answers, ...kept.filter(({ candidates }) => candidates[0]?.target === undefined)],
    scope,
    ...(notes.length + differing.length > 0 && { notes: [...notes, ...differing] }),
  };
}
