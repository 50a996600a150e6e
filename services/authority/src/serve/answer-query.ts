/**
 * THE main path: a query's octets in, a response's octets out. Each step is one named call:
 *
 *   parse in place -> verify cookie -> view client -> find zone and name -> choose (policy, client, draw) -> encode
 *   -> limit rate
 *
 * What is common goes from the cookie on by `fast/answer-fast.ts`, which comes to the same.
 *
 * Free of I/O, clock and sockets, so any listener can stand in front of it. It never throws, never logs and
 * allocates nothing of its own. What is known of the world stands in the context.
 */
import { ExtendedError, HeaderFlag, OPCODE_MASK } from '@signpost/dns/constants';
import { MIN_UDP_SIZE, OUR_UDP_SIZE, Rcode, RRClass, RRType } from '@signpost/dns/constants';
import { ParseOutcome, parseQuery } from '@signpost/dns/parse-query';
import type { Query } from '@signpost/dns/query';

import { writeAdditional } from '../encode/write-additional.ts';
import { writeAnswer } from '../encode/write-answer.ts';
import { writeDenial } from '../encode/write-denial.ts';
import { Redirected, writeDname } from '../encode/write-dname.ts';
import { optRoom, writeOpt } from '../encode/write-opt.ts';
import { writeReferral } from '../encode/write-referral.ts';
import { answerFast, TO_SLIP } from '../fast/answer-fast.ts';
import { findName, FoundKind } from '../find/find-name.ts';
import { findZone, isApex } from '../find/find-zone.ts';
import { judgeResponse } from '../limit/judge-response.ts';
import { Limited } from '../limit/rate-limiter.ts';
import { answerChaos } from './answer-chaos.ts';
import { Chosen, chooseRecords, UNLIMITED_TTL, wantsAlias } from './choose-records.ts';
import { aliasTarget, followTarget } from './follow-target.ts';
import { MOST_LINKS, NO_EXTENDED_ERROR, type QueryContext } from './query-context.ts';
import { HEALTHY } from './standing.ts';
import { Transport } from './transport.ts';
import { verifyCookie } from './verify-cookie.ts';

/** What the length field before a message over TCP can say (RFC 1035 4.2.2). */
export const MAX_TCP_SIZE = 65_535;

/**
 * @param input holds the query in its first `length` octets
 * @param source 4 or 16 octets: where the query came from
 * @param output at least 1,232 octets for UDP, 65,535 for TCP and TLS; its content is overwritten. It may be `input`
 * @returns octets of the response in `output`; 0 is silence: no query, or more of them than `context.limiter` allows
 */
export function answerQuery(
  context: QueryContext,
  input: Uint8Array,
  length: number,
  source: Uint8Array,
  transport: Transport,
  output: Uint8Array,
): number {
  const outcome = prepare(context, input, length, source, transport);
  if (outcome === ParseOutcome.ignore) return 0;
  if (outcome === ParseOutcome.accept && transport === Transport.udp) {
    const written = answerFast(context, input, source, output);
    if (written >= 0) return written;
    if (written === TO_SLIP) return slip(context, input, output);
    context.startAnswer();
  }
  return answerOutcome(context, outcome, input, source, output);
}

/** The same by the general path alone, which the fast one is tested against. */
export function answerInFull(
  context: QueryContext,
  input: Uint8Array,
  length: number,
  source: Uint8Array,
  transport: Transport,
  output: Uint8Array,
): number {
  const outcome = prepare(context, input, length, source, transport);
  return outcome === ParseOutcome.ignore ? 0 : answerOutcome(context, outcome, input, source, output);
}

function prepare(
  context: QueryContext,
  input: Uint8Array,
  length: number,
  source: Uint8Array,
  transport: Transport,
): ParseOutcome {
  const outcome = parseQuery(input, length, context.query);
  context.startQuery(transport);
  if (outcome !== ParseOutcome.ignore) context.isVerified = verifyCookie(context, input, source);
  return outcome;
}

function answerOutcome(
  context: QueryContext,
  outcome: ParseOutcome,
  input: Uint8Array,
  source: Uint8Array,
  output: Uint8Array,
): number {
  beginResponse(context, input, output);
  context.rcode = outcome === ParseOutcome.accept ? answer(context, source) : rcodeOf(context, outcome);
  // Part of a chain may be written, and who cannot be told its end is told nothing.
  if (context.rcode === Rcode.SERVFAIL) beginAnew(context, input, output);
  context.limited = judgeResponse(context, source);
  if (context.limited === Limited.drop) return 0;
  if (context.limited === Limited.slip) return slip(context, input, output);
  if (context.sampler !== undefined && context.given.policy !== undefined) {
    context.sampler.offer(context, source);
  }
  return endResponse(context);
}

/** For one well-formed question. */
function answer(context: QueryContext, source: Uint8Array): Rcode {
  const { qclass, qtype } = context.query;
  if (qclass === RRClass.CH) return answerChaos(context);
  if (qclass !== RRClass.IN) return refuse(context);
  const refusal = refusalOf(qtype);
  if (refusal !== Rcode.NOERROR) return refusal;
  context.lookAtClient(source);
  return resolve(context);
}

/** RFC 1034 4.3.2: finds what the name holds, follows CNAMEs and DNAMEs; returns the response code of the last name. */
function resolve(context: QueryContext): Rcode {
  const { query, found, choice } = context;
  for (let links = 1; ; links += 1) {
    context.zone = findZone(context.snapshot, context.name, query.qtype);
    if (context.zone === undefined) return outsideOurZones(context);
    findName(context.zone, context.name, query.qtype, found);
    if (found.kind === FoundKind.delegation) preferApex(context);
    if (links === 1) context.noteHolder();
    if (found.kind === FoundKind.delegation) return writeReferral(context);
    if (found.kind === FoundKind.nxdomain) return writeDenial(context, denialOf(context), UNLIMITED_TTL);
    if (found.kind === FoundKind.dname) {
      const target = context.madeNames[links - 1]!;
      const redirected = writeDname(context, target);
      if (redirected === Redirected.tooLong) return Rcode.YXDOMAIN;
      if (redirected === Redirected.truncated || wantsAlias(query.qtype)) return Rcode.NOERROR;
      if (links === MOST_LINKS || !followTarget(context, target)) return Rcode.NOERROR;
      continue;
    }

    const chosen = chooseRecords(context, found.node!);
    if (chosen === Chosen.failure) return Rcode.SERVFAIL;
    if (chosen === Chosen.nothing) return writeDenial(context, Rcode.NOERROR, choice.ttlSeconds);
    if (!writeAnswer(context)) return Rcode.NOERROR; // truncated
    if (chosen === Chosen.data) return writeAdditional(context);
    if (links === MOST_LINKS || !followTarget(context, aliasTarget(context))) return Rcode.NOERROR;
  }
}

/**
 * The DS at an apex of ours belongs to a zone above that we serve. If that has given the name to others, its parent's
 * side is not ours, and the zone at the name says that it holds none (RFC 4035 3.1.4.1).
 */
function preferApex(context: QueryContext): void {
  const { query, snapshot, name, found } = context;
  if (query.qtype !== RRType.DS) return;
  const zone = snapshot.served.find(name.octets, 0, name.length);
  if (zone === undefined) return;
  context.zone = zone;
  findName(zone, name, query.qtype, found);
}

/** A zone of ours that its parent does not delegate exists all the same: NXDOMAIN would deny all of it (RFC 8020). */
function denialOf({ query, snapshot, name }: QueryContext): Rcode {
  return query.qtype === RRType.DS && isApex(snapshot, name) ? Rcode.NOERROR : Rcode.NXDOMAIN;
}

/**
 * What is no type of data and is not answered however well it is asked. Of the other types from 128 to 255, which are
 * set aside for questions (RFC 6895 3.1), no zone has any: that is the answer, as for all types unknown to us.
 */
function refusalOf(qtype: number): Rcode {
  switch (qtype) {
    case RRType.AXFR:
    case RRType.IXFR:
      return Rcode.REFUSED;
    case RRType.OPT:
    case RRType.TSIG:
    case RRType.NXNAME: // RFC 9824 3.5
      return Rcode.FORMERR;
    case RRType.TKEY:
    case RRType.MAILA:
    case RRType.MAILB:
      return Rcode.NOTIMP;
    default:
      return Rcode.NOERROR;
  }
}

function rcodeOf({ query, cookies }: QueryContext, outcome: ParseOutcome): Rcode {
  if (query.isCookieProbe && cookies !== undefined) return Rcode.NOERROR; // RFC 7873 5.4
  if (outcome === ParseOutcome.notimp) return Rcode.NOTIMP;
  return outcome === ParseOutcome.badvers ? Rcode.BADVERS : Rcode.FORMERR;
}

/** A chain that leaves our zones ends with what we know of it; where it leads is for the resolver to ask. */
function outsideOurZones(context: QueryContext): Rcode {
  return context.hasAnswer ? Rcode.NOERROR : refuse(context);
}

function refuse(context: QueryContext): Rcode {
  context.extendedError = ExtendedError.NOT_AUTHORITATIVE;
  return Rcode.REFUSED;
}

/** An error has no records, and nothing in it may be kept as a denial (RFC 2308 section 7). */
function beginAnew(context: QueryContext, input: Uint8Array, output: Uint8Array): void {
  context.hasAnswer = false;
  beginResponse(context, input, output);
}

/** In place of the response that was written, so that whoever is truly there learns how to get it (RFC 7873 5.2.3). */
function slip(context: QueryContext, input: Uint8Array, output: Uint8Array): number {
  context.startAnswer();
  beginResponse(context, input, output);
  if (context.query.cookieLength > 0 && context.cookies !== undefined) context.rcode = Rcode.BADCOOKIE;
  else context.writer.addFlags(HeaderFlag.TC);
  return endResponse(context);
}

function beginResponse(context: QueryContext, input: Uint8Array, output: Uint8Array): void {
  const { query, writer, transport } = context;
  writer.reset(output, 0, transport === Transport.udp ? udpSize(query) : MAX_TCP_SIZE);
  // Opcode and RD are copied; CD is not, which RFC 4035 3.1.6 leaves to servers that validate.
  writer.writeHeader(query.id, HeaderFlag.QR | (query.flags & (OPCODE_MASK | HeaderFlag.RD)));
  writer.writeQuestion(input, query);
  writer.reserve(optRoom(context));
}

/** The client's size counts only as far as ours goes: larger responses may be fragmented (RFC 9715). */
function udpSize(query: Query): number {
  return query.hasEdns ? Math.min(query.udpSize, OUR_UDP_SIZE) : MIN_UDP_SIZE;
}

function endResponse(context: QueryContext): number {
  const { writer, rcode } = context;
  // Only what comes from a zone can be out of date.
  const isStale = context.isStale && context.holder !== undefined;
  if (isStale && rcode === Rcode.NOERROR) context.extendedError = ExtendedError.STALE_ANSWER;
  if (isStale && rcode === Rcode.NXDOMAIN) context.extendedError = ExtendedError.STALE_NXDOMAIN_ANSWER;
  if (context.standing !== HEALTHY && context.extendedError === NO_EXTENDED_ERROR) {
    context.extendedError = ExtendedError.OTHER;
  }
  // Only what stands in the answer section is tailored; denials and referrals hold for all (RFC 7871 7.2.1).
  const isTailored = context.hasAnswer && context.client.isFromSubnet;
  writeOpt(context, isTailored ? context.scope : 0);
  return writer.finish();
}
