/**
 * Explains, for one client, what `compilePolicy` and `selectAnswer` decide and why, with the same functions.
 * Must not decide anything of its own.
 */
import type { Explanation, RuleView } from '@signpost/contracts/explanation';
import type { AnswerGroup, SteeredRecordSet } from '@signpost/contracts/record-set';

import { answerShares } from './answer-shares.ts';
import { createChance, seedOf } from './chance.ts';
import { compilePolicy, type SteeredType } from './compile-policy.ts';
import { explainRule, type RuleExplainer } from './explain-rule.ts';
import { explainView, publishedView } from './explain-view.ts';
import { type LatencyTable, NO_LATENCIES } from './latency-table.ts';
import type { ClientView } from './match-client.ts';
import { planPolicy, type PolicyPlan } from './plan-policy.ts';
import type { PolicyInput } from './policy-input.ts';
import { createSelection, prepareSteering, selectAnswer, type Selection } from './select-answer.ts';

export interface ExplainedPolicy {
  readonly view: Explanation['view'];
  /** Of a name that leads to one target. */
  readonly pin: string | undefined;
  readonly rules: RuleView[];
  /** One entry per type that has a set; `share` is how often a candidate stands first. */
  readonly answers: Explanation['answers'];
  readonly scope: number;
}

/** Round trips as they were measured, and the numbers by which the table knows targets. */
export interface Measured {
  readonly latencies: LatencyTable;
  readonly slotOf: (target: string) => number;
  /** What a row is about, for people: a prefix, a system, a country. */
  readonly nameOf?: (row: number) => string | undefined;
}

export const NOTHING_MEASURED: Measured = { latencies: NO_LATENCIES, slotOf: () => -1 };

/** `ownerName` in canonical text, as for `seedOf`. */
export function explainPolicy(
  input: PolicyInput,
  ownerName: string,
  client: ClientView,
  types: readonly SteeredType[],
  measured: Measured = NOTHING_MEASURED,
): ExplainedPolicy {
  const sets = types.flatMap((type) => {
    const set = compilePolicy(input, type);
    return set === undefined ? [] : [{ type, set, selection: selectFrom(set, ownerName, client, measured) }];
  });
  const everybody = planPolicy(input);
  const near = publishedView(
    input.health,
    client,
    sets.flatMap(({ set }) => set.views ?? []),
  );
  const { pin, ...unpinned } = input;
  const plan = near === undefined ? everybody : planPolicy({ ...unpinned, health: near.health }, everybody);
  // Every type chooses the same pool, so any of them tells it.
  const { set, selection } = sets[0]!;
  const drawn = set.groups[selection.group]!.pool;
  const by: RuleExplainer = { plan, policies: input.policies ?? {}, client, drawn, ...measured };
  return {
    view: near === undefined ? undefined : explainView(near, plan, everybody),
    pin: pin === undefined ? undefined : explainPin(pin, everybody),
    rules: explainRules(by),
    answers: sets.map((own) => viewAnswers(own.type, own.set, own.selection)),
    scope: Math.max(...sets.map((own) => own.selection.scope)),
  };
}

function explainPin(target: string, { pinned }: PolicyPlan): string {
  return pinned === undefined
    ? `pinned to ${target}, which is down or gone: as the policy decides`
    : `pinned to ${target} while it serves, by pool ${pinned.pool}`;
}

function explainRules(by: RuleExplainer): RuleView[] {
  let done = false;
  return by.plan.rules.map((planned) => {
    const view = explainRule(planned, done, by);
    done ||= view.matched;
    return view;
  });
}

function selectFrom(
  set: SteeredRecordSet,
  ownerName: string,
  client: ClientView,
  { latencies, slotOf }: Measured,
): Selection {
  const selection = createSelection();
  const chance = createChance(seedOf(set, ownerName));
  selectAnswer(prepareSteering(set, slotOf), client, chance, selection, latencies);
  return selection;
}

/** What a record set gives the client, and by how many bits of its address. */
export function explainSet(
  type: string,
  set: SteeredRecordSet,
  ownerName: string,
  client: ClientView,
  measured: Measured = NOTHING_MEASURED,
): { readonly answers: Explanation['answers'][number]; readonly scope: number } {
  const selection = selectFrom(set, ownerName, client, measured);
  return { answers: viewAnswers(type, set, selection), scope: selection.scope };
}

function viewAnswers(
  type: string,
  set: SteeredRecordSet,
  selection: Selection,
): Explanation['answers'][number] {
  const candidates = viewCandidates(set.groups[selection.group]!, selection);
  return { type, ttl: set.ttl, select: selection.count, candidates };
}

function viewCandidates(
  group: AnswerGroup,
  selection: Selection,
): Explanation['answers'][number]['candidates'] {
  const shares = answerShares(group, selection);
  return group.answers.map(({ rdata, target }, index) => ({ rdata, target, share: shares[index]! }));
}
