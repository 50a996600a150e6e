/**
 * A rule to what it ends in: the first stage that is healthy enough, else the last resort, else what `all_down` says.
 * A stage that is another policy has rules of its own, so a rule may end in several ways, by the client.
 *
 *   try: [a, {policy: p}, b]    a serves        -> a for everybody
 *                               a is down       -> the rules of p, in order; where one's pools are all down -> b
 *                               all are down    -> the same once more for the last resort, then `all_down`
 *
 * Pure.
 */
import type {
  AllDown,
  PolicyConfiguration,
  PolicyRule,
  Stage,
} from '@signpost/contracts/policy-configuration';
import type { AnswerGroup, SteeringCondition } from '@signpost/contracts/record-set';

import { type Choice, leavesOf } from './choice.ts';
import { chooseStage, isNested, type PoolStage, stagePools } from './choose-stage.ts';
import { compileWhen } from './compile-condition.ts';
import { lastHealthy } from './last-healthy.ts';
import { NO_LOAD } from './load-view.ts';
import type { PolicyInput } from './policy-input.ts';
import { type PoolStanding, requireNoun } from './pool-standing.ts';
import { type Others, shed, spill, trickle } from './send-elsewhere.ts';
import { UNCORRECTED } from './share-view.ts';

/** A rule of a nested policy that the client matches, on the way. */
export interface Visit {
  /** Index into `try` of the outermost rule. */
  readonly stage: number;
  readonly policy: string;
  /** Index of its rule. */
  readonly rule: number;
}

export interface Outcome {
  /** Of nested policies, besides those of the rule; all must hold. */
  readonly conditions: readonly SteeringCondition[];
  readonly visits: readonly Visit[];
  /** Index into `try` of the outermost rule; undefined: no stage serves. */
  readonly stage: number | undefined;
  readonly standing: AnswerGroup['standing'];
  /** At least one leaf; for `nodata` and `servfail` it has no members that serve. */
  readonly choice: Choice;
  /** What would come if this stage had nothing; absent where no stage serves. */
  readonly beyond?: () => readonly Outcome[];
}

export type Standings = ReadonlyMap<string, PoolStanding>;

type ServingPass = 'healthy' | 'last_resort' | 'only_drained' | 'fail_open';

interface Walk {
  readonly input: PolicyInput;
  readonly standings: Standings;
  readonly pass: ServingPass;
}

/** Whose stages are walked, and which stage of the outermost rule they belong to. */
interface Place {
  readonly policyName: string;
  readonly policy: PolicyConfiguration;
  readonly rule: PolicyRule;
  readonly outermostStage: number | undefined;
}

/** What is known of the client so far: which rules of nested policies it matched first. */
interface Path {
  readonly conditions: readonly SteeringCondition[];
  readonly visits: readonly Visit[];
}

/** What comes when no stage serves. */
type Then = (path: Path) => readonly Outcome[];

/** In the order in which they are tried; the last holds for everybody whom the rule matches. */
export function planRule(rule: PolicyRule, input: PolicyInput, standings: Standings): readonly Outcome[] {
  const at = { policyName: input.policyName, policy: input.policy, rule, outermostStage: undefined };
  const walk =
    (pass: ServingPass, then: Then): Then =>
    (path) =>
      walkStages({ input, standings, pass }, at, 0, path, then);
  const down = whenAllDown(allDownOf(rule, input), rule, input, standings, walk);
  return walk('healthy', walk('last_resort', down))({ conditions: [], visits: [] });
}

/** What the rule does when all of its pools are down: its own word, else the policy's, else the configuration's. */
export function allDownOf(rule: PolicyRule, { policy, defaultAllDown }: PolicyInput): AllDown {
  return rule.all_down ?? policy.all_down ?? defaultAllDown;
}

/** Pools that a rule may choose, those of nested policies too, each once, in the order in which they are tried. */
export function poolsOfRule(
  rule: Pick<PolicyRule, 'try'>,
  policies: PolicyInput['policies'],
): readonly string[] {
  const names = rule.try.flatMap((stage) =>
    isNested(stage)
      ? requireNoun(policies ?? {}, 'policy', stage.policy).rules.flatMap((nested) =>
          poolsOfRule(nested, policies),
        )
      : stagePools(stage).map(({ pool }) => pool),
  );
  return [...new Set(names)];
}

function walkStages(walk: Walk, at: Place, from: number, path: Path, then: Then): readonly Outcome[] {
  const stage = at.rule.try[from];
  if (stage === undefined) return then(path);
  const outermostStage = at.outermostStage ?? from;
  const rest: Then = (further) => walkStages(walk, at, from + 1, further, then);
  if (isNested(stage)) return walkNested(stage.policy, walk, outermostStage, path, rest);
  const choice = chooseAt(stage, walk, at);
  if (choice === undefined) return rest(path);
  const trickled = walk.pass === 'healthy' ? withTrickle(choice, from, walk, at) : choice;
  const beyond = (): readonly Outcome[] => rest(path);
  return [{ ...path, stage: outermostStage, standing: standingOf(walk.pass), choice: trickled, beyond }];
}

/** The first rule of it that matches is the client's, also when none of that rule's pools serves. */
function walkNested(
  policyName: string,
  walk: Walk,
  outermostStage: number,
  path: Path,
  then: Then,
): readonly Outcome[] {
  const policy = requireNoun(walk.input.policies ?? {}, 'policy', policyName);
  const known = path.visits.find((visit) => visit.policy === policyName);
  const inner = (rule: PolicyRule, further: Path) =>
    walkStages(walk, { policyName, policy, rule, outermostStage }, 0, further, then);
  if (known !== undefined) return inner(policy.rules[known.rule]!, path);
  const outcomes: Outcome[] = [];
  for (const [index, rule] of policy.rules.entries()) {
    const conditions = compileWhen(rule.when, walk.input);
    if (conditions === undefined) continue;
    const visit: Visit = { stage: outermostStage, policy: policyName, rule: index };
    const further = {
      conditions: [...path.conditions, ...conditions],
      visits: [...path.visits, visit],
    };
    outcomes.push(...inner(rule, further));
    if (conditions.length === 0) break;
  }
  return outcomes;
}

/** To the next stage that names pools and is healthy, if it has one that the stage itself has not. */
function withTrickle(choice: Choice, from: number, walk: Walk, at: Place): Choice {
  const { trickle: share } = at.rule;
  if (share === undefined) return choice;
  const own = healthyIn(at.rule.try[from]!, walk, at);
  const next = at.rule.try
    .slice(from + 1)
    .find((stage) => healthyIn(stage, walk, at).some((pool) => !own.includes(pool)));
  return next === undefined || isNested(next) ? choice : trickle(share, choice, chooseAt(next, walk, at));
}

/** Where the clients of a stage go as long as load sends none of them elsewhere. */
function healthyIn(stage: Stage, walk: Walk, at: Place): readonly string[] {
  if (isNested(stage)) return [];
  const choice = chooseStage(stage, {
    standings: walk.standings,
    leafOf: (pool) => plainLeaf(pool, walk, at),
    factorOf: () => 1,
  });
  return choice === undefined ? [] : leavesOf(choice).map(({ pool }) => pool.pool);
}

function chooseAt(stage: PoolStage, walk: Walk, at: Place): Choice | undefined {
  const { input, standings, pass } = walk;
  const { shares = UNCORRECTED, load = NO_LOAD } = input;
  const others = (): Others => {
    const names = poolsOfRule({ try: at.rule.try.filter((own) => !isNested(own)) }, undefined);
    return new Map(
      names.flatMap((name) => {
        const leaf = plainLeaf(standings.get(name)!, walk, at);
        return leaf === undefined ? [] : [[name, leaf] as const];
      }),
    );
  };
  const leafOf = (pool: PoolStanding): Choice | undefined => {
    const leaf = plainLeaf(pool, walk, at);
    if (pass !== 'healthy') return leaf;
    if (leaf !== undefined) return load.keepOf(pool.pool) < 1 ? shed(pool.pool, leaf, others(), load) : leaf;
    return at.policy.spill === 'headroom' ? spill(pool.pool, others(), load) : undefined;
  };
  const factorOf = (pool: string) =>
    at.policy.within.weigh === 'clients' ? shares.poolFactorOf(at.policyName, pool) : 1;
  return chooseStage(stage, { standings, leafOf, factorOf });
}

function plainLeaf(pool: PoolStanding, { pass }: Walk, { policy: { within } }: Place): Choice | undefined {
  return mayServe(pool, pass) ? { kind: 'pool', pool, within, standing: standingOf(pass) } : undefined;
}

/** Who is only drained is answered because the rule fails open, as who is down is. */
function standingOf(pass: ServingPass): AnswerGroup['standing'] {
  return pass === 'only_drained' ? 'fail_open' : pass;
}

function mayServe(pool: PoolStanding, pass: ServingPass): boolean {
  switch (pass) {
    case 'healthy':
      return pool.healthyEnough;
    case 'last_resort':
      return pool.serving.length > 0;
    case 'only_drained':
      return pool.servingThoughDrained.length > 0;
    case 'fail_open':
      return pool.servingThoughDown.length > 0;
    default:
      throw new TypeError(`unhandled pass ${String(pass satisfies never)}`);
  }
}

/** Ends every walk: in one outcome for everybody, or by a walk of its own that does. */
function whenAllDown(
  allDown: AllDown,
  rule: PolicyRule,
  input: PolicyInput,
  standings: Standings,
  walk: (pass: ServingPass, then: Then) => Then,
): Then {
  const { within, fallback } = input.policy;
  const end =
    (standing: AnswerGroup['standing'], pool: PoolStanding): Then =>
    (path) => [{ ...path, stage: undefined, standing, choice: { kind: 'pool', pool, within, standing } }];
  const pools = poolsOfRule(rule, input.policies).map((name) => standings.get(name)!);
  const nothing = end('nodata', pools[0] ?? NO_POOL);
  const open = walk('only_drained', walk('fail_open', nothing));
  switch (allDown) {
    case 'fail_open':
      return open;
    case 'last_healthy': {
      const last = lastHealthy(pools);
      return last === undefined ? open : end('last_healthy', last);
    }
    case 'fallback': {
      const pool = fallback === undefined ? undefined : standings.get(fallback);
      return pool !== undefined && pool.servingThoughDown.length > 0 ? end('fallback', pool) : open;
    }
    case 'nodata':
      return nothing;
    case 'servfail':
      return end('servfail', pools[0] ?? NO_POOL);
    default:
      throw new TypeError(`unhandled all_down ${String(allDown satisfies never)}`);
  }
}

/** Of a rule without stages. */
const NO_POOL: PoolStanding = {
  pool: 'none',
  members: [],
  up: 0,
  minUp: 0,
  healthyEnough: false,
  serving: [],
  servingThoughDown: [],
  servingThoughDrained: [],
  hostNames: false,
};
