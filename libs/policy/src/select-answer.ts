/**
 * Selects which answers of a steered record set this client gets, and the ECS scope of the choice.
 *
 *   rules ──first match──> branch ──sticky draw──> group ──pick, select──> answers
 *   └─ of the vantage near the client, while one sees health otherwise than the rest
 *
 * Pure and allocation-free: no clock, no randomness of its own, no I/O, never throws. Health is not
 * consulted: the controller dropped what is unhealthy when it compiled the set.
 */
import type { Place } from '@signpost/contracts/place';
import type { AnswerGroup, Branch, SteeredRecordSet, SteeringRule } from '@signpost/contracts/record-set';

import { type ClientView, matchGeos, matchSubnets, type SubnetTables, subnetTables } from './match-client.ts';
import { mix, stickyBits, stickyDraw, stickySeed } from './sticky-draw.ts';
import { rulesNear, type ViewTable, viewTable } from './view-table.ts';
import { pointOf, slotOf, startOf, weightAt, type WeightTable, weightTable } from './weight-table.ts';

export type { ClientView };

/** A record set made ready for selection; made once, when a snapshot is built. */
export interface Steering {
  readonly rules: readonly PreparedRule[];
  /** Undefined: all clients have the same rules. */
  readonly views: ViewTable<readonly PreparedRule[]> | undefined;
  readonly branches: readonly PreparedBranch[];
  readonly groups: readonly PreparedGroup[];
  readonly seed: number;
}

interface PreparedRule {
  readonly subnets: SubnetTables | undefined;
  readonly geos: readonly string[] | undefined;
  readonly branch: number;
}

interface PreparedBranch {
  readonly groups: Int32Array;
  readonly weights: WeightTable;
}

interface PreparedGroup {
  readonly roundRobin: boolean;
  /** Answers of one response: `select`, or fewer if the group has fewer that may be drawn. */
  readonly count: number;
  readonly weights: WeightTable;
  /** Indexes of the answers that may be drawn: for round robin. */
  readonly positive: Int32Array;
}

/** Where `selectAnswer` writes; make one per thread with `createSelection` and reuse it. */
export interface Selection {
  /** Index into `SteeredRecordSet.groups`. */
  group: number;
  /** ECS SCOPE PREFIX-LENGTH: the longest prefix any step needed; 0 when none looked. May exceed the source length. */
  scope: number;
  /** How many of `answers` are set; 0 is NODATA. */
  count: number;
  /** Indexes into the group's `answers`, first drawn first. */
  readonly answers: Int32Array;
  /** Scratch of `selectAnswer`: what is drawn so far, by index. */
  readonly drawn: Int32Array;
}

/** As many answers as `within.select` may ask for. */
export const MAX_SELECT = 64;

export function createSelection(): Selection {
  return {
    group: 0,
    scope: 0,
    count: 0,
    answers: new Int32Array(MAX_SELECT),
    drawn: new Int32Array(MAX_SELECT),
  };
}

/**
 * Builds the tables once. `ownerName` is the canonical text of the owner (lower case, no final dot).
 * Throws RangeError if the set points outside itself or holds what is no prefix: then it was not compiled here.
 */
export function prepareSteering(set: SteeredRecordSet, ownerName: string): Steering {
  const rules = prepareRules(set.rules, set);
  return {
    rules,
    views:
      set.views &&
      viewTable(
        set.views.map(({ near, rules: own }) => ({ near, rules: own ? prepareRules(own, set) : rules })),
      ),
    branches: set.branches.map((branch) => prepareBranch(branch, set.groups.length)),
    groups: set.groups.map(prepareGroup),
    seed: stickySeed(ownerName),
  };
}

/**
 * @param draw uniform in [0, 1): decides among the answers of a `weighted` group.
 * @param turn a whole number, counted up by the caller: where a `round_robin` group starts.
 */
export function selectAnswer(
  steering: Steering,
  client: ClientView,
  draw: number,
  turn: number,
  selection: Selection,
): void {
  selection.scope = 0;
  const { rules, views } = steering;
  const place = views === undefined ? undefined : lookUp(client, selection);
  const own = views === undefined || place === undefined ? rules : rulesNear(views, place, rules);
  const branch = steering.branches[firstMatch(own, client, place, selection)]!;
  selection.group = chooseGroup(branch, steering.seed, client, selection);
  const group = steering.groups[selection.group]!;
  selection.count = group.count;
  if (group.count === 0) return;
  if (group.roundRobin) takeTurns(group, turn, selection);
  else drawAnswers(group, draw, selection);
}

function lookUp(client: ClientView, selection: Selection): Place {
  const place = client.place();
  widenScope(selection, place.prefixLength);
  return place;
}

/**
 * The branch of the first rule that matches; adds to the scope what each rule needed on the way.
 * `known`: the place, if it was looked up already.
 */
function firstMatch(
  rules: readonly PreparedRule[],
  client: ClientView,
  known: Place | undefined,
  selection: Selection,
): number {
  let place = known;
  for (let i = 0; i < rules.length - 1; i += 1) {
    const { subnets, geos, branch } = rules[i]!;
    if (subnets !== undefined) {
      const matched = matchSubnets(subnets, client);
      widenScope(selection, matched < 0 ? -1 - matched : matched);
      if (matched < 0) continue;
    }
    if (geos !== undefined) {
      place ??= lookUp(client, selection);
      if (!matchGeos(geos, place)) continue;
    }
    return branch;
  }
  return rules[rules.length - 1]!.branch;
}

function chooseGroup(branch: PreparedBranch, seed: number, client: ClientView, selection: Selection): number {
  if (branch.groups.length === 1) return branch.groups[0]!;
  widenScope(selection, stickyBits(client.family));
  const point = pointOf(stickyDraw(seed, client), branch.weights.total);
  return branch.groups[slotOf(branch.weights.upTo, point)]!;
}

function widenScope(selection: Selection, prefixLength: number): void {
  if (prefixLength > selection.scope) selection.scope = prefixLength;
}

function takeTurns({ positive, count }: PreparedGroup, turn: number, selection: Selection): void {
  for (let i = 0; i < count; i += 1) selection.answers[i] = positive[(turn + i) % positive.length]!;
}

/** Without replacement: each next draw is over the weight that is left. */
function drawAnswers({ weights, count }: PreparedGroup, draw: number, selection: Selection): void {
  let left = weights.total;
  for (let i = 0; i < count; i += 1) {
    let point = pointOf(i === 0 ? draw : furtherDraw(draw, i), left);
    // What is drawn already counts as cut out: step over it, lowest index first.
    for (let j = 0; j < i; j += 1) {
      const taken = selection.drawn[j]!;
      if (point < startOf(weights, taken)) break;
      point += weightAt(weights, taken);
    }
    const slot = slotOf(weights.upTo, point);
    left -= weightAt(weights, slot);
    selection.answers[i] = slot;
    insertSorted(selection.drawn, i, slot);
  }
}

/** A draw that looks independent of `draw` and of the others made from it, from all its 53 bits. */
export function furtherDraw(draw: number, index: number): number {
  const scaled = draw * 0x1_0000_0000;
  const high = Math.floor(scaled);
  const low = Math.floor((scaled - high) * 0x1_0000_0000);
  return mix(mix(high ^ Math.imul(index, 0x9e3779b9)) ^ low) / 0x1_0000_0000;
}

function insertSorted(values: Int32Array, length: number, value: number): void {
  let at = length;
  while (at > 0 && values[at - 1]! > value) {
    values[at] = values[at - 1]!;
    at -= 1;
  }
  values[at] = value;
}

function prepareRules(rules: readonly SteeringRule[], { branches }: SteeredRecordSet): PreparedRule[] {
  const last = rules.at(-1);
  if (last === undefined || last.subnets !== undefined || last.geos !== undefined) {
    throw new RangeError('the last rule of a record set must match everybody');
  }
  return rules.map((rule) => prepareRule(rule, branches.length));
}

function prepareRule({ subnets, geos, branch }: SteeringRule, branches: number): PreparedRule {
  requireIndex(branch, branches, 'branch');
  return { subnets: subnets === undefined ? undefined : subnetTables(subnets), geos, branch };
}

function prepareBranch({ groups }: Branch, count: number): PreparedBranch {
  if (groups.length === 0) throw new RangeError('a branch needs a group');
  for (const { group } of groups) requireIndex(group, count, 'group');
  return {
    groups: Int32Array.from(groups, ({ group }) => group),
    weights: weightTable(groups.map(({ weight }) => weight)),
  };
}

function prepareGroup({ answers, pick, select }: AnswerGroup): PreparedGroup {
  const weights = weightTable(answers.map(({ weight }) => weight));
  const positive = answers.keys().filter((index) => weightAt(weights, index) > 0);
  return {
    roundRobin: pick === 'round_robin',
    count: Math.min(select, weights.positive, MAX_SELECT),
    weights,
    positive: Int32Array.from(positive),
  };
}

function requireIndex(index: number, length: number, kind: string): void {
  if (index >= length) throw new RangeError(`a record set has no ${kind} ${index}`);
}
