/**
 * Compiles a policy and the present health into what is published for one owner name and type.
 * Everything that health decides is decided here; what depends on the client stays in the rules of the set.
 * Pure; equal input gives an equal set, so that a comparison finds what changed.
 */
import type { AnswerGroup, SteeredAnswer, SteeredRecordSet } from '@signpost/contracts/record-set';
import type { TtlPlan } from '@signpost/contracts/ttl-plan';
import { formatIpv6, parseIpv6 } from '@signpost/dns/address';

import { corrected } from './choose-stage.ts';
import { compileViews, type SetParts } from './compile-views.ts';
import { type PlannedGroup, planPolicy, type PolicyPlan } from './plan-policy.ts';
import { planRegional } from './plan-regional.ts';
import type { PolicyInput } from './policy-input.ts';
import type { MemberStanding } from './pool-standing.ts';
import { type Ramp, rampedWeight } from './ramp-up.ts';
import { UNCORRECTED } from './share-view.ts';

export type SteeredType = 'A' | 'AAAA' | 'CNAME';

/**
 * The set to publish. Rules, branches and the order of groups are the same for every type of one input, so
 * all types choose the same pool. For `CNAME`: undefined unless some pool of host names is reachable.
 * Views of single vantages stand in it only where they lead to other answers of the type.
 */
export function compilePolicy(input: PolicyInput, type: SteeredType): SteeredRecordSet | undefined {
  const plan = planPolicy(input);
  const regional = planRegional(input, plan);
  const plans = [plan, ...regional.flatMap((view) => view.plan ?? [])];
  if (type === 'CNAME' && !plans.some(({ groups }) => groups.some(({ pool }) => pool.hostNames))) {
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
function ttlOf({ ttl, overrides, nowMs }: PolicyInput, plan: PolicyPlan, type: SteeredType): number {
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
  return Math.max(ttl.floor, strained ? Math.min(ttl.suspect, ttl.stable) : ttl.stable);
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
  const { pool, standing, serving, within } = group;
  const groupType = pool.hostNames ? 'CNAME' : type;
  const ramp = ramps.get(pool.pool);
  const answers = serving.flatMap((member) => answersOf(member, groupType, standing, ramp));
  const { affinity } = within;
  return {
    pool: pool.pool,
    type: groupType,
    pick: affinity === undefined ? within.pick : 'affinity',
    ...(affinity !== undefined && { bits: { v4: affinity.v4, v6: affinity.v6 } }),
    // RFC 2181 section 10.1: one CNAME record at a name.
    select: groupType === 'CNAME' ? 1 : within.select,
    standing,
    answers: withShares(withoutRepetition(answers), group, input),
  };
}

/** What sampled answers say of how clients truly spread. */
function withShares(
  answers: SteeredAnswer[],
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

function answersOf(
  member: MemberStanding,
  type: SteeredType,
  standing: AnswerGroup['standing'],
  ramp: Ramp | undefined,
): readonly SteeredAnswer[] {
  const { target, configuration, ipv4, ipv6 } = member;
  const ignoreHealth = standing !== 'healthy' && standing !== 'last_resort';
  const weight =
    ramp === undefined || ignoreHealth ? member.weight : rampedWeight(target, member.weight, ramp);
  switch (type) {
    case 'A':
      return answer(configuration.a, ignoreHealth || ipv4 !== 'down', target, weight);
    case 'AAAA':
      return answer(canonicalIpv6(configuration.aaaa), ignoreHealth || ipv6 !== 'down', target, weight);
    case 'CNAME':
      return answer(configuration.cname, true, target, weight);
    default:
      throw new TypeError(`unhandled type ${String(type satisfies never)}`);
  }
}

function answer(
  rdata: string | undefined,
  mayServe: boolean,
  target: string,
  weight: number,
): readonly SteeredAnswer[] {
  return rdata === undefined || !mayServe ? [] : [{ rdata, target, weight }];
}

/** The form of RFC 5952, so that one address is one text however it was written. */
function canonicalIpv6(text: string | undefined): string | undefined {
  const octets = text === undefined ? undefined : parseIpv6(text);
  return octets === undefined ? text : formatIpv6(octets);
}

/** RFC 2181 section 5: no record twice in an RRset. Targets that share an address share one answer. */
function withoutRepetition(answers: readonly SteeredAnswer[]): SteeredAnswer[] {
  const byRdata = new Map<string, SteeredAnswer>();
  for (const next of answers) {
    const key = next.rdata.toLowerCase();
    const before = byRdata.get(key);
    byRdata.set(key, before === undefined ? next : { ...before, weight: before.weight + next.weight });
  }
  return [...byRdata.values()];
}
