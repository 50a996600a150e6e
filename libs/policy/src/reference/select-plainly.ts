/**
 * The plain twin of `select-answer.ts`: the same meaning with no tables and no care for speed, for tests alone.
 * Bits are strings of 0 and 1, weights are laid out one ticket per unit.
 */
import { geoCodeMatches, type Place } from '@signpost/contracts/place';
import type {
  AnswerGroup,
  SteeredRecordSet,
  SteeringCondition,
  SteeringRule,
} from '@signpost/contracts/record-set';
import { parsePrefix } from '@signpost/dns/address';

import type { ClientView } from '../match-client.ts';
import { choiceKey, isKept, stickyHash, stickySeed } from '../sticky-draw.ts';
import type { PlainLatencies } from './arbitrary-client.ts';
import { fastestPlainly, nearestPlainly, rankPlainly } from './choose-plainly.ts';

export interface PlainSelection {
  readonly group: number;
  readonly scope: number;
  /** Indexes into the group's answers, first drawn first. */
  readonly answers: readonly number[];
}

export interface Chances {
  /** One for each answer. */
  readonly draws: readonly number[];
  readonly turn: number;
}

export const NOTHING_MEASURED: PlainLatencies = { bits: 0, ms: new Map() };

/** One, or several where rounding decides which of two equal distances is less. */
export function selectPlainly(
  set: SteeredRecordSet,
  ownerName: string,
  client: ClientView,
  chances: Chances,
  measured: PlainLatencies = NOTHING_MEASURED,
): readonly PlainSelection[] {
  const asked = [0];
  const rule = rulesOf(set, client, asked).find(({ when = [] }) => holdsPlainly(when, client, asked))!;
  return leaves(set, ownerName, client, measured, { branch: rule.branch, needs: asked }).map(
    ({ group, needs }) => {
      const own = set.groups[group]!;
      if (own.pick === 'affinity' && countable(own).length > 1) needs.push(bitsFor(own, client));
      return { group, scope: Math.max(...needs), answers: pick(own, ownerName, client, chances) };
    },
  );
}

/** Of all codes of all views that match, the longest; of equal ones, the first. */
function rulesOf(set: SteeredRecordSet, client: ClientView, needs: number[]): readonly SteeringRule[] {
  if (set.views === undefined) return set.rules;
  const place = client.place();
  needs.push(place.prefixLength);
  const matching = set.views.flatMap(({ near, rules }) =>
    near.filter((code) => geoCodeMatches(place, code)).map((code) => ({ code, rules })),
  );
  const longest = Math.max(...matching.map(({ code }) => code.length));
  return matching.find(({ code }) => code.length === longest)?.rules ?? set.rules;
}

/** All must hold; what comes behind one that does not is not looked at. */
export function holdsPlainly(
  conditions: readonly SteeringCondition[],
  client: ClientView,
  needs: number[] = [],
): boolean {
  return conditions.every(({ subnets, geos, butNotIn = [], asns }) => {
    if (subnets !== undefined && !subnets.some((text) => contains(text, client, needs))) return false;
    if (geos !== undefined) {
      const place = client.place();
      needs.push(place.prefixLength);
      if (longestOf(geos, place) <= longestOf(butNotIn, place)) return false;
    }
    if (asns === undefined) return true;
    const { asn, prefixLength } = client.system();
    needs.push(prefixLength);
    return asns.includes(asn);
  });
}

function longestOf(codes: readonly string[], place: Place): number {
  return Math.max(0, ...codes.filter((code) => geoCodeMatches(place, code)).map((code) => code.length));
}

function contains(text: string, client: ClientView, needs: number[]): boolean {
  const subnet = parsePrefix(text);
  if (subnet.kind !== 'prefix') throw new RangeError(subnet.remedy);
  if (subnet.family !== client.family) return false;
  const prefix = bitsOf(subnet.octets).slice(0, subnet.length);
  const known = bitsOf(client.address).slice(0, client.sourceLength);
  if (known.startsWith(prefix)) {
    needs.push(prefix.length);
    return true;
  }
  let common = 0;
  while (common < known.length && known[common] === prefix[common]) common += 1;
  needs.push(Math.min(common + 1, prefix.length));
  return false;
}

interface At {
  readonly branch: number;
  readonly needs: readonly number[];
}

function leaves(
  set: SteeredRecordSet,
  ownerName: string,
  client: ClientView,
  measured: PlainLatencies,
  at: At,
): { group: number; needs: number[] }[] {
  const branch = set.branches[at.branch]!;
  const needs = [...at.needs];
  if ('group' in branch) return [{ group: branch.group, needs }];
  const onTo = (index: number) => leaves(set, ownerName, client, measured, { branch: index, needs });
  if ('weighted' in branch) {
    const { weighted } = branch;
    if (weighted.length === 1) return onTo(weighted[0]!.branch);
    const bits = client.family === 4 ? 24 : 56;
    needs.push(bits);
    const keyed = weighted.map(({ key, weight }) => ({ key: choiceKey(key), weight }));
    return onTo(weighted[rankPlainly(keyed, ownerName, client, bits)[0]!]!.branch);
  }
  if ('nearest' in branch) {
    const { nearest } = branch;
    return nearestPlainly(nearest, client, needs).flatMap((index) => onTo(nearest[index]!.branch));
  }
  const { fastest, slackMs: ms, slackShare: share } = branch;
  const able = fastestPlainly(fastest, { ms, share }, client, measured, needs);
  return able.flatMap((index) => onTo(fastest[index]!.branch));
}

function pick(
  group: AnswerGroup,
  ownerName: string,
  client: ClientView,
  { draws, turn }: Chances,
): readonly number[] {
  const tickets = ticketsOf(group.answers.map(({ weight }) => weight));
  const positive = countable(group);
  switch (group.pick) {
    case 'round_robin':
      return positive.map((_, i) => positive[(turn + i) % positive.length]!).slice(0, group.select);
    case 'ordered':
      return positive.slice(0, group.select);
    case 'affinity':
      return byAffinity(group, ownerName, client).slice(0, group.select);
    case 'weighted': {
      const picked: number[] = [];
      for (const draw of draws.slice(0, group.select)) {
        const left = tickets.filter((slot) => !picked.includes(slot));
        if (left.length > 0) picked.push(left[Math.floor(draw * left.length)]!);
      }
      return picked;
    }
    default:
      throw new TypeError(`unhandled pick ${String(group.pick satisfies never)}`);
  }
}

/** Answers that may be drawn. */
function countable({ answers }: AnswerGroup): readonly number[] {
  return [...new Set(ticketsOf(answers.map(({ weight }) => weight)))];
}

/** Targets that do not keep the client come last. */
function byAffinity(group: AnswerGroup, ownerName: string, client: ClientView): number[] {
  const bits = bitsFor(group, client);
  const keyed = group.answers.map(({ target, weight }) => ({ key: stickySeed(target), weight }));
  const ranked = rankPlainly(keyed, ownerName, client, bits);
  const hash = stickyHash(stickySeed(ownerName), client, bits);
  const kept = (index: number) => {
    const { target, keep = 1 } = group.answers[index]!;
    return isKept(hash, stickySeed(target), keep);
  };
  return [...ranked.filter(kept), ...ranked.filter((index) => !kept(index))];
}

function bitsFor({ bits = { v4: 24, v6: 56 } }: AnswerGroup, { family }: ClientView): number {
  return family === 4 ? bits.v4 : bits.v6;
}

/** Each index as often as its weight; once each when all weights are 0. */
function ticketsOf(weights: readonly number[]): number[] {
  const allZero = weights.every((weight) => weight === 0);
  return weights.flatMap((weight, index) => Array<number>(allZero ? 1 : weight).fill(index));
}

function bitsOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('');
}
