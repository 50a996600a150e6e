/**
 * H12, for one static record set: from presentation format to the octets of its entry. What cannot be served throws
 * RdataError or NameError before anything is in the image. It must not know which name the entry is for.
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

import type { ImageSpace } from './image-space.ts';
import { RECORD_HEADER, SetEntry, SetKind, wordsFor } from './layout.ts';

const POINTER_TO_QUESTION = 0xc000 | HEADER_LENGTH;
const MOST_MESSAGE_OCTETS = 65_535;
/** Up to so many records are compared each with each. */
const FEW = 8;

/** A static record set, as `SetEntry` has it. */
export interface EncodedSet {
  readonly code: number;
  readonly ttl: number;
  readonly records: number;
  readonly plain: Uint8Array;
  /** `plain` itself where there is nothing else to write. */
  readonly ready: Uint8Array;
  readonly readyLength: number;
}

/** Code of a type as the store's field names it, `A` or `TYPE65280`. Throws RdataError. */
export function codeOf(type: string): number {
  const code = typeCode(type);
  if (code === undefined) throw new RdataError(type, 'is no record type; write a known one or TYPE<number>');
  return code;
}

export function encodeStatic(code: number, owner: WireName, { ttl, rdata }: StaticRecordSet): EncodedSet {
  return encodeRecords(code, owner, ttl, differentRdata(code, rdata));
}

/** The SOA record of a zone. */
export function encodeSoa(apex: WireName, { soa }: ZoneFacts): EncodedSet {
  const { primary, contact, serial, refresh, retry, expire, negativeTtl } = soa;
  const names = [primary, contact].map((name) => (name.endsWith('.') ? name : `${name}.`));
  const text = [...names, serial, refresh, retry, expire, negativeTtl].join(' ');
  return encodeRecords(RRType.SOA, apex, soa.ttl, [encodeRdata(RRType.SOA, text)]);
}

/** TTL of a denial: the lower of the SOA's own TTL and its MINIMUM (RFC 2308 section 3). */
export function negativeTtlOf({ soa }: ZoneFacts): number {
  return Math.min(soa.ttl, soa.negativeTtl);
}

/** Words of its entry. */
export function wordsOf({ plain, ready }: EncodedSet): number {
  return SetEntry.plain + wordsFor(plain.length) + (ready === plain ? 0 : wordsFor(ready.length));
}

/** Index of its entry. Room is made. */
export function placeEncoded(space: ImageSpace, set: EncodedSet): number {
  const { code, ttl, records, plain, ready, readyLength } = set;
  const { words, octets } = space;
  const entry = space.take(wordsOf(set));
  const plainAt = entry + SetEntry.plain;
  const readyAt = ready === plain ? plainAt : plainAt + wordsFor(plain.length);
  words[entry + SetEntry.type] = (SetKind.static << 16) | code;
  words[entry + SetEntry.ttl] = ttl;
  words[entry + SetEntry.records] = records;
  words[entry + SetEntry.plainLength] = plain.length;
  words[entry + SetEntry.readyLength] = readyLength;
  words[entry + SetEntry.ready] = readyAt;
  octets.set(plain, plainAt * 4);
  if (ready !== plain) octets.set(ready, readyAt * 4);
  return entry;
}

/** An RRset holds no record twice (RFC 2181 5); RDATA that differs in the case of names alone is one (RFC 4034 6.2). */
function differentRdata(code: number, texts: readonly string[]): readonly Uint8Array[] {
  const rdatas = texts.map((text) => encodeRdata(code, text));
  if (rdatas.length === 1) return rdatas;
  const canonical = rdatas.map((rdata) => canonicalRdata(code, rdata));
  if (rdatas.length <= FEW && eachDiffers(canonical)) return rdatas;
  const seen = new Set<string>();
  return rdatas.filter((_, i) => {
    const key = Buffer.from(canonical[i]!).toString('latin1');
    return !seen.has(key) && seen.add(key);
  });
}

function eachDiffers(all: readonly Uint8Array[]): boolean {
  for (let i = 1; i < all.length; i += 1) {
    for (let j = 0; j < i; j += 1) if (Buffer.compare(all[i]!, all[j]!) === 0) return false;
  }
  return true;
}

function encodeRecords(
  code: number,
  owner: WireName,
  ttl: number,
  rdatas: readonly Uint8Array[],
): EncodedSet {
  const records = rdatas.length;
  const plain = plainRecords(code, ttl, rdatas);
  if (HEADER_LENGTH + owner.length + 4 + plain.length > MOST_MESSAGE_OCTETS) {
    return { code, ttl, records, plain, ready: plain, readyLength: -1 };
  }
  const ready = mayCompress(code) ? readyRecords(code, owner, ttl, rdatas, plain.length) : plain;
  return { code, ttl, records, plain, ready, readyLength: ready.length };
}

function plainRecords(code: number, ttl: number, rdatas: readonly Uint8Array[]): Uint8Array {
  const octets = new Uint8Array(rdatas.reduce((sum, { length }) => sum + RECORD_HEADER + length, 0));
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
