/**
 * The common answers, straight from the image: an RRset of the name or of its wildcard, steered or not, an alias with the
 * addresses it leads to, a denial, a referral; with and without EDNS, Client Subnet and cookies.
 *
 *   hash the name and all above it -> zone -> name -> record set -> select -> copy what is ready -> limit rate -> OPT
 *
 * All else is the general path's, as is whatever is unsure, does not fit, or needs explaining: then `NOT_FAST` comes back
 * and nothing has happened. That path is also the twin that this one is tested against (`answer-fast.test.ts`).
 * Allocates nothing, never throws, never logs.
 */
import { EdnsOption, HeaderFlag, Rcode, RRClass, RRType } from '@signpost/dns/constants';
import { EDNS_DO, HEADER_LENGTH, MIN_UDP_SIZE, OPCODE_MASK, OUR_UDP_SIZE } from '@signpost/dns/constants';
import { clientSubnetLength, writeClientSubnet } from '@signpost/dns/client-subnet';
import { startOfLabel } from '@signpost/dns/hashed-name';
import type { Query } from '@signpost/dns/query';
import { COOKIE_LENGTH } from '@signpost/dns/server-cookie';
import { writeUint16, writeUint32 } from '@signpost/dns/uint16';

import { NameEntry, SetEntry, SetKind, ZoneEntry } from '../image/layout.ts';
import { Limited, ResponseKind } from '../limit/rate-limiter.ts';
import type { QueryContext } from '../serve/query-context.ts';
import { followFast } from './follow-fast.ts';
import { guessZone, locate, Located } from './find-fast.ts';
import { writeReferralFast } from './refer-fast.ts';
import { findSet, writeSteered } from './steer-fast.ts';
import { copyFast, TO_QUESTION, writeSoaFast } from './write-fast.ts';

export const NOT_FAST = -1;
/** The response would be too many: the general path tells the client how to get it. */
export const TO_SLIP = -2;

/** Types of data; above are those that only questions have (RFC 6895 3.1). */
const MOST_TYPE = 127;

const Outcome = { unsure: 0, answer: 1, nodata: 2, nxdomain: 3, referral: 4 } as const;
type Outcome = (typeof Outcome)[keyof typeof Outcome];

/**
 * For a query that was accepted and came over UDP.
 *
 * @returns octets of the response in `output`, 0 for silence, `NOT_FAST`, or `TO_SLIP`
 */
export function answerFast(
  context: QueryContext,
  input: Uint8Array,
  source: Uint8Array,
  output: Uint8Array,
): number {
  const { query, fast: state } = context;
  if (!isCommon(context)) return NOT_FAST;
  const { index } = context.snapshot;
  if (!guessZone(index, state, query.name)) return NOT_FAST;
  begin(context, input, output);
  const { turn } = context.chance;
  const outcome = answer(context, source, output);
  if (outcome === Outcome.unsure) {
    context.chance.turn = turn; // else each turn of a round robin would be two
    return NOT_FAST;
  }
  context.rcode = outcome === Outcome.nxdomain ? Rcode.NXDOMAIN : Rcode.NOERROR;
  const limited = judge(context, outcome, source);
  if (limited !== Limited.no) {
    context.limited = limited;
    return limited === Limited.drop ? 0 : TO_SLIP;
  }
  if (context.given.policy !== undefined) {
    context.scope = state.scope;
    context.sampler?.offer(context, source);
  }
  return finish(context, outcome, output);
}

/** Whether nothing in the query asks for more than a lookup. */
function isCommon({ query, isStale, nsid }: QueryContext): boolean {
  const { qtype } = query;
  return (
    query.qclass === RRClass.IN &&
    qtype <= MOST_TYPE &&
    qtype !== RRType.DS &&
    qtype !== RRType.OPT &&
    !isStale &&
    !(query.nsidAsked && nsid !== undefined)
  );
}

function begin({ query, fast: state, cookies }: QueryContext, input: Uint8Array, output: Uint8Array): void {
  const { questionEnd } = query;
  // Where the response takes the query's place, the question stands there.
  if (output !== input) for (let i = HEADER_LENGTH; i < questionEnd; i += 1) output[i] = input[i]!;
  state.at = questionEnd;
  state.limit = sizeLimit(query) - optLength(query, cookies !== undefined);
  state.answers = 0;
  state.authorities = 0;
  state.additionals = 0;
  state.scope = 0;
}

function sizeLimit({ hasEdns, udpSize }: Query): number {
  if (!hasEdns) return MIN_UDP_SIZE;
  return udpSize < OUR_UDP_SIZE ? udpSize : OUR_UDP_SIZE;
}

function optLength(query: Query, hasCookies: boolean): number {
  if (!query.hasEdns) return 0;
  let length = 11;
  if (query.hasClientSubnet) length += 4 + clientSubnetLength(query);
  if (query.cookieLength > 0 && hasCookies) length += 4 + COOKIE_LENGTH;
  return length;
}

/** What the zone at hand says of the question. */
function answer(context: QueryContext, source: Uint8Array, output: Uint8Array): Outcome {
  const { query, fast: state, snapshot } = context;
  const { index } = snapshot;
  const { words } = index;
  const { zone } = state;
  const located = locate(index, state, query.name);
  switch (located) {
    case Located.own:
    case Located.wildcard:
      return answerFrom(context, state.entry, located === Located.own, source, output);
    case Located.cut:
      state.holderHash = words[state.entry + NameEntry.hash]!;
      return writeReferralFast(index, query, state, state.entry, output) ? Outcome.referral : Outcome.unsure;
    case Located.nothing:
      state.holderHash = words[zone + ZoneEntry.hash]!;
      return deny(context, output, words[zone + ZoneEntry.negativeTtl]!) ? Outcome.nxdomain : Outcome.unsure;
    default:
      return Outcome.unsure;
  }
}

/** By the name itself, or by the wildcard that speaks for it. */
function answerFrom(
  context: QueryContext,
  name: number,
  isOwn: boolean,
  source: Uint8Array,
  output: Uint8Array,
): Outcome {
  const { query, fast: state, snapshot } = context;
  const { words, octets } = snapshot.index;
  state.holderHash = words[name + NameEntry.hash]!;
  // The apex' SOA stands in no record set of the name.
  if (query.qtype === RRType.SOA && state.apexLabel === 0) return Outcome.unsure;
  const set = findSet(words, name, query.qtype);
  const negativeTtl = words[state.zone + ZoneEntry.negativeTtl]!;
  if (set === 0) return deny(context, output, negativeTtl) ? Outcome.nodata : Outcome.unsure;
  const type = words[set + SetEntry.type]!;
  if (type >>> 16 === SetKind.steered) {
    context.lookAtClient(source);
    const count = writeSteered(context, name, set, TO_QUESTION, output);
    if (count > 0) return Outcome.answer;
    if (count < 0) return Outcome.unsure;
    const ttl = words[set + SetEntry.ttl]!;
    return deny(context, output, ttl < negativeTtl ? ttl : negativeTtl) ? Outcome.nodata : Outcome.unsure;
  }
  if (needsMore(type)) return Outcome.unsure;
  // Several aliases at a name are an error of the zone's, which the general path knows.
  if (type === RRType.CNAME && words[set + SetEntry.records] !== 1) return Outcome.unsure;
  const ready = words[set + SetEntry.ready]!;
  // Names in it are compressed for its own owner, which a wildcard's question has not.
  if (!isOwn && ready !== set + SetEntry.plain) return Outcome.unsure;
  const length = words[set + SetEntry.readyLength]!;
  state.targetAt = state.at + 12;
  if (length < 0 || !copyFast(state, output, octets, ready * 4, length)) return Outcome.unsure;
  state.answers = words[set + SetEntry.records]!;
  if (type !== RRType.CNAME || query.qtype === RRType.CNAME) return Outcome.answer;
  return followFast(context, name, set, source, output) ? Outcome.answer : Outcome.unsure;
}

/** Whether more belongs to an answer than the RRset: addresses of the hosts it names. */
function needsMore(type: number): boolean {
  switch (type) {
    case RRType.NS:
    case RRType.MX:
    case RRType.SRV:
    case RRType.SVCB:
    case RRType.HTTPS:
    case RRType.DNAME:
      return true;
    default:
      return false;
  }
}

/** NXDOMAIN or NODATA. */
function deny(
  { query, fast: state, snapshot }: QueryContext,
  output: Uint8Array,
  ttlSeconds: number,
): boolean {
  const apexOffset = startOfLabel(query.name, state.apexLabel);
  return writeSoaFast(snapshot.index, state, output, apexOffset, ttlSeconds);
}

const KINDS: Readonly<Record<Exclude<Outcome, 0>, ResponseKind>> = {
  [Outcome.answer]: ResponseKind.answer,
  [Outcome.nodata]: ResponseKind.nodata,
  [Outcome.nxdomain]: ResponseKind.nxdomain,
  [Outcome.referral]: ResponseKind.referral,
};

function judge(context: QueryContext, outcome: Exclude<Outcome, 0>, source: Uint8Array): Limited {
  const { limiter, query, fast: state, nowMs } = context;
  if (limiter === undefined || context.isVerified) return Limited.no;
  const qtype = outcome === Outcome.answer ? query.qtype : 0;
  return limiter.judge(source, KINDS[outcome], qtype, state.holderHash, nowMs);
}

/** Header and OPT, around what is written. Returns the octets of the message. */
function finish(context: QueryContext, outcome: Outcome, output: Uint8Array): number {
  const { query, fast: state, client } = context;
  const authoritative = outcome === Outcome.referral ? 0 : HeaderFlag.AA;
  const rcode = outcome === Outcome.nxdomain ? Rcode.NXDOMAIN : Rcode.NOERROR;
  writeUint16(output, 0, query.id);
  writeUint16(
    output,
    2,
    HeaderFlag.QR | (query.flags & (OPCODE_MASK | HeaderFlag.RD)) | authoritative | rcode,
  );
  writeUint16(output, 4, 1);
  writeUint16(output, 6, state.answers);
  writeUint16(output, 8, state.authorities);
  writeUint16(output, 10, state.additionals + (query.hasEdns ? 1 : 0));
  if (!query.hasEdns) return state.at;
  // Denials and referrals hold for all (RFC 7871 7.2.1), and so does what nobody steered: their scope is 0.
  return writeOptFast(context, outcome === Outcome.answer && client.isFromSubnet ? state.scope : 0, output);
}

/** Into the room that was kept for it. */
function writeOptFast(
  { query, fast: state, cookies }: QueryContext,
  scope: number,
  output: Uint8Array,
): number {
  const start = state.at;
  output[start] = 0;
  writeUint16(output, start + 1, RRType.OPT);
  writeUint16(output, start + 3, OUR_UDP_SIZE);
  writeUint32(output, start + 5, query.dnssecOk ? EDNS_DO : 0); // response code and version are 0
  let at = start + 11;
  if (query.hasClientSubnet) {
    const length = clientSubnetLength(query);
    writeUint16(output, at, EdnsOption.CLIENT_SUBNET);
    writeUint16(output, at + 2, length);
    writeClientSubnet(output, at + 4, query, scope);
    at += 4 + length;
  }
  if (query.cookieLength > 0 && cookies !== undefined) {
    const { response } = cookies;
    writeUint16(output, at, EdnsOption.COOKIE);
    writeUint16(output, at + 2, COOKIE_LENGTH);
    for (let i = 0; i < COOKIE_LENGTH; i += 1) output[at + 4 + i] = response[i]!;
    at += 4 + COOKIE_LENGTH;
  }
  writeUint16(output, start + 9, at - start - 11);
  return at;
}
