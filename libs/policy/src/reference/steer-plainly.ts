/**
 * The plain twin of compiling a policy and then selecting from it: walks the configured tree for one client, step by
 * step, as its author reads it. No plan, no branches, no record sets; slow, and for tests alone.
 */
import type { PolicyConfiguration, PolicyRule, Stage, When } from '@signpost/contracts/policy-configuration';
import type { Within } from '@signpost/contracts/policy-configuration';
import { geoCodeMatches } from '@signpost/contracts/place';
import type { AnswerGroup } from '@signpost/contracts/record-set';

import type { AddressType } from '../weighed-pool.ts';
import type { ClientView } from '../match-client.ts';
import type { PolicyInput } from '../policy-input.ts';
import { choiceKey } from '../sticky-draw.ts';
import { isOpen } from '../time-window.ts';
import type { PlainLatencies } from './arbitrary-client.ts';
import { fastestPlainly, nearestPlainly, rankPlainly } from './choose-plainly.ts';
import { holdsPlainly } from './select-plainly.ts';
import { answersPlainly, type Member, type PlainAnswer, stand, type Standing } from './stand-plainly.ts';

export interface Steered {
  /** Undefined where nothing is answered. */
  readonly pool: string | undefined;
  readonly standing: AnswerGroup['standing'];
  readonly answers: readonly PlainAnswer[];
}

export interface Asked {
  readonly input: PolicyInput;
  readonly ownerName: string;
  readonly client: ClientView;
  readonly measured: PlainLatencies;
  readonly type: AddressType;
}

interface Leaf {
  readonly pool: string;
  readonly within: Within;
}

type Pass = 'healthy' | 'last_resort' | 'only_drained' | 'fail_open';
type PoolStage = Exclude<Stage, { policy: string }>;

/** Whose stages are walked. */
interface At extends Asked {
  readonly policyName: string;
  readonly policy: PolicyConfiguration;
  readonly rule: PolicyRule;
  readonly pass: Pass;
}

/** One, or several where rounding decides which of two equal distances is less. */
export function steerPlainly(asked: Asked): readonly Steered[] {
  const { input } = asked;
  const { policy, policyName } = input;
  const rule = ruleFor(policy, asked);
  const served = (pass: Pass): readonly Steered[] | undefined =>
    walk({ ...asked, policyName, policy, rule, pass })?.map((leaf) => {
      const standing = pass === 'only_drained' ? 'fail_open' : pass;
      return answered(asked, leaf, standing, servingIn(pass, stand(input, leaf.pool)));
    });
  return served('healthy') ?? served('last_resort') ?? allDown(asked, rule, served);
}

/** All pools that may be this client's, those of the one rule of each nested policy that is its own. */
export function poolsFor(asked: Asked): readonly string[] {
  const poolsOf = (policy: PolicyConfiguration): readonly string[] =>
    ruleFor(policy, asked).try.flatMap((stage) =>
      isNested(stage) ? poolsOf(asked.input.policies![stage.policy]!) : poolsNamed(stage),
    );
  return poolsOf(asked.input.policy);
}

function allDown(
  asked: Asked,
  rule: PolicyRule,
  served: (pass: Pass) => readonly Steered[] | undefined,
): readonly Steered[] {
  const { input } = asked;
  const { within, fallback } = input.policy;
  const open = () => served('only_drained') ?? served('fail_open') ?? nothing;
  const nothing: readonly Steered[] = [{ pool: undefined, standing: 'nodata', answers: [] }];
  switch (rule.all_down ?? input.policy.all_down ?? input.defaultAllDown) {
    case 'fail_open':
      return open();
    case 'last_healthy': {
      const pools = poolsIn(rule, input);
      const lost = pools.flatMap((name) =>
        stand(input, name).thoughDown.map(({ lostMs = -Infinity }) => lostMs),
      );
      const last = Math.max(...lost);
      if (last === -Infinity) return open();
      const isLate = ({ lostMs = -Infinity }: Member) => lostMs >= last - 30_000;
      const pool = pools.find((name) => stand(input, name).thoughDown.some(isLate))!;
      return [
        answered(asked, { pool, within }, 'last_healthy', stand(input, pool).thoughDown.filter(isLate)),
      ];
    }
    case 'fallback': {
      const found = fallback === undefined ? [] : [stand(input, fallback)];
      const members = found.flatMap(({ serving, thoughDrained, thoughDown }) =>
        serving.length > 0 ? serving : thoughDrained.length > 0 ? thoughDrained : thoughDown,
      );
      return members.length === 0
        ? open()
        : [answered(asked, { pool: fallback!, within }, 'fallback', members)];
    }
    case 'servfail':
      return [{ pool: undefined, standing: 'servfail', answers: [] }];
    default:
      return nothing;
  }
}

function answered(
  { input, type }: Asked,
  { pool, within }: Leaf,
  standing: AnswerGroup['standing'],
  members: readonly Member[],
): Steered {
  return { pool, standing, answers: answersPlainly(members, { input, pool, within, standing, type }) };
}

function ruleFor({ rules }: PolicyConfiguration, { client, input }: Asked): PolicyRule {
  return rules.find(({ when }) => when === undefined || holds(when, client, input))!;
}

function holds({ times, vantages, ...lists }: When, client: ClientView, input: PolicyInput): boolean {
  if (times !== undefined && !isOpen(times, input.nowMs!)) return false;
  if (vantages !== undefined && !vantages.some((name) => name === nearestVantage(client, input)))
    return false;
  return holdsPlainly([lists], client);
}

/** Of the codes of all vantages that the client is in, whose is the most specific? */
function nearestVantage(client: ClientView, { vantages = {} }: PolicyInput): string | undefined {
  const place = client.place();
  return Object.entries(vantages)
    .flatMap(([name, { near = [] }]) => near.map((code) => ({ name, code })))
    .filter(({ code }) => geoCodeMatches(place, code))
    .toSorted((a, b) => b.code.length - a.code.length)[0]?.name;
}

/** The first stage that serves. */
function walk(at: At): readonly Leaf[] | undefined {
  for (const [index, stage] of at.rule.try.entries()) {
    const leaves = isNested(stage) ? enter(stage.policy, at) : serveStage(stage, index, at);
    if (leaves !== undefined) return leaves;
  }
  return undefined;
}

/** The one rule of a nested policy that is the client's serves, or the policy does not. */
function enter(policyName: string, at: At): readonly Leaf[] | undefined {
  const policy = at.input.policies![policyName]!;
  return walk({ ...at, policyName, policy, rule: ruleFor(policy, at) });
}

function serveStage(stage: PoolStage, index: number, at: At): readonly Leaf[] | undefined {
  const leaves = choose(stage, at);
  const { trickle = 0 } = at.rule;
  if (leaves === undefined || at.pass !== 'healthy' || trickle === 0) return leaves;
  const own = takers(stage, at);
  const next = at.rule.try
    .slice(index + 1)
    .find(
      (later): later is PoolStage =>
        !isNested(later) && takers(later, at).some((name) => !own.includes(name)),
    );
  if (next === undefined) return leaves;
  const drawn = draw(
    [
      { key: 'trickle>stays', weight: Math.round((1 - trickle) * 10_000) },
      { key: 'trickle>next', weight: Math.round(trickle * 10_000) },
    ],
    at,
  );
  return drawn === 0 ? leaves : choose(next, at);
}

/** Pools that take the clients of a stage as long as load sends none elsewhere. */
function takers(stage: PoolStage, at: At): readonly string[] {
  const able = poolsNamed(stage).filter((name) => mayServe(name, at));
  if (typeof stage !== 'object' || !('weighted' in stage)) return able;
  const weighted = able.filter((name) => stage.weighted[name]! > 0);
  return weighted.length > 0 ? weighted : able;
}

function choose(stage: PoolStage, at: At): readonly Leaf[] | undefined {
  const able = poolsNamed(stage).filter((name) => mayServe(name, at) || spillsFrom(name, at).length > 0);
  if (able.length === 0) return undefined;
  return chooseOf(stage, able, at).map((name) => ({ pool: sentOn(name, at), within: at.policy.within }));
}

/** Pools of the stage that may be this client's; one but for rounding. */
function chooseOf(stage: PoolStage, able: readonly string[], at: At): readonly string[] {
  const { client, input, measured } = at;
  if (typeof stage === 'string') return able;
  if ('weighted' in stage) {
    const some = able.filter((name) => stage.weighted[name]! > 0);
    const counting = some.length > 0 ? some : able;
    const corrected = at.policy.within.weigh === 'clients';
    const parts = counting.map((name) => ({
      key: name,
      weight:
        (stage.weighted[name]! || 1) *
        (corrected ? (input.shares?.poolFactorOf(at.policyName, name) ?? 1) : 1),
    }));
    return [counting[draw(parts, at)]!];
  }
  if ('nearest' in stage) {
    const placed = able.map((name) => ({
      at: placesOf(name, at).flatMap((place) => (place.at === undefined ? [] : [place.at])),
      stretch: stretchBy(stage.bias?.[name] ?? 0),
    }));
    return nearestPlainly(placed, client, []).map((index) => able[index]!);
  }
  const targets = able.map((name) => ({ targets: placesOf(name, at) }));
  return fastestPlainly(targets, stage.slack, client, measured, []).map((index) => able[index]!);
}

function stretchBy(bias: number): number {
  return bias < 0 ? 100 / (100 + bias) : (100 - bias) / 100;
}

function placesOf(name: string, { input }: At) {
  const { serving, members } = stand(input, name);
  return (serving.length > 0 ? serving : members).map(({ target }) => {
    const at = input.targets[target]!.at;
    return { target, at: at === undefined ? undefined : ([at[0], at[1]] as const) };
  });
}

/** The pool, or the one that takes this client because it is down or has too many. */
function sentOn(name: string, at: At): string {
  if (at.pass !== 'healthy') return name;
  const keep = mayServe(name, at) ? (at.input.load?.keepOf(name) ?? 1) : 0;
  const others = keep < 1 ? roomBeside(name, at) : [];
  if (others.length === 0) return name;
  const total = others.reduce((sum, { room }) => sum + room, 0);
  const parts = [
    { name, weight: Math.round(keep * 10_000) },
    ...others.map((other) => ({
      name: other.name,
      weight: Math.max(1, Math.round(((1 - keep) * 10_000 * other.room) / total)),
    })),
  ];
  return parts[
    draw(
      parts.map((part) => ({ key: `${name}>${part.name}`, weight: part.weight })),
      at,
    )
  ]!.name;
}

function spillsFrom(name: string, at: At): readonly object[] {
  return at.pass === 'healthy' && at.policy.spill === 'headroom' ? roomBeside(name, at) : [];
}

/** Healthy pools that the rule names itself, other than this one, with room. */
function roomBeside(name: string, at: At): readonly { readonly name: string; readonly room: number }[] {
  const rooms = at.input.load?.roomBeside(name);
  const named = new Set(at.rule.try.flatMap((stage) => (isNested(stage) ? [] : poolsNamed(stage))));
  return [...named].flatMap((other) => {
    const room = other === name || !mayServe(other, at) ? 0 : (rooms?.get(other) ?? 0);
    return room > 0 ? [{ name: other, room }] : [];
  });
}

function mayServe(name: string, { input, pass }: At): boolean {
  const standing = stand(input, name);
  return pass === 'healthy' ? standing.isHealthy : servingIn(pass, standing).length > 0;
}

function servingIn(pass: Pass, { serving, thoughDown, thoughDrained }: Standing): readonly Member[] {
  if (pass === 'fail_open') return thoughDown;
  return pass === 'only_drained' ? thoughDrained : serving;
}

function draw(
  parts: readonly { readonly key: string; readonly weight: number }[],
  { client, ownerName }: At,
): number {
  const keyed = parts.map(({ key, weight }) => ({ key: choiceKey(key), weight }));
  return rankPlainly(keyed, ownerName, client, client.family === 4 ? 24 : 56)[0]!;
}

function isNested(stage: Stage): stage is { policy: string } {
  return typeof stage === 'object' && 'policy' in stage;
}

function poolsNamed(stage: PoolStage): readonly string[] {
  if (typeof stage === 'string') return [stage];
  if ('weighted' in stage) return Object.keys(stage.weighted).toSorted();
  return 'nearest' in stage ? stage.nearest : stage.fastest;
}

/** All that a rule may come to, in the order of its stages, those of nested policies by all their rules. */
function poolsIn(rule: PolicyRule, input: PolicyInput): readonly string[] {
  return [
    ...new Set(
      rule.try.flatMap((stage) =>
        isNested(stage)
          ? input.policies![stage.policy]!.rules.flatMap((inner) => poolsIn(inner, input))
          : poolsNamed(stage),
      ),
    ),
  ];
}
