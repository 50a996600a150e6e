/**
 * Compiles a policy and the present health into what is published for one owner name and type.
 * Everything that health decides is decided here; what depends on the client stays in the rules of the set.
 * Pure; equal input gives an equal set, so that a comparison finds what changed.
 */
import type { AnswerGroup, SteeredAnswer, SteeredRecordSet } from '@signpost/contracts/record-set';
import type { TtlPlan } from '@signpost/contracts/ttl-plan';

import { canonicalHost } from './address-answers.ts';
import { answersOf, isService, type SteeredType } from './answers-of.ts';
import { corrected } from './choose-stage.ts';
import { compileViews, type SetParts } from './compile-views.ts';
import { type PlannedGroup, planPolicy, type PolicyPlan } from './plan-policy.ts';
import { planRegional } from './plan-regional.ts';
import type { PolicyInput } from './policy-input.ts';
import type { MemberStanding } from './pool-standing.ts';
import { UNCORRECTED } from './share-view.ts';

export type { SteeredType };

/**
 * The set to publish. Rules, branches and the order of groups are the same for every type of one input, so
 * all types choose the same pool. For `CNAME`: undefined unless some pool of host names is reachable
 * and may answer so. Views of single vantages stand in it only where they lead to other answers of the type.
 */
export function compilePolicy(input: PolicyInput, type: SteeredType): SteeredRecordSet | undefined {
  const options = { inLine: isService(type) };
  const plan = planPolicy(input, undefined, options);
  const regional = planRegional(input, plan, options);
  const plans = [plan, ...regional.flatMap((view) => view.plan ?? [])];
  if (
    type === 'CNAME' &&
    (input.flatten === true || !plans.some(({ groups }) => groups.some(({ pool }) => pool.hostNames)))
  ) {
    return undefined;
  }
  const parts = compileViews(
    compilePlan(plan, input, type),
    regional.map(({ vantage, near, plan: own }) => ({
      vantage,
      near,
      parts: own === undefined ? undefined : compilePlan(own, input, type),
    })),
  );
  const ttl = ttlOf(input, plan, type);
  return {
    kind: 'steered',
    // What one vantage alone sees is apt to change.
    ttl: parts.views === undefined ? ttl : Math.min(ttl, Math.max(input.ttl.floor, input.ttl.suspect)),
    policy: input.policyName,
    ...(input.seed !== undefined && { seed: input.seed }),
    ...parts,
  };
}

function compilePlan(plan: PolicyPlan, input: PolicyInput, type: SteeredType): SetParts {
  return {
    rules: plan.rules.flatMap(({ outcomes }) =>
      outcomes
        .filter(({ published }) => published)
        .map(({ when, branch }) => ({ ...(when.length > 0 && { when: [...when] }), branch })),
    ),
    branches: [...plan.branches],
    groups: plan.groups.map((group) => answerGroup(group, plan, input, type)),
  };
}

/**
 * Short while a change is likely: something is suspect or changed a moment ago, planned work is nearer than an answer
 * lasts, or what is served is not what should be.
 */
function ttlOf(input: PolicyInput, plan: PolicyPlan, type: SteeredType): number {
  const { ttl, overrides, nowMs } = input;
  const strained =
    plan.groups.some(({ standing }) => standing !== 'healthy') ||
    [...plan.standings.values()].some(({ members }) =>
      members.some(
        (member) =>
          isSuspect(member, type) ||
          isSettling(member, ttl, nowMs) ||
          overrides?.beginsWithin(member.target, ttl.stable),
      ),
    );
  const own = strained ? Math.min(ttl.suspect, ttl.stable) : ttl.stable;
  return Math.max(ttl.floor, Math.min(own, resolvedTtl(input, plan, type)));
}

/** Addresses of host names are good for as long as they were found to be. */
function resolvedTtl({ flatten, resolved }: PolicyInput, { groups }: PolicyPlan, type: SteeredType): number {
  if (flatten !== true || resolved === undefined || isService(type)) return Number.POSITIVE_INFINITY;
  const hosts = groups.flatMap(({ serving }) =>
    serving.flatMap(({ configuration: { cname } }) => cname ?? []),
  );
  return Math.min(...hosts.map((host) => resolved(canonicalHost(host))?.ttl ?? Number.POSITIVE_INFINITY));
}

function isSettling({ changedMs }: MemberStanding, { settle }: TtlPlan, nowMs: number | undefined): boolean {
  return changedMs !== undefined && nowMs !== undefined && nowMs - changedMs < settle;
}

function isSuspect(member: MemberStanding, type: SteeredType): boolean {
  if (member.state === 'suspect') return true;
  if (type === 'A') return member.configuration.a !== undefined && member.ipv4 === 'suspect';
  return type === 'AAAA' && member.configuration.aaaa !== undefined && member.ipv6 === 'suspect';
}

function answerGroup(
  group: PlannedGroup,
  { ramps }: PolicyPlan,
  input: PolicyInput,
  type: SteeredType,
): AnswerGroup {
  const { pool, standing, within } = group;
  const answers = answersOf(group, type, { ...input, ramps });
  if (isService(type)) {
    return {
      pool: pool.pool,
      type,
      // One RRset: all of it goes to whoever gets the group.
      pick: 'ordered',
      select: Math.max(1, answers.length),
      standing,
      answers,
    };
  }
  const groupType = pool.hostNames && input.flatten !== true ? 'CNAME' : type;
  const { affinity } = within;
  return {
    pool: pool.pool,
    type: groupType,
    pick: affinity === undefined ? within.pick : 'affinity',
    ...(affinity !== undefined && { bits: { v4: affinity.v4, v6: affinity.v6 } }),
    // RFC 2181 section 10.1: one CNAME record at a name.
    select: groupType === 'CNAME' ? 1 : within.select,
    standing,
    answers: withShares(answers, group, input),
  };
}

/** What sampled answers say of how clients truly spread. */
function withShares(
  answers: readonly SteeredAnswer[],
  { pool: { pool }, within }: PlannedGroup,
  { policyName, shares = UNCORRECTED }: PolicyInput,
): SteeredAnswer[] {
  const { weigh, affinity } = within;
  const weights = corrected(
    answers.map(({ weight }) => weight),
    answers.map(({ target }) => (weigh === 'clients' ? shares.factorOf(policyName, pool, target) : 1)),
  );
  return answers.map((answer, index) => {
    const keep = affinity?.bounded === undefined ? 1 : shares.keepOf(policyName, pool, answer.target);
    return { ...answer, weight: weights[index]!, ...(keep < 1 && { keep }) };
  });
}
