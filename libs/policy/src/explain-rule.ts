/** How one rule of a plan meets one client: whether it matches, which of its stages serves and why. Pure. */
import type { RuleView } from '@signpost/contracts/explanation';
import type { Place } from '@signpost/contracts/place';
import type { PolicyConfiguration, Stage, When } from '@signpost/contracts/policy-configuration';
import type { SteeringCondition } from '@signpost/contracts/record-set';

import { leavesOf } from './choice.ts';
import { isNested, stagePools } from './choose-stage.ts';
import { type ExplainedClient, explainChoice } from './explain-choice.ts';
import { type ClientView, matchGeos, matchSubnets, subnetTables } from './match-client.ts';
import { servingOf } from './plan-branches.ts';
import type { PlannedOutcome, PlannedRule, PolicyPlan } from './plan-policy.ts';
import { poolsOfRule, type Visit } from './plan-rule.ts';
import { describePool, type MemberStanding, percent, type PoolStanding } from './pool-standing.ts';
import { type Ramp, RAMP_STEPS } from './ramp-up.ts';

type StageView = RuleView['stages'][number];
type PoolView = StageView['pools'][number];

export interface RuleExplainer extends ExplainedClient {
  readonly plan: PolicyPlan;
  readonly policies: Readonly<Record<string, PolicyConfiguration>>;
  /** The pool that selection came to. */
  readonly drawn: string;
}

/** `done`: a rule before it matched. */
export function explainRule(planned: PlannedRule, done: boolean, by: RuleExplainer): RuleView {
  const { index, rule, conditions, outcomes } = planned;
  const head = { index, when: describeWhen(rule.when), stages: [] };
  if (done) return { ...head, matched: false, reason: 'a rule before matched', prefixLength: 0 };
  if (conditions === undefined) {
    return { ...head, matched: false, reason: 'not at this time', prefixLength: 0 };
  }
  const match = matchAll(conditions, by.client);
  const isPublished = outcomes.some(({ published }) => published);
  const reason = isPublished ? match.reason : `${match.reason}; answers are those of the last rule anyway`;
  const own = { ...head, matched: match.matched, reason };
  if (!match.matched) return { ...own, prefixLength: isPublished ? match.needed : 0 };
  let { needed } = match;
  const outcome = outcomes.find(({ conditions: nested, published }) => {
    const nestedMatch = matchAll(nested, by.client);
    if (published) needed = Math.max(needed, nestedMatch.needed);
    return nestedMatch.matched;
  })!;
  return { ...own, prefixLength: isPublished ? needed : 0, stages: viewStages(planned, outcome, by) };
}

interface Match {
  readonly matched: boolean;
  readonly needed: number;
  readonly reason: string;
}

function matchAll(conditions: readonly SteeringCondition[], client: ClientView): Match {
  const reasons: string[] = [];
  let needed = 0;
  for (const condition of conditions) {
    const match = matchOne(condition, client);
    needed = Math.max(needed, match.needed);
    if (!match.matched) return { ...match, needed };
    reasons.push(match.reason);
  }
  return { matched: true, needed, reason: reasons.join(', ') || 'matches everybody' };
}

/** As the first match of `selectAnswer`: subnets first, geos only if those matched, systems last. */
function matchOne({ subnets, geos, butNotIn, asns }: SteeringCondition, client: ClientView): Match {
  const reasons: string[] = [];
  let needed = 0;
  if (subnets !== undefined) {
    const found = matchSubnets(subnetTables(subnets), client);
    if (found < 0) {
      return { matched: false, needed: -1 - found, reason: `client is not in ${inWords(subnets)}` };
    }
    needed = found;
    reasons.push(`client is in ${inWords(subnets)}`);
  }
  if (geos !== undefined) {
    const place = client.place();
    needed = Math.max(needed, place.prefixLength);
    if (!matchGeos(geos, butNotIn, place)) {
      const others = butNotIn === undefined ? '' : ` (or is in ${inWords(butNotIn)})`;
      return {
        matched: false,
        needed,
        reason: `place is ${describePlace(place)}, not ${inWords(geos)}${others}`,
      };
    }
    reasons.push(`place is ${describePlace(place)}`);
  }
  if (asns !== undefined) {
    const { asn, prefixLength } = client.system();
    needed = Math.max(needed, prefixLength);
    const system = asn === 0 ? 'of an unknown system' : `of AS${asn}`;
    if (asn === 0 || !asns.includes(asn)) {
      return {
        matched: false,
        needed,
        reason: `client is ${system}, not ${inWords(asns.map((n) => `AS${n}`))}`,
      };
    }
    reasons.push(`client is ${system}`);
  }
  return { matched: true, needed, reason: reasons.join(', ') };
}

const WHY_ENDED = {
  healthy: '',
  last_resort: '; no stage is healthy enough, and this is the first with a target that is not down',
  fail_open: '; every pool is down, and all_down is fail_open',
  last_healthy: '; every pool is down, and all_down is last_healthy: those that were up last',
  fallback: '; every pool is down, and all_down is fallback',
  nodata: '; all_down is nodata',
  servfail: '; all_down is servfail',
} as const;

function whyEnded({ standing, choice }: PlannedOutcome): string {
  const onlyDrained =
    standing === 'fail_open' && leavesOf(choice).some(({ pool }) => pool.servingThoughDrained.length > 0);
  return `${WHY_ENDED[standing]}${onlyDrained ? ': targets that are only drained serve, since their checks pass' : ''}`;
}

function viewStages(planned: PlannedRule, outcome: PlannedOutcome, by: RuleExplainer): StageView[] {
  const { rule, standings } = planned;
  const stages = rule.try.map((stage, index): StageView => {
    const taken = index === outcome.stage;
    const isPast = outcome.stage !== undefined && index > outcome.stage && outcome.standing === 'healthy';
    const visit = outcome.visits.find((own) => own.stage === index);
    const names = isNested(stage)
      ? poolsVisited(stage.policy, visit, by.policies)
      : stagePools(stage).map(({ pool }) => pool);
    const pools = names.map((name) => standings.get(name)!);
    const ended = taken || outcome.stage === undefined ? whyEnded(outcome) : '';
    const reason = isPast
      ? 'a stage before serves'
      : `${describeVisit(visit, by.policies)}${pools.map((pool) => describePool(pool) + weightZero(stage, pool)).join('; ')}${ended}`;
    return {
      stage: describeStage(stage),
      taken,
      reason: taken ? [reason, ...describeDraw(outcome, names, by)].join('; ') : reason,
      pools: pools.map((pool) =>
        viewPool(pool, {
          serving: taken ? servingOf(pool, outcome.standing) : pool.serving,
          chosen: taken && pool.pool === by.drawn,
          plan: by.plan,
        }),
      ),
    };
  });
  if (outcome.standing !== 'fallback' && outcome.standing !== 'last_healthy') return stages;
  const { pool } = leavesOf(outcome.choice)[0]!;
  return [
    ...stages,
    {
      stage: `${outcome.standing}: ${pool.pool}`,
      taken: true,
      reason: 'every pool is down',
      pools: [viewPool(pool, { serving: servingOf(pool, outcome.standing), chosen: true, plan: by.plan })],
    },
  ];
}

/** `names`: the pools of the stage. One that is down may send everybody to a single other one. */
function describeDraw(
  { choice }: PlannedOutcome,
  names: readonly string[],
  by: RuleExplainer,
): readonly string[] {
  const steps = explainChoice(choice, by);
  return steps.length === 0 && names.includes(by.drawn) ? [] : [...steps, `to ${by.drawn}`];
}

function poolsVisited(
  policy: string,
  visit: Visit | undefined,
  policies: RuleExplainer['policies'],
): readonly string[] {
  const rules = policies[policy]!.rules;
  const own = visit?.policy === policy ? [rules[visit.rule]!] : rules;
  return [...new Set(own.flatMap((rule) => poolsOfRule(rule, policies)))];
}

function describeVisit(visit: Visit | undefined, policies: RuleExplainer['policies']): string {
  if (visit === undefined) return '';
  const rule = policies[visit.policy]!.rules[visit.rule]!;
  return `rule ${visit.rule + 1} of policy ${visit.policy} (${describeWhen(rule.when)}): `;
}

function weightZero(stage: Stage, { pool }: PoolStanding): string {
  return typeof stage === 'object' && 'weighted' in stage && stage.weighted[pool] === 0 ? ', weight 0' : '';
}

interface ViewedPool {
  readonly serving: readonly MemberStanding[];
  readonly chosen: boolean;
  readonly plan: PolicyPlan;
}

function viewPool(standing: PoolStanding, { serving, chosen, plan }: ViewedPool): PoolView {
  const ramp: Ramp | undefined = plan.ramps.get(standing.pool);
  return {
    pool: standing.pool,
    up: standing.up,
    minUp: standing.minUp,
    healthyEnough: standing.healthyEnough,
    chosen,
    members: standing.members.map((member) => ({
      target: member.target,
      weight: member.weight,
      state: member.state,
      serves: serving.includes(member),
      reason: `${member.reason}${describeOtherwise(member)}${describeRamp(ramp?.get(member.target))}`,
      ...(member.override === undefined ? {} : { override: member.override }),
    })),
  };
}

/** Of one that is overridden, what its checks say all the same. */
function describeOtherwise({ override, otherwise }: MemberStanding): string {
  return override === undefined ? '' : `; otherwise ${otherwise.state}: ${otherwise.reason}`;
}

function describeRamp(step: number | undefined): string {
  return step === undefined ? '' : `; ramping: ${percent(step / RAMP_STEPS)} of weight`;
}

/** `subnets 10.0.0.0/8 and geos EU, AF`. */
export function describeWhen(when: When | undefined): string {
  const { times, ...lists } = when ?? {};
  const parts = Object.entries(lists).flatMap(([kind, values]) =>
    values === undefined ? [] : [`${kind} ${values.join(', ')}`],
  );
  const windows = (times ?? []).map(
    ({ days, from, to, zone }) => `${days === undefined ? '' : `${days.join(' ')} `}${from}-${to} ${zone}`,
  );
  return (
    [...parts, ...(windows.length === 0 ? [] : [`times ${windows.join(', ')}`])].join(' and ') || 'everybody'
  );
}

/** `eu`, `weighted: eu 90, us 10`, `nearest: eu, us`, `policy europe`. */
export function describeStage(stage: Stage): string {
  if (typeof stage === 'string') return stage;
  if ('policy' in stage) return `policy ${stage.policy}`;
  if ('nearest' in stage) return `nearest: ${stage.nearest.join(', ')}`;
  if ('fastest' in stage) return `fastest: ${stage.fastest.join(', ')}`;
  return `weighted: ${Object.entries(stage.weighted)
    .map(([pool, weight]) => `${pool} ${weight}`)
    .join(', ')}`;
}

function describePlace({ continent, country, subdivision }: Place): string {
  return [continent, country, subdivision].filter((part) => part !== '').join('-') || 'unknown';
}

/** `EU, AF or AS-TR`. */
function inWords(texts: readonly string[]): string {
  return texts.length === 1 ? texts[0]! : `${texts.slice(0, -1).join(', ')} or ${texts.at(-1)!}`;
}
