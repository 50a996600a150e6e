/**
 * H12, for one static record set: from presentation format to the words of its entry, whose indexes count from its first
 * word. What cannot be served throws RdataError or NameError before anything is in the image. It must not know where
 * the entry will stand.
 */
import type { StaticRecordSet, ZoneFacts } from '@signpost/contracts/record-set';
import { HEADER_LENGTH, RRClass, RRType, typeCode } from '@signpost/dns/constants';
import { RdataError } from '@signpost/dns/errors';
import { encodeRdata } from '@signpost/dns/rdata';
import { canonicalRdata } from '@signpost/dns/rdata/canonical-rdata';
import { parseQuery } from '@signpost/dns/parse-query';
import { Query } from '@signpost/dns/query';
import { writeUint16, writeUint32 } from '@signpost/dns/uint16';
import type { WireName } from '@signpost/dns/wire-name';
import { Section, Writer } from '@signpost/dns/write-message';

import { RECORD_HEADER, SetEntry, SetKind, wordsFor } from './layout.ts';

const POINTER_TO_QUESTION = 0xc000 | HEADER_LENGTH;
const MOST_MESSAGE_OCTETS = 65_535;

/** Code of a type as the store's field names it, `A` or `TYPE65280`. Throws RdataError. */
export function codeOf(type: string): number {
  const code = typeCode(type);
  if (code === undefined) throw new RdataError(type, 'is no record type; write a known one or TYPE<number>');
  return code;
}

export function encodeStatic(code: number, owner: WireName, { ttl, rdata }: StaticRecordSet): Int32Array {
  return encodeRecords(code, owner, ttl, differentRdata(code, rdata));
}

/** The SOA record of a zone. */
export function encodeSoa(apex: WireName, { soa }: ZoneFacts): Int32Array {
  const { primary, contact, serial, refresh, retry, expire, negativeTtl } = soa;
  const names = [primary, contact].map((name) => (name.endsWith('.') ? name : `${name}.`));
  const text = [...names, serial, refresh, retry, expire, negativeTtl].join(' ');
  return encodeRecords(RRType.SOA, apex, soa.ttl, [encodeRdata(RRType.SOA, text)]);
}

/** TTL of a denial: the lower of the SOA's own TTL and its MINIMUM (RFC 2308 section 3). */
export function negativeTtlOf({ soa }: ZoneFacts): number {
  return Math.min(soa.ttl, soa.negativeTtl);
}

/** An RRset holds no record twice (RFC 2181 5); RDATA that differs in the case of names alone is one (RFC 4034 6.2). */
function differentRdata(code: number, texts: readonly string[]): readonly Uint8Array[] {
  const rdatas = texts.map((text) => encodeRdata(code, text));
  if (rdatas.length === 1) return rdatas;
  const different = new Map<string, Uint8Array>();
  for (const rdata of rdatas) {
    const key = Buffer.from(canonicalRdata(code, rdata)).toString('latin1');
    if (!different.has(key)) different.set(key, rdata);
  }
  return different.size === rdatas.length ? rdatas : [...different.values()];
}

function encodeRecords(
  code: number,
  owner: WireName,
  ttl: number,
  rdatas: readonly Uint8Array[],
): Int32Array {
  const plain = plainRecords(code, ttl, rdatas);
  const ready = mayCompress(code) ? readyRecords(code, owner, ttl, rdatas, plain.length) : plain;
  const readyLength =
    HEADER_LENGTH + owner.length + 4 + plain.length > MOST_MESSAGE_OCTETS ? -1 : ready.length;
  const isOne = ready === plain || readyLength < 0;
  const readyAt = SetEntry.plain + (isOne ? 0 : wordsFor(plain.length));
  const words = new Int32Array(readyAt + wordsFor(isOne ? plain.length : ready.length));
  words[SetEntry.type] = (SetKind.static << 16) | code;
  words[SetEntry.ttl] = ttl;
  words[SetEntry.records] = rdatas.length;
  words[SetEntry.plainLength] = plain.length;
  words[SetEntry.readyLength] = readyLength;
  words[SetEntry.ready] = readyAt;
  const octets = new Uint8Array(words.buffer);
  octets.set(plain, SetEntry.plain * 4);
  if (!isOne) octets.set(ready, readyAt * 4);
  return words;
}

function plainRecords(code: number, ttl: number, rdatas: readonly Uint8Array[]): Uint8Array {
  const length = rdatas.reduce((sum, rdata) => sum + RECORD_HEADER + rdata.length, 0);
  const octets = new Uint8Array(length);
  let at = 0;
  for (const rdata of rdatas) {
    writeUint16(octets, at, POINTER_TO_QUESTION);
    writeUint16(octets, at + 2, code);
    writeUint16(octets, at + 4, RRClass.IN);
    writeUint32(octets, at + 6, ttl);
    writeUint16(octets, at + 10, rdata.length);
    octets.set(rdata, at + RECORD_HEADER);
    at += RECORD_HEADER + rdata.length;
  }
  return octets;
}

/** As the general path writes them behind a question for the owner; no longer than in full, which is `room`. */
function readyRecords(
  code: number,
  owner: WireName,
  ttl: number,
  rdatas: readonly Uint8Array[],
  room: number,
): Uint8Array {
  const question = new Uint8Array(HEADER_LENGTH + owner.length + 4);
  question[5] = 1;
  question.set(owner, HEADER_LENGTH);
  writeUint16(question, HEADER_LENGTH + owner.length, code);
  writeUint16(question, HEADER_LENGTH + owner.length + 2, RRClass.IN);
  const query = new Query();
  parseQuery(question, question.length, query);
  const message = new Uint8Array(question.length + room);
  const writer = new Writer();
  writer.reset(message, 0, message.length);
  writer.writeHeader(0, 0);
  writer.writeQuestion(question, query);
  const start = writer.position;
  for (const rdata of rdatas) writer.writeRecord(Section.answer, null, code, RRClass.IN, ttl, rdata);
  return message.slice(start, writer.position);
}

/** Types whose RDATA holds names that may be compressed (RFC 3597 4). */
function mayCompress(code: number): boolean {
  switch (code) {
    case RRType.NS:
    case RRType.CNAME:
    case RRType.PTR:
    case RRType.MX:
    case RRType.SOA:
      return true;
    default:
      return false;
  }
}
