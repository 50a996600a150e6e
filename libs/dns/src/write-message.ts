/**
 * Writes a response into a caller's buffer, from prebuilt RDATA octets.
 *
 * One `Writer` serves one listener and is reset for each message: no allocation,
 * no exceptions. Every method that writes returns false, and leaves the message
 * as it was, when the octets would not fit. What to leave out then is the
 * caller's decision; `mark` and `rollback` undo whole RRsets or sections.
 *
 *   reset · writeHeader · writeQuestion · writeRRset… · startOpt · addOption… · finish
 */
import { clientSubnetLength, writeClientSubnet } from './client-subnet.ts';
import {
  EDNS_DO,
  EdnsOption,
  HEADER_LENGTH,
  OUR_UDP_SIZE,
  RCODE_MASK,
  RRClass,
  RRType,
} from './constants.ts';
import type { Query } from './query.ts';
import { writeUint16, writeUint32 } from './uint16.ts';
import { endOfName } from './wire-name.ts';
import { WrittenNames } from './written-names.ts';

/** Sections in the order in which they must be written; also where their counts stand in the header. */
export const Section = { question: 0, answer: 1, authority: 2, additional: 3 } as const;
export type Section = (typeof Section)[keyof typeof Section];

/** Records of one owner, class IN and one type (RFC 2181 5), ready for the wire. */
export interface RRset {
  /** Uncompressed wire form. */
  readonly ownerName: Uint8Array;
  readonly type: number;
  /** Seconds. */
  readonly ttl: number;
  readonly rdatas: readonly Uint8Array[];
}

/** A place in a message to come back to; reusable, so that marking allocates nothing. */
export class Mark {
  position = 0;
  nameCount = 0;
  optLengthAt = 0;
  readonly counts = new Uint16Array(4);
}

const EMPTY_BUFFER = new Uint8Array(0);
const POINTER = 0xc000;

export class Writer {
  /** Where the next octet goes, as an index into the buffer. */
  position = 0;
  #buffer: Uint8Array = EMPTY_BUFFER;
  #start = 0;
  #limit = 0;
  #reserved = 0;
  /** Where the OPT record's RDLENGTH stands; 0 for no OPT. */
  #optLengthAt = 0;
  readonly #counts = new Uint16Array(4);
  readonly #names = new WrittenNames();

  /** Begins a message at `start` that may use octets up to, not including, index `limit` of `buffer`. */
  reset(buffer: Uint8Array, start: number, limit: number): void {
    this.#buffer = buffer;
    this.#start = start;
    this.#limit = Math.min(limit, buffer.length, start + 0xffff);
    this.#reserved = 0;
    this.position = start;
    this.#optLengthAt = 0;
    this.#counts.fill(0);
    this.#names.count = 0;
  }

  /** Octets of the message so far. */
  get length(): number {
    return this.position - this.#start;
  }

  /** Keeps the last `octets` free for what must go in at the end, such as OPT. */
  reserve(octets: number): boolean {
    if (!this.#fits(octets)) return false;
    this.#reserved += octets;
    this.#limit -= octets;
    return true;
  }

  /** Opens again all that was reserved. */
  releaseReserved(): void {
    this.#limit += this.#reserved;
    this.#reserved = 0;
  }

  mark(mark: Mark): void {
    mark.position = this.position;
    mark.nameCount = this.#names.count;
    mark.optLengthAt = this.#optLengthAt;
    for (let i = 0; i < 4; i += 1) mark.counts[i] = this.#counts[i]!;
  }

  /** Forgets all that was written since `mark` was set; header flags stay as they are. */
  rollback(mark: Mark): void {
    this.position = mark.position;
    this.#names.count = mark.nameCount;
    this.#optLengthAt = mark.optLengthAt;
    for (let i = 0; i < 4; i += 1) this.#counts[i] = mark.counts[i]!;
  }

  /** First of all. `flags` is the whole second word of the header, response code included. */
  writeHeader(id: number, flags: number): boolean {
    if (!this.#fits(HEADER_LENGTH)) return false;
    const at = this.position;
    writeUint16(this.#buffer, at, id);
    writeUint16(this.#buffer, at + 2, flags);
    for (let i = 4; i < HEADER_LENGTH; i += 1) this.#buffer[at + i] = 0;
    this.position = at + HEADER_LENGTH;
    return true;
  }

  /** Sets bits of the header that is already written, e.g. HeaderFlag.TC. */
  addFlags(bits: number): void {
    const at = this.#start + 2;
    this.#buffer[at]! |= bits >>> 8;
    this.#buffer[at + 1]! |= bits & 0xff;
  }

  /** Replaces the header's four bits of response code; the upper ones go into OPT, see `startOpt`. */
  setRcode(rcode: number): void {
    const at = this.#start + 3;
    this.#buffer[at] = (this.#buffer[at]! & ~RCODE_MASK) | (rcode & RCODE_MASK);
  }

  /**
   * Echoes the question octet for octet from the `packet` that `query` was parsed from: resolvers check the case
   * of its letters. Nothing is written if no question was read. `packet` may be the buffer itself if the message
   * starts at its first octet.
   */
  writeQuestion(packet: Uint8Array, query: Query): boolean {
    if (query.questionEnd === 0) return true;
    if (!this.#copy(packet, HEADER_LENGTH, query.questionEnd)) return false;
    const { name } = query;
    for (let i = 0; i < name.labelCount; i += 1) {
      const offset = name.labelOffsets[i]!;
      this.#names.remember(HEADER_LENGTH + offset, name.length - offset);
    }
    this.#counts[Section.question] = 1;
    return true;
  }

  /** Writes all records of a set, or none. */
  writeRRset(section: Section, rrset: RRset): boolean {
    return this.#writeSet(section, rrset.ownerName, rrset);
  }

  /** As `writeRRset`, but owned by the question's name, as a wildcard's answer is. */
  writeRRsetAtQuestion(section: Section, rrset: RRset): boolean {
    return this.#writeSet(section, null, rrset);
  }

  /**
   * Writes one record. `owner` is an uncompressed name, read up to its final zero, or null for the question's name
   * (which must have been written). `rrclass` is RRClass.IN but for the likes of `id.server`; `ttl` is in seconds.
   * Only the first `rdataLength` octets of `rdata` count.
   */
  writeRecord(
    section: Section,
    owner: Uint8Array | null,
    type: number,
    rrclass: number,
    ttl: number,
    rdata: Uint8Array,
    rdataLength: number = rdata.length,
  ): boolean {
    const before = this.position;
    const namesBefore = this.#names.count;
    if (this.#writeOwner(owner) && this.#writeAfterOwner(type, rrclass, ttl, rdata, rdataLength)) {
      this.#counts[section]! += 1;
      return true;
    }
    this.position = before;
    this.#names.count = namesBefore;
    return false;
  }

  /**
   * Writes an OPT record without options and sets the response code, all twelve bits of it (RFC 6891 6.1.3).
   * `dnssecOk` is copied from the query (RFC 3225). Only for a query that had one; the last record but for TSIG.
   */
  startOpt(rcode: number, dnssecOk: boolean, udpSize: number = OUR_UDP_SIZE): boolean {
    if (!this.#fits(11)) return false;
    const at = this.position;
    this.#buffer[at] = 0;
    writeUint16(this.#buffer, at + 1, RRType.OPT);
    writeUint16(this.#buffer, at + 3, udpSize);
    this.#buffer[at + 5] = rcode >>> 4;
    this.#buffer[at + 6] = 0; // the version we speak
    writeUint16(this.#buffer, at + 7, dnssecOk ? EDNS_DO : 0);
    writeUint16(this.#buffer, at + 9, 0);
    this.#optLengthAt = at + 9;
    this.position = at + 11;
    this.#counts[Section.additional]! += 1;
    this.setRcode(rcode);
    return true;
  }

  /** Appends an option to the OPT just written: `data` from `from` up to `to`. */
  addOption(code: number, data: Uint8Array, from = 0, to: number = data.length): boolean {
    if (!this.#startOption(code, to - from)) return false;
    this.#copy(data, from, to);
    return true;
  }

  /** Appends ECS with the query's own prefix; only for a query that had one (RFC 7871 7.2.1). */
  addClientSubnet(query: Query, scopePrefixLength: number): boolean {
    const length = clientSubnetLength(query);
    if (!this.#startOption(EdnsOption.CLIENT_SUBNET, length)) return false;
    writeClientSubnet(this.#buffer, this.position, query, scopePrefixLength);
    this.position += length;
    return true;
  }

  /** Appends an extended error (RFC 8914): an info code and, prebuilt, its UTF-8 text. */
  addExtendedError(infoCode: number, text: Uint8Array = EMPTY_BUFFER): boolean {
    if (!this.#startOption(EdnsOption.EXTENDED_ERROR, 2 + text.length)) return false;
    writeUint16(this.#buffer, this.position, infoCode);
    this.position += 2;
    this.#copy(text, 0, text.length);
    return true;
  }

  /**
   * Appends Padding, the last option, so that the message's length is a multiple of `blockLength` (RFC 8467 4.1), or
   * all that fits where a whole block does not.
   */
  addPadding(blockLength: number): boolean {
    const room = this.#limit - this.position - 4;
    if (room < 0) return false;
    const missing = (blockLength - ((this.length + 4) % blockLength)) % blockLength;
    const length = Math.min(missing, room);
    if (!this.#startOption(EdnsOption.PADDING, length)) return false;
    this.#buffer.fill(0, this.position, this.position + length);
    this.position += length;
    return true;
  }

  /** Fills in the counts of the sections and returns the message's length in octets. */
  finish(): number {
    for (let i = 0; i < 4; i += 1) writeUint16(this.#buffer, this.#start + 4 + 2 * i, this.#counts[i]!);
    return this.length;
  }

  #writeSet(section: Section, owner: Uint8Array | null, { type, ttl, rdatas }: RRset): boolean {
    const before = this.position;
    const namesBefore = this.#names.count;
    const countBefore = this.#counts[section]!;
    for (const rdata of rdatas) {
      if (this.writeRecord(section, owner, type, RRClass.IN, ttl, rdata)) continue;
      this.position = before;
      this.#names.count = namesBefore;
      this.#counts[section] = countBefore;
      return false;
    }
    return true;
  }

  #writeOwner(owner: Uint8Array | null): boolean {
    if (owner !== null) return this.#writeName(owner, 0, endOfName(owner, 0, owner.length));
    if (this.#counts[Section.question] === 0 || !this.#fits(2)) return false;
    writeUint16(this.#buffer, this.position, POINTER | HEADER_LENGTH);
    this.position += 2;
    return true;
  }

  #writeAfterOwner(type: number, rrclass: number, ttl: number, rdata: Uint8Array, length: number): boolean {
    if (!this.#fits(10)) return false;
    const at = this.position;
    writeUint16(this.#buffer, at, type);
    writeUint16(this.#buffer, at + 2, rrclass);
    writeUint32(this.#buffer, at + 4, ttl);
    this.position = at + 10;
    if (!this.#writeRdata(type, rdata, length)) return false;
    writeUint16(this.#buffer, at + 8, this.position - at - 10);
    return true;
  }

  /** Names are compressed only in the types of RFC 1035 (RFC 3597 4). RDATA that does not parse is copied as it is. */
  #writeRdata(type: number, rdata: Uint8Array, length: number): boolean {
    let from = type === RRType.MX ? Math.min(2, length) : 0; // the preference
    if (!this.#copy(rdata, 0, from)) return false;
    for (let left = compressibleNames(type); left > 0; left -= 1) {
      const end = endOfName(rdata, from, length);
      if (end < 0) break;
      if (!this.#writeName(rdata, from, end)) return false;
      from = end;
    }
    return this.#copy(rdata, from, length);
  }

  /** Writes the name from `from` up to `end`, as labels until the rest already stands in the message. */
  #writeName(name: Uint8Array, from: number, end: number): boolean {
    if (end < 0) return false;
    let at = from;
    while (name[at] !== 0) {
      const known = this.#names.find(this.#buffer, this.#start, name, at, end - at);
      if (known >= 0) {
        if (!this.#fits(2)) return false;
        writeUint16(this.#buffer, this.position, POINTER | known);
        this.position += 2;
        return true;
      }
      const offset = this.length;
      const size = name[at]! + 1;
      if (!this.#copy(name, at, at + size)) return false;
      this.#names.remember(offset, end - at);
      at += size;
    }
    return this.#copy(name, at, at + 1);
  }

  #startOption(code: number, length: number): boolean {
    if (this.#optLengthAt === 0 || !this.#fits(4 + length)) return false;
    writeUint16(this.#buffer, this.position, code);
    writeUint16(this.#buffer, this.position + 2, length);
    this.position += 4;
    writeUint16(this.#buffer, this.#optLengthAt, this.position + length - this.#optLengthAt - 2);
    return true;
  }

  #copy(octets: Uint8Array, from: number, to: number): boolean {
    if (!this.#fits(to - from)) return false;
    const shift = this.position - from;
    for (let i = from; i < to; i += 1) this.#buffer[i + shift] = octets[i]!;
    this.position += to - from;
    return true;
  }

  #fits(octets: number): boolean {
    return this.position + octets <= this.#limit;
  }
}

function compressibleNames(type: number): number {
  switch (type) {
    case RRType.NS:
    case RRType.CNAME:
    case RRType.PTR:
    case RRType.MX:
      return 1;
    case RRType.SOA:
      return 2;
    default:
      return 0;
  }
}
