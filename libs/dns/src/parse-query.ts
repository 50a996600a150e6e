/**
 * Reads a query in place into a reused `Query` and says what to do with it.
 *
 * Hot path: never throws, allocates nothing, touches each octet at most twice
 * (pointer chains aside, which are bounded by the length of a name). Its slow,
 * obvious twin is `reference/read-message.ts`. It does not decide what to answer.
 */
import { HEADER_LENGTH, HeaderFlag, MAX_LABEL_LENGTH, MAX_NAME_LENGTH } from './constants.ts';
import { OPCODE_MASK, OPCODE_SHIFT, Opcode, RRType } from './constants.ts';
import { parseEdns } from './parse-edns.ts';
import { clearQuery, type Query } from './query.ts';
import { skipName } from './skip-name.ts';
import { copyAndHash } from './suffix-hash.ts';
import { readUint16 } from './uint16.ts';

/**
 * What the first look at a packet says. All but `ignore` ask for a response with that
 * response code; `Query` then holds what could be read, so that id, question and OPT can be echoed.
 */
export const ParseOutcome = {
  /** A well-formed standard query. */
  accept: 0,
  formerr: 1,
  notimp: 2,
  /** EDNS version above 0; answer BADVERS and version 0 (RFC 6891 6.1.3). */
  badvers: 3,
  /** Too short to answer, or a response: a reply could start a loop between two servers. */
  ignore: 4,
} as const;
export type ParseOutcome = (typeof ParseOutcome)[keyof typeof ParseOutcome];

/**
 * Parses the first `length` octets of `octets` (RFC 1035 4.1, RFC 9619 for QDCOUNT).
 *
 * Octets after the last counted record are accepted, as NSD does. Flags without
 * a meaning in a query are ignored (RFC 8906).
 */
export function parseQuery(octets: Uint8Array, length: number, query: Query): ParseOutcome {
  clearQuery(query);
  if (length < HEADER_LENGTH || length > octets.length) return ParseOutcome.ignore;
  query.id = readUint16(octets, 0);
  query.flags = readUint16(octets, 2);
  query.opcode = (query.flags & OPCODE_MASK) >> OPCODE_SHIFT;
  if ((query.flags & HeaderFlag.QR) !== 0) return ParseOutcome.ignore;
  if (query.opcode !== Opcode.QUERY) {
    readOtherOpcode(octets, length, query);
    return ParseOutcome.notimp;
  }

  const questions = readUint16(octets, 4);
  if (questions > 1 || (questions === 1 && !readQuestion(octets, length, query))) return ParseOutcome.formerr;
  if (readUint16(octets, 6) !== 0) return ParseOutcome.formerr; // ANCOUNT

  const authority = questions === 1 ? query.questionEnd : HEADER_LENGTH;
  const additional = skipAuthority(octets, authority, length, query.qtype);
  if (additional < 0 || !readAdditional(octets, additional, length, query)) return ParseOutcome.formerr;
  if (query.ednsVersion > 0) return ParseOutcome.badvers;
  if (questions === 1) return ParseOutcome.accept;
  query.isCookieProbe = query.cookieLength > 0;
  return ParseOutcome.formerr;
}

/**
 * Whatever an opcode means, who sends an OPT gets one back (RFC 6891 6.1.1): it is read where the message has the usual
 * layout and else nothing is. The question is not kept, since the opcode may ask no question with it.
 */
function readOtherOpcode(octets: Uint8Array, length: number, query: Query): void {
  const { id, flags, opcode } = query;
  const isUsual =
    readUint16(octets, 4) === 1 &&
    readUint16(octets, 6) === 0 &&
    readUint16(octets, 8) === 0 &&
    readQuestion(octets, length, query) &&
    readAdditional(octets, query.questionEnd, length, query);
  if (!isUsual) clearQuery(query);
  query.id = id;
  query.flags = flags;
  query.opcode = opcode;
  query.questionEnd = 0;
}

/** Copies the question's name in lower case; a compressed name has nothing to point at, so it is malformed. */
function readQuestion(octets: Uint8Array, length: number, query: Query): boolean {
  const { name } = query;
  const { labelOffsets } = name;
  let at = HEADER_LENGTH;
  let labels = 0;
  for (;;) {
    const size = at < length ? octets[at]! : MAX_NAME_LENGTH;
    const next = at + size + 1;
    if (size > MAX_LABEL_LENGTH || next > length || next > HEADER_LENGTH + MAX_NAME_LENGTH) return false;
    if (size === 0) break;
    labelOffsets[labels] = at - HEADER_LENGTH;
    labels += 1;
    at = next;
  }
  if (at + 5 > length) return false;
  name.length = at + 1 - HEADER_LENGTH;
  name.labelCount = labels;
  copyAndHash(octets, HEADER_LENGTH, name);
  query.qtype = readUint16(octets, at + 1);
  query.qclass = readUint16(octets, at + 3);
  query.questionEnd = at + 5;
  return true;
}

/** Where the additional section begins; -1: malformed. An IXFR alone has authority: its client's SOA (RFC 1995 3). */
function skipAuthority(octets: Uint8Array, start: number, length: number, qtype: number): number {
  const count = readUint16(octets, 8);
  if (count === 0) return start;
  if (count > 1 || qtype !== RRType.IXFR) return -1;
  const fixed = skipName(octets, start, length);
  if (fixed < 0 || fixed + 10 > length || readUint16(octets, fixed) !== RRType.SOA) return -1;
  const end = fixed + 10 + readUint16(octets, fixed + 8);
  return end > length ? -1 : end;
}

/** Takes the one OPT, notes a TSIG, and steps over the rest; the caller has checked that `start <= length`. */
function readAdditional(octets: Uint8Array, start: number, length: number, query: Query): boolean {
  let at = start;
  for (let left = readUint16(octets, 10); left > 0; left -= 1) {
    if (query.tsigOffset !== 0) return false; // TSIG is the last record (RFC 8945 5.1)
    const fixed = skipName(octets, at, length);
    if (fixed < 0 || fixed + 10 > length) return false;
    const type = readUint16(octets, fixed);
    const end = fixed + 10 + readUint16(octets, fixed + 8);
    if (end > length) return false;
    if (type === RRType.OPT) {
      const isFirstAtRoot = !query.hasEdns && octets[at] === 0;
      if (!isFirstAtRoot || !parseEdns(octets, fixed, end, query)) return false;
    } else if (type === RRType.TSIG) {
      query.tsigOffset = at;
    }
    at = end;
  }
  return true;
}
