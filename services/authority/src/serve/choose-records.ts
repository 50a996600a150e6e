/**
 * Which records of a found name answer this query: the RRset of the type asked for, the CNAME that stands in for
 * it, or nothing (NODATA). A steered RRset is asked for this client's part of it.
 *
 * Writes into `context.choice` and raises `context.scope`; allocates nothing, never throws.
 */
import { RRType } from '@signpost/dns/constants';
import { selectAnswer } from '@signpost/policy/select-answer';

import type { NameNode, RRset, SteeredRRset } from '../replica/zone.ts';
import type { QueryContext } from './query-context.ts';
import { SERVFAIL_STANDING } from './standing.ts';

export const Chosen = {
  /** `choice` holds what was asked for. */
  data: 0,
  /** `choice` holds a CNAME to follow. */
  alias: 1,
  /** NODATA; `choice.ttlSeconds` is set when a policy decided so, else it is `UNLIMITED_TTL`. */
  nothing: 2,
  /** SERVFAIL, because the policy says so where all its targets are down. */
  failure: 3,
} as const;
export type Chosen = (typeof Chosen)[keyof typeof Chosen];

/** More than any TTL (RFC 2181 section 8). */
export const UNLIMITED_TTL = 0x7fff_ffff;

export function chooseRecords(context: QueryContext, node: NameNode): Chosen {
  const { choice } = context;
  const { qtype } = context.query;
  choice.ttlSeconds = UNLIMITED_TTL;
  const isApex = node.name.length === context.zone!.name.length;
  if (isApex && qtype === RRType.SOA) return chooseSoa(context);
  if (qtype === RRType.ANY) return chooseAny(context, node, isApex);
  const rrset = rrsetFor(node, qtype);
  return rrset === undefined ? Chosen.nothing : choose(context, rrset);
}

/**
 * For ANY one RRset alone, which RFC 8482 4.1 allows and amplifies least: the first that has something for this
 * client, since to deny ANY is to deny every type.
 */
function chooseAny(context: QueryContext, { rrsets }: NameNode, isApex: boolean): Chosen {
  const { standing } = context;
  let shortestTtlSeconds = UNLIMITED_TTL;
  let failed = false;
  for (let i = 0; i < rrsets.length; i += 1) {
    if (rrsets[i]!.kind === 'static') context.standing = standing; // of a set passed over it says nothing
    const chosen = choose(context, rrsets[i]!);
    if (chosen === Chosen.failure) failed = true;
    else if (chosen !== Chosen.nothing) return Chosen.data;
    shortestTtlSeconds = Math.min(shortestTtlSeconds, context.choice.ttlSeconds);
  }
  if (isApex) return chooseSoa(context);
  if (failed) return Chosen.failure;
  context.choice.ttlSeconds = shortestTtlSeconds;
  return Chosen.nothing;
}

function choose(context: QueryContext, rrset: RRset): Chosen {
  const { choice } = context;
  const { qtype } = context.query;
  if (rrset.kind === 'steered') {
    if (!chooseSteered(context, rrset)) {
      return context.standing === SERVFAIL_STANDING ? Chosen.failure : Chosen.nothing;
    }
  } else {
    choice.type = rrset.type;
    choice.ttlSeconds = rrset.ttlSeconds;
    choice.records = rrset.records;
    choice.count = rrset.records.length;
    choice.order = undefined;
    choice.steered = undefined;
  }
  return choice.type === RRType.CNAME && !wantsAlias(qtype) ? Chosen.alias : Chosen.data;
}

/** A question for the CNAME itself, or for anything at all, is answered by it (RFC 1034 4.3.2 step 3a). */
export function wantsAlias(qtype: number): boolean {
  return qtype === RRType.CNAME || qtype === RRType.ANY;
}

/** The type asked for, else a CNAME. */
function rrsetFor({ rrsets }: NameNode, qtype: number): RRset | undefined {
  let alias: RRset | undefined;
  for (let i = 0; i < rrsets.length; i += 1) {
    const rrset = rrsets[i]!;
    if (rrset.type === qtype) return rrset;
    if (rrset.type === RRType.CNAME) alias = rrset;
  }
  return alias;
}

function chooseSoa(context: QueryContext): Chosen {
  const { choice } = context;
  const soa = context.zone!.soa;
  choice.type = RRType.SOA;
  choice.ttlSeconds = soa.ttlSeconds;
  choice.records = soa.records;
  choice.count = 1;
  choice.order = undefined;
  choice.steered = undefined;
  return Chosen.data;
}

/** False: the policy has nothing for this client, and the record's TTL bounds how long that is remembered. */
function chooseSteered(context: QueryContext, rrset: SteeredRRset): boolean {
  const { chance, choice, selection } = context;
  chance.seed = rrset.seed;
  chance.turn = (chance.turn + 1) & 0x3fff_ffff;
  context.writeDraw(chance.draw);
  selectAnswer(rrset.policy.steering, context.client, chance, selection, context.latencies);
  if (selection.scope > context.scope) context.scope = selection.scope;
  const group = rrset.policy.groups[selection.group]!;
  context.standing = group.standing;
  choice.ttlSeconds = rrset.ttlSeconds;
  choice.type = group.type;
  choice.records = group.records;
  choice.count = selection.count;
  choice.order = selection.answers;
  choice.steered = rrset;
  choice.group = selection.group;
  return selection.count > 0;
}
