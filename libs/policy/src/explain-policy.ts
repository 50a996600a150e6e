/**
 * Explains, for one client, what `compilePolicy` and `selectAnswer` decide and why, with the same functions.
 * Must not decide anything of its own.
 */
import type { Explanation, RuleView } from '@signpost/contracts/explanation';
import type { Place } from '@signpost/contracts/place';
import type { AnswerGroup, SteeredRecordSet } from '@signpost/contracts/record-set';

import { stagePools } from './choose-stage.ts';
import { compilePolicy, type SteeredType } from './compile-policy.ts';
import { explainView, publishedView } from './explain-view.ts';
import type { PolicyInput } from './policy-input.ts';
import { type ClientView, matchGeos, matchSubnets, subnetTables } from './match-client.ts';
import { type PlannedRule, planPolicy, type PolicyPlan } from './plan-policy.ts';
import { type MemberStanding, percent, type PoolStanding } from './pool-standing.ts';
import { type Ramp, RAMP_STEPS } from './ramp-up.ts';
import { createSelection, prepareSteering, selectAnswer, type Selection } from './select-answer.ts';
import { stickyBits } from './sticky-draw.ts';
import { weightAt, weightTable } from './weight-table.ts';

export interface ExplainedPolicy {
  readonly view: Explanation['view'];
  readonly rules: RuleView[];
  /** One entry per type that has a set; `share` is how often a candidate stands first. */
  readonly answers: Explanation['answers'];
  readonly scope: number;
}

type StageView = RuleView['stages'][number];
type PoolView = StageView['pools'][number];

/** `ownerName` in canonical text, as for `prepareSteering`. */
export function explainPolicy(
  input: PolicyInput,
  ownerName: string,
  client: ClientView,
  types: readonly SteeredType[],
): ExplainedPolicy {
  const sets = types.flatMap((type) => {
    const set = compilePolicy(input, type);
    return set === undefined ? [] : [{ type, set, selection: selectFrom(set, ownerName, client) }];
  });
  const everybody = planPolicy(input);
  const near = publishedView(
    input.health,
    client,
    sets.flatMap(({ set }) => set.views ?? []),
  );
  const plan = near === undefined ? everybody : planPolicy({ ...input, health: near.health }, everybody);
  // Every type chooses the same pool, so any of them tells it.
  const { set, selection } = sets[0]!;
  return {
    view: near === undefined ? undefined : explainView(near, plan, everybody),
    rules: viewRules(plan, client, set.groups[selection.group]!.pool),
    answers: sets.map(({ type, set, selection }) => viewAnswers(type, set, selection)),
    scope: Math.max(...sets.map(({ selection }) => selection.scope)),
  };
}

function selectFrom(set: SteeredRecordSet, ownerName: string, client: ClientView): Selection {
  const selection = createSelection();
  selectAnswer(prepareSteering(set, ownerName), client, 0, 0, selection);
  return selection;
}

function viewRules(plan: PolicyPlan, client: ClientView, drawn: string): RuleView[] {
  let done = false;
  let place: Place | undefined;
  return plan.rules.map((planned) => {
    const head = { index: planned.index, when: describeWhen(planned) };
    if (done)
      return { ...head, matched: false, reason: 'a rule before matched', prefixLength: 0, stages: [] };
    const match = matchRule(planned, client, () => (place ??= client.place()));
    done = match.matched;
    return {
      ...head,
      matched: match.matched,
      reason: planned.published ? match.reason : `${match.reason}; answers are those of the last rule anyway`,
      prefixLength: planned.published ? match.needed : 0,
      stages: match.matched ? viewStages(planned, plan, client, drawn) : [],
    };
  });
}

interface RuleMatch {
  readonly matched: boolean;
  readonly needed: number;
  readonly reason: string;
}

/** As the first match of `selectAnswer`: subnets first, geos only if those matched. */
function matchRule({ rule }: PlannedRule, client: ClientView, placeOf: () => Place): RuleMatch {
  const reasons: string[] = [];
  let needed = 0;
  const { subnets, geos } = rule.when ?? {};
  if (subnets !== undefined) {
    const found = matchSubnets(subnetTables(subnets), client);
    if (found < 0) {
      return { matched: false, needed: -1 - found, reason: `client is not in ${inWords(subnets)}` };
    }
    needed = found;
    reasons.push(`client is in ${inWords(subnets)}`);
  }
  if (geos !== undefined) {
    const place = placeOf();
    needed = Math.max(needed, place.prefixLength);
    if (!matchGeos(geos, place)) {
      return { matched: false, needed, reason: `place is ${describePlace(place)}, not ${inWords(geos)}` };
    }
    reasons.push(`place is ${describePlace(place)}`);
  }
  return { matched: true, needed, reason: reasons.join(', ') || 'matches everybody' };
}

function viewStages(planned: PlannedRule, plan: PolicyPlan, client: ClientView, drawn: string): StageView[] {
  const { choice, rule, branch } = planned;
  const servingOf = new Map(
    plan.branches[branch]!.groups.map(({ group }) => {
      const { pool, serving } = plan.groups[group]!;
      return [pool, serving] as const;
    }),
  );
  return rule.try.map((stage, index) => {
    const taken = index === choice.stage;
    const draw =
      taken && choice.pools.length > 1 ? `; the client's /${stickyBits(client.family)} draws ${drawn}` : '';
    return {
      stage: typeof stage === 'string' ? stage : describeWeights(stage.weighted),
      taken,
      reason: `${choice.reasons[index]!}${draw}`,
      pools: stagePools(stage).map(({ pool }) => {
        const standing = planned.standings.get(pool)!;
        const serving = (taken ? servingOf.get(standing) : undefined) ?? standing.serving;
        return viewPool(standing, serving, plan.ramps.get(pool)!);
      }),
    };
  });
}

function viewPool(standing: PoolStanding, serving: readonly MemberStanding[], ramp: Ramp): PoolView {
  return {
    pool: standing.pool,
    up: standing.up,
    minUp: standing.minUp,
    healthyEnough: standing.healthyEnough,
    members: standing.members.map((member) => ({
      target: member.target,
      weight: member.weight,
      state: member.state,
      serves: serving.includes(member),
      reason: `${member.reason}${describeRamp(ramp.get(member.target))}`,
      ...(member.override === undefined ? {} : { override: member.override }),
    })),
  };
}

function describeRamp(step: number | undefined): string {
  return step === undefined ? '' : `; ramping: ${percent(step / RAMP_STEPS)} of weight`;
}

function viewAnswers(
  type: SteeredType,
  set: SteeredRecordSet,
  { group, count }: Selection,
): Explanation['answers'][number] {
  return { type, ttl: set.ttl, select: count, candidates: viewCandidates(set.groups[group]!) };
}

function viewCandidates({ answers, pick }: AnswerGroup): Explanation['answers'][number]['candidates'] {
  const weights = weightTable(answers.map(({ weight }) => weight));
  return answers.map(({ rdata, target }, index) => {
    const weight = weightAt(weights, index);
    const share = pick === 'weighted' ? weight / weights.total : Math.sign(weight) / weights.positive;
    return { rdata, target, share };
  });
}

function describeWhen({ rule }: PlannedRule): string {
  const { subnets, geos } = rule.when ?? {};
  const parts = [
    ...(subnets === undefined ? [] : [`subnets ${subnets.join(', ')}`]),
    ...(geos === undefined ? [] : [`geos ${geos.join(', ')}`]),
  ];
  return parts.join(' and ') || 'everybody';
}

function describePlace({ continent, country, subdivision }: Place): string {
  return [continent, country, subdivision].filter((part) => part !== '').join('-') || 'unknown';
}

function describeWeights(weights: Readonly<Record<string, number>>): string {
  return `weighted: ${Object.entries(weights)
    .map(([pool, weight]) => `${pool} ${weight}`)
    .join(', ')}`;
}

/** `EU, AF or AS-TR`. */
function inWords(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)!}`;
}
