/**
 * For tests only: zones by chance, for whoever compares two ways of answering. Small on purpose, so that chains, cuts,
 * wildcards and empty non-terminals meet often; what an answer can be too long for is there too.
 */
import type { RecordSet, StaticRecordSet } from '@signpost/contracts/record-set';
import * as fc from 'fast-check';

import type { PlainZone } from '../reference/answer-plainly.ts';
import { type PickKind, steeredField } from './generated-policies.ts';
import { facts } from './sample-zone.ts';

export const APEXES = ['test', 'a.test', 'b.a.test', '.'] as const;

const LONG = 'l'.repeat(60);
const label = fc.oneof(
  { arbitrary: fc.constantFrom('a', 'b', '*'), weight: 12 },
  { arbitrary: fc.constant(LONG), weight: 1 },
);
const relative = fc.array(label, { maxLength: 3 });
export const deeper = fc.array(label, { maxLength: 4 });

export function below(labels: readonly string[], apex: string): string {
  const all = apex === '.' ? labels : [...labels, apex];
  return all.length === 0 ? '.' : all.join('.');
}

function dotted(name: string): string {
  return name === '.' ? name : `${name}.`;
}

const host = fc
  .tuple(relative, fc.constantFrom(...APEXES, 'elsewhere'))
  .map(([labels, apex]) => below(labels, apex));
const target = host.map(dotted);

/** A type, and what its records say. */
type Texts = readonly [type: string, texts: readonly string[]];

/** More than fits 512 octets, or more than fits any datagram of ours. */
const many = fc
  .constantFrom(28, 90)
  .map((count) => ['A', Array.from({ length: count }, (_, i) => `192.0.2.${i}`)] as Texts);
const long = fc.nat(9).map((n) => ['TXT', [`"${'t'.repeat(220)}" "${n}"`]] as Texts);

const rdata = fc.oneof(
  { arbitrary: fc.nat(9).map((n) => ['A', [`192.0.2.${n}`]] as Texts), weight: 4 },
  { arbitrary: fc.nat(9).map((n) => ['AAAA', [`2001:db8::${n}`]] as Texts), weight: 2 },
  { arbitrary: fc.nat(9).map((n) => ['TXT', [`"text ${n}"`]] as Texts), weight: 2 },
  { arbitrary: target.map((name) => ['CNAME', [name]] as Texts), weight: 4 },
  { arbitrary: target.map((name) => ['DNAME', [name]] as Texts), weight: 1 },
  { arbitrary: target.map((name) => ['NS', [name]] as Texts), weight: 3 },
  { arbitrary: target.map((name) => ['PTR', [name]] as Texts), weight: 1 },
  { arbitrary: fc.tuple(fc.nat(1), target).map(([n, name]) => ['MX', [`${n} ${name}`]] as Texts), weight: 2 },
  { arbitrary: target.map((name) => ['SRV', [`1 2 3 ${name}`]] as Texts), weight: 1 },
  {
    arbitrary: fc
      .tuple(fc.nat(2), fc.oneof(fc.constant('.'), target))
      .map(([n, name]) => ['HTTPS', [`${n} ${name}`]] as Texts),
    weight: 1,
  },
  { arbitrary: many, weight: 1 },
  { arbitrary: long, weight: 1 },
);

const ttl = fc.constantFrom(0, 5, 300, 300, 2_147_483_647);

/** Names of the SOA lie in the zone, or outside. */
const factsOf = (apex: string) =>
  fc
    .record({
      ttl: fc.constantFrom(3_600, 20),
      negativeTtl: fc.constantFrom(60, 5),
      primary: fc.oneof(fc.constant(dotted(below(['ns1'], apex))), target),
      contact: fc.oneof(fc.constant(dotted(below(['hostmaster'], apex))), target),
    })
    .map((soa) => facts(apex, soa));

function zone(apex: string, picks: readonly PickKind[]): fc.Arbitrary<PlainZone> {
  const owner = relative.map((labels) => below(labels, apex));
  const fixed = fc
    .tuple(owner, rdata, ttl)
    .map(([name, [type, texts], ttlSeconds]) => [`${name}|${type}`, staticSet(ttlSeconds, texts)] as const);
  const policies = fc
    .tuple(owner, steeredField(target, picks))
    .map(([name, [type, set]]) => [`${name}|${type}`, set] as const);
  return fc
    .tuple(fc.array(fixed, { maxLength: 12 }), fc.array(policies, { maxLength: 4 }), factsOf(apex))
    .map(([records, policies, facts]) => {
      const sets = new Map<string, RecordSet>();
      for (const [field, set] of records) sets.set(field, merged(sets.get(field), set));
      for (const [field, set] of policies) sets.set(field, set);
      return { apex, facts, recordSets: [...sets] };
    });
}

function staticSet(ttlSeconds: number, texts: readonly string[]): StaticRecordSet {
  return { kind: 'static', ttl: ttlSeconds, rdata: [...texts] };
}

function merged(before: RecordSet | undefined, set: StaticRecordSet): StaticRecordSet {
  return before?.kind === 'static' ? { ...before, rdata: [...before.rdata, ...set.rdata] } : set;
}

/** Zones of some of these apexes; the root but now and then, since it leaves no name outside. */
export function world(picks: readonly PickKind[]): fc.Arbitrary<readonly PlainZone[]> {
  return fc
    .tuple(fc.subarray(APEXES.slice(0, 3), { minLength: 1 }), fc.nat(4))
    .map(([apexes, roll]) => (roll === 0 ? [...apexes, '.'] : apexes))
    .chain((apexes) => fc.tuple(...apexes.map((apex) => zone(apex, picks))));
}

export const questionName = fc
  .tuple(deeper, fc.constantFrom(...APEXES))
  .map(([labels, apex]) => below(labels, apex));
