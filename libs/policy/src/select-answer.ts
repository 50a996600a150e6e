/**
 * Selects which answers of a steered record set this client gets, and the ECS scope of the choice.
 *
 *   rules ──first match──> branch ──by weight, distance, round trip──> group ──pick, select──> answers
 *   └─ of the vantage near the client, while one sees health otherwise than the rest
 *
 * Pure and allocation-free: no clock, no randomness of its own, no I/O, never throws. Health is not
 * consulted: the controller dropped what is unhealthy when it compiled the set.
 */
import type { AnswerGroup, SteeredAnswer, SteeredRecordSet } from '@signpost/contracts/record-set';

import { type Chance, drawnPoint } from './chance.ts';
import { chooseGroup, prepareBranches, type PreparedBranch, type SlotOf } from './choose-branch.ts';
import { findBranch, type Flattened, NOT_FLATTENED, UNDECIDED } from './client-table.ts';
import { type LatencyTable, NO_LATENCIES } from './latency-table.ts';
import type { ClientView } from './match-client.ts';
import { type ClientRules, matchRules, prepareRules } from './match-rules.ts';
import {
  isKept,
  leastRankOf,
  rankOf,
  STICKY_IPV4_BITS,
  STICKY_IPV6_BITS,
  stickyDraw,
  stickyHash,
  stickySeed,
} from './sticky-draw.ts';
import { slotOf as slotAt, startOf, weightAt, type WeightTable, weightTable } from './weight-table.ts';

export type { ClientView };

/** A record set made ready for selection; made once, when a snapshot is built. Knows nothing of owner name and TTL. */
export interface Steering {
  readonly rules: ClientRules;
  /** The same rules flattened, where that was done. */
  readonly flattened: Flattened;
  readonly branches: readonly PreparedBranch[];
  readonly groups: readonly PreparedGroup[];
}

const PICKS = [
  'weighted',
  'round_robin',
  'ordered',
  'affinity',
] as const satisfies readonly AnswerGroup['pick'][];
const WEIGHTED = 0;
const ROUND_ROBIN = 1;
const ORDERED = 2;

interface PreparedGroup {
  /** Index into `PICKS`. */
  readonly pick: number;
  /** Answers of one response: `select`, or fewer if the group has fewer that may be drawn. */
  readonly count: number;
  readonly weights: WeightTable;
  /** Indexes of the answers that may be drawn. */
  readonly positive: Int32Array;
  /** For affinity, by answer: hash of its target, and the share of its clients that it keeps. */
  readonly keys: Int32Array;
  readonly keeps: Float64Array;
  readonly ipv4Bits: number;
  readonly ipv6Bits: number;
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
  /** Scratch: ranks of `answers`. */
  readonly ranks: Float64Array;
  /** Scratch: the client's place. */
  readonly vector: Float64Array;
  readonly least: Float64Array;
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
    ranks: new Float64Array(MAX_SELECT),
    vector: new Float64Array(3),
    least: new Float64Array(1),
  };
}

/**
 * Builds the tables once. `slotOf` numbers targets as the `LatencyTable` does.
 * Throws RangeError if the set points outside itself or holds what is no prefix: then it was not compiled here.
 */
export function prepareSteering(
  set: Pick<SteeredRecordSet, 'rules' | 'views' | 'branches' | 'groups'>,
  slotOf: SlotOf = () => -1,
  flattened: Flattened = NOT_FLATTENED,
): Steering {
  return {
    rules: prepareRules(set),
    flattened,
    branches: prepareBranches(set.branches, set.groups.length, slotOf),
    groups: set.groups.map(prepareGroup),
  };
}

/** Writes into `selection`; `chance.seed` must be that of the record set. */
export function selectAnswer(
  steering: Steering,
  client: ClientView,
  chance: Chance,
  selection: Selection,
  latencies: LatencyTable = NO_LATENCIES,
): void {
  selection.scope = 0;
  const { seed } = chance;
  const branch = branchOf(steering, client, selection);
  selection.group = chooseGroup(steering.branches, branch, seed, client, latencies, selection);
  const group = steering.groups[selection.group]!;
  selection.count = group.count;
  if (group.count === 0) return;
  if (group.pick === WEIGHTED) drawAnswers(group, chance.draw, selection);
  else if (group.pick === ROUND_ROBIN) takeTurns(group, chance.turn, selection);
  else if (group.pick === ORDERED) takeTurns(group, 0, selection);
  else takeNearest(group, seed, client, selection);
}

/** By the table where there is one and it knows, else rule by rule; both say the same. */
function branchOf({ rules, flattened }: Steering, client: ClientView, selection: Selection): number {
  if (flattened.table !== undefined) {
    const branch = findBranch(flattened.table, client, selection);
    if (branch !== UNDECIDED) return branch;
  }
  return matchRules(rules, client, selection);
}

function widenScope(selection: Selection, prefixLength: number): void {
  if (prefixLength > selection.scope) selection.scope = prefixLength;
}

function takeTurns({ positive, count }: PreparedGroup, turn: number, selection: Selection): void {
  for (let i = 0; i < count; i += 1) selection.answers[i] = positive[(turn + i) % positive.length]!;
}

/** Without replacement: each next draw is over the weight that is left. */
function drawAnswers({ weights, count }: PreparedGroup, draw: Float64Array, selection: Selection): void {
  let left = weights.total;
  for (let i = 0; i < count; i += 1) {
    let point = drawnPoint(draw, i, left);
    // What is drawn already counts as cut out: step over it, lowest index first.
    for (let j = 0; j < i; j += 1) {
      const taken = selection.drawn[j]!;
      if (point < startOf(weights, taken)) break;
      point += weightAt(weights, taken);
    }
    const slot = slotAt(weights.upTo, point);
    left -= weightAt(weights, slot);
    selection.answers[i] = slot;
    insertSorted(selection.drawn, i, slot);
  }
}

/** Weighted rendezvous hashing: the answers of least rank, in that order, those that do not keep the client last. */
function takeNearest(group: PreparedGroup, seed: number, client: ClientView, selection: Selection): void {
  const { positive, keys, keeps, weights, count } = group;
  if (positive.length === 1) {
    selection.answers[0] = positive[0]!;
    return;
  }
  const bits = client.family === 4 ? group.ipv4Bits : group.ipv6Bits;
  widenScope(selection, bits);
  const hash = stickyHash(seed, client, bits);
  const { answers, ranks } = selection;
  let taken = 0;
  for (let i = 0; i < positive.length; i += 1) {
    const answer = positive[i]!;
    const key = keys[answer]!;
    const weight = weightAt(weights, answer);
    const draw = stickyDraw(hash, key);
    const kept = isKept(hash, key, keeps[answer]!);
    if (taken === count && inOrder(leastRankOf(draw, weight), kept) >= ranks[taken - 1]!) continue;
    const rank = inOrder(rankOf(draw, weight), kept);
    if (taken === count && rank >= ranks[taken - 1]!) continue;
    let at = taken < count ? taken++ : taken - 1;
    for (; at > 0 && ranks[at - 1]! > rank; at -= 1) {
      ranks[at] = ranks[at - 1]!;
      answers[at] = answers[at - 1]!;
    }
    ranks[at] = rank;
    answers[at] = answer;
  }
}

/** Those who keep the client are below all who do not, in the same order. */
function inOrder(rank: number, kept: boolean): number {
  return kept ? -1 / rank : rank;
}

function insertSorted(values: Int32Array, length: number, value: number): void {
  let at = length;
  while (at > 0 && values[at - 1]! > value) {
    values[at] = values[at - 1]!;
    at -= 1;
  }
  values[at] = value;
}

/** Of a target with several addresses each stands for itself; else they would rank alike, and the first always win. */
function keyOf({ target, rdata }: SteeredAnswer, answers: readonly SteeredAnswer[]): string {
  const isOne = answers.every((other) => other.target !== target || other.rdata === rdata);
  return isOne ? target : `${target} ${rdata}`;
}

function prepareGroup({ answers, pick, select, bits }: AnswerGroup): PreparedGroup {
  const weights = weightTable(answers.map(({ weight }) => weight));
  const positive = answers.keys().filter((index) => weightAt(weights, index) > 0);
  return {
    pick: PICKS.indexOf(pick),
    count: Math.min(select, weights.positive, MAX_SELECT),
    weights,
    positive: Int32Array.from(positive),
    keys: Int32Array.from(answers, (answer) => stickySeed(keyOf(answer, answers))),
    keeps: Float64Array.from(answers, ({ keep = 1 }) => keep),
    ipv4Bits: bits?.v4 ?? STICKY_IPV4_BITS,
    ipv6Bits: bits?.v6 ?? STICKY_IPV6_BITS,
  };
}
