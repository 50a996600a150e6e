/**
 * The plain twin of `select-answer.ts`: the same meaning with no tables and no care for speed, for tests alone.
 * Bits are strings of 0 and 1, weights are laid out one ticket per unit.
 */
import { geoCodeMatches } from '@signpost/contracts/place';
import type { AnswerGroup, SteeredRecordSet, SteeringRule } from '@signpost/contracts/record-set';
import { parsePrefix } from '@signpost/dns/address';

import type { ClientView } from '../match-client.ts';
import { stickyDraw, stickySeed } from '../sticky-draw.ts';

export interface PlainSelection {
  readonly group: number;
  readonly scope: number;
  /** Indexes into the group's answers, first drawn first. */
  readonly answers: readonly number[];
}

export function selectPlainly(
  set: SteeredRecordSet,
  ownerName: string,
  client: ClientView,
  draws: readonly number[],
  turn: number,
): PlainSelection {
  const needs = [0];
  const rule = rulesOf(set, client, needs).find((candidate) => matches(candidate, client, needs))!;
  const { groups } = set.branches[rule.branch]!;
  let { group } = groups[0]!;
  if (groups.length > 1) {
    needs.push(client.family === 4 ? 24 : 56);
    const tickets = ticketsOf(groups.map(({ weight }) => weight));
    const draw = stickyDraw(stickySeed(ownerName), client);
    group = groups[tickets[Math.floor(draw * tickets.length)]!]!.group;
  }
  return { group, scope: Math.max(...needs), answers: pick(set.groups[group]!, draws, turn) };
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

function matches(rule: SteeringRule, client: ClientView, needs: number[]): boolean {
  if (rule.subnets !== undefined && !rule.subnets.some((text) => contains(text, client, needs))) return false;
  if (rule.geos === undefined) return true;
  const place = client.place();
  needs.push(place.prefixLength);
  return rule.geos.some((code) => geoCodeMatches(place, code));
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

function pick(group: AnswerGroup, draws: readonly number[], turn: number): number[] {
  const weights = group.answers.map(({ weight }) => weight);
  const tickets = ticketsOf(weights);
  if (group.pick === 'round_robin') {
    const positive = [...new Set(tickets)];
    return positive.map((_, i) => positive[(turn + i) % positive.length]!).slice(0, group.select);
  }
  const picked: number[] = [];
  for (const draw of draws.slice(0, group.select)) {
    const left = tickets.filter((slot) => !picked.includes(slot));
    if (left.length > 0) picked.push(left[Math.floor(draw * left.length)]!);
  }
  return picked;
}

/** Each index as often as its weight; once each when all weights are 0. */
function ticketsOf(weights: readonly number[]): number[] {
  const allZero = weights.every((weight) => weight === 0);
  return weights.flatMap((weight, index) => Array<number>(allZero ? 1 : weight).fill(index));
}

function bitsOf(octets: Uint8Array): string {
  return Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('');
}
