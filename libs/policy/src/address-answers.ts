/**
 * Answers of A, AAAA and CNAME: the address or the host name of each target, or, where a CNAME cannot stand, the
 * addresses that a host name has, which share its weight. Pure.
 */
import type { SteeredAnswer } from '@signpost/contracts/record-set';
import { formatIpv6, parseIpv6 } from '@signpost/dns/address';
import { formatName, parseName } from '@signpost/dns/name-text';

import type { AddressType, AnswerInput, WeighedPool, WeightedMember } from './weighed-pool.ts';
import { NOTHING_RESOLVED, type ResolvedNames } from './resolved-names.ts';

export function addressAnswers(
  { pool, members }: WeighedPool,
  type: AddressType,
  { flatten = false, resolved = NOTHING_RESOLVED }: Pick<AnswerInput, 'flatten' | 'resolved'>,
): SteeredAnswer[] {
  const groupType = pool.hostNames && !flatten ? 'CNAME' : type;
  const found = members.map((member) => ({ ...member, texts: textsOf(member, groupType, resolved) }));
  // Weights are whole numbers: where one is shared, those of the whole group are multiplied.
  const parts = Math.min(MOST_PARTS, leastCommonMultiple(found.map(({ texts }) => texts.length || 1)));
  return withoutRepetition(
    found.flatMap(({ member: { target }, weight, texts }) =>
      texts.map((rdata) => ({ rdata, target, weight: partOf(weight, parts, texts.length) })),
    ),
  );
}

/** The form of RFC 5952, so that one address is one text however it was written. */
export function canonicalIpv6(text: string): string {
  const octets = parseIpv6(text);
  return octets === undefined ? text : formatIpv6(octets);
}

/** As resolved names are known by; the text of a checked configuration. */
export function canonicalHost(text: string): string {
  return formatName(parseName(text));
}

/** Finer than this nobody can see, and weights stay small. */
const MOST_PARTS = 1_000;

function textsOf(
  { member: { configuration, ipv4, ipv6 }, ignoreHealth }: WeightedMember,
  type: AddressType,
  resolved: ResolvedNames,
): readonly string[] {
  const { a, aaaa, cname } = configuration;
  const host = cname === undefined || type === 'CNAME' ? undefined : resolved(canonicalHost(cname));
  switch (type) {
    case 'A':
      if (!ignoreHealth && ipv4 === 'down') return [];
      return a === undefined ? (host?.a ?? []) : [a];
    case 'AAAA':
      if (!ignoreHealth && ipv6 === 'down') return [];
      return aaaa === undefined ? (host?.aaaa ?? []) : [canonicalIpv6(aaaa)];
    case 'CNAME':
      return cname === undefined ? [] : [cname];
    default:
      throw new TypeError(`unhandled type ${String(type satisfies never)}`);
  }
}

function partOf(weight: number, parts: number, of: number): number {
  return weight === 0 ? 0 : Math.max(1, Math.round((weight * parts) / of));
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

function leastCommonMultiple(counts: readonly number[]): number {
  return counts.reduce((multiple, count) => (multiple * count) / greatestCommonDivisor(multiple, count), 1);
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
