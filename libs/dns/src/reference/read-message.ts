/**
 * Decodes any DNS message whole, plainly, into fresh objects: for tests, probes
 * and tools. Throws MessageError on the first thing that is wrong.
 *
 * It shares no code with the fast parser, which is tested against it, and is
 * never used on the way of a query.
 */
import { EDNS_DO, HEADER_LENGTH, OPCODE_MASK, OPCODE_SHIFT, RCODE_MASK, RRType } from '../constants.ts';
import { MessageError } from '../errors.ts';
import type { CasedName } from '../wire-name.ts';

export interface Message {
  readonly id: number;
  /** The second 16-bit word of the header; see HeaderFlag. */
  readonly flags: number;
  readonly opcode: number;
  /** All twelve bits when there is an OPT, else four. */
  readonly rcode: number;
  readonly questions: readonly Question[];
  readonly answers: readonly ResourceRecord[];
  readonly authority: readonly ResourceRecord[];
  /** With OPT and TSIG, which `edns` and nobody decodes further. */
  readonly additional: readonly ResourceRecord[];
  readonly edns: Edns | undefined;
  /** Octets of the message; more may have followed. */
  readonly length: number;
}

export interface Question {
  readonly name: CasedName;
  readonly type: number;
  readonly class: number;
}

export interface ResourceRecord {
  readonly name: CasedName;
  readonly type: number;
  readonly class: number;
  /** Seconds. */
  readonly ttl: number;
  /** As in a message without compression, unless `expandRdata` is off. */
  readonly rdata: Uint8Array;
  /** Where the record begins in the message. */
  readonly offset: number;
}

export interface Edns {
  readonly udpSize: number;
  readonly version: number;
  readonly flags: number;
  readonly dnssecOk: boolean;
  /** Empty for versions above 0, whose layout is unknown. */
  readonly options: ReadonlyArray<{ readonly code: number; readonly data: Uint8Array }>;
}

export interface ReadOptions {
  /** Whether names in the RDATA of RFC 1035's types are checked and decompressed. Default true. */
  readonly expandRdata?: boolean;
}

/** Throws MessageError. Octets after the last counted record are not looked at. */
export function readMessage(octets: Uint8Array, options: ReadOptions = {}): Message {
  const cursor = new Cursor(octets);
  const id = cursor.u16('id');
  const flags = cursor.u16('flags');
  const counts = ['QDCOUNT', 'ANCOUNT', 'NSCOUNT', 'ARCOUNT'].map((what) => cursor.u16(what));
  const questions = times(counts[0]!, () => readQuestion(cursor));
  const expand = options.expandRdata ?? true;
  const [answers, authority, additional] = counts
    .slice(1)
    .map((count) => times(count, () => readRecord(cursor, expand)));
  const edns = findEdns([...answers!, ...authority!], additional!, octets);
  const extended = edns === undefined ? 0 : edns.extendedRcode << 4;
  return {
    id,
    flags,
    opcode: (flags & OPCODE_MASK) >> OPCODE_SHIFT,
    rcode: extended | (flags & RCODE_MASK),
    questions,
    answers: answers!,
    authority: authority!,
    additional: additional!,
    edns: edns?.edns,
    length: cursor.at,
  };
}

function times<T>(count: number, read: () => T): T[] {
  const items: T[] = [];
  while (items.length < count) items.push(read()); // each read takes octets or throws
  return items;
}

function readQuestion(cursor: Cursor): Question {
  return { name: cursor.name('question name'), type: cursor.u16('QTYPE'), class: cursor.u16('QCLASS') };
}

function readRecord(cursor: Cursor, expand: boolean): ResourceRecord {
  const offset = cursor.at;
  const name = cursor.name('owner name');
  const type = cursor.u16('type');
  const rrclass = cursor.u16('class');
  const ttl = cursor.u16('TTL') * 0x10000 + cursor.u16('TTL');
  const length = cursor.u16('RDLENGTH');
  const start = cursor.at;
  const raw = cursor.take(length, 'RDATA');
  const rdata = expand ? expandRdata(cursor, type, start, raw) : raw;
  return { name, type, class: rrclass, ttl, rdata, offset };
}

/** How many octets stand before the names of a compressible type, and how many names there are. */
const NAMES_IN_RDATA: ReadonlyMap<number, { before: number; names: number; after: number }> = new Map([
  [RRType.NS, { before: 0, names: 1, after: 0 }],
  [RRType.CNAME, { before: 0, names: 1, after: 0 }],
  [RRType.PTR, { before: 0, names: 1, after: 0 }],
  [RRType.MX, { before: 2, names: 1, after: 0 }],
  [RRType.SOA, { before: 0, names: 2, after: 20 }],
]);

function expandRdata(message: Cursor, type: number, start: number, raw: Uint8Array): Uint8Array {
  const layout = NAMES_IN_RDATA.get(type);
  if (layout === undefined || raw.length === 0) return raw; // empty RDATA occurs in updates (RFC 2136)
  const cursor = new Cursor(message.octets.subarray(0, start + raw.length));
  cursor.at = start;
  const before = cursor.take(layout.before, 'RDATA');
  const names = times(layout.names, () => cursor.name('name in RDATA'));
  const after = cursor.take(layout.after, 'RDATA');
  if (cursor.at !== start + raw.length)
    throw new MessageError('RDLENGTH is not the length of the RDATA', start);
  return Uint8Array.from([...before, ...names.flatMap((name) => Array.from(name)), ...after]);
}

function findEdns(
  elsewhere: readonly ResourceRecord[],
  additional: readonly ResourceRecord[],
  octets: Uint8Array,
): { edns: Edns; extendedRcode: number } | undefined {
  const misplaced = elsewhere.find((record) => record.type === RRType.OPT);
  if (misplaced !== undefined) throw new MessageError('OPT outside the additional section', misplaced.offset);
  const [opt, second] = additional.filter((record) => record.type === RRType.OPT);
  if (opt === undefined) return undefined;
  if (second !== undefined) throw new MessageError('second OPT', second.offset);
  if (octets[opt.offset] !== 0) throw new MessageError('OPT is not owned by the root', opt.offset);
  const version = Math.trunc(opt.ttl / 0x10000) % 0x100;
  const flags = opt.ttl % 0x10000;
  const options = version === 0 ? readOptions(opt) : [];
  const edns = { udpSize: opt.class, version, flags, dnssecOk: (flags & EDNS_DO) !== 0, options };
  return { edns, extendedRcode: Math.trunc(opt.ttl / 0x1000000) };
}

function readOptions(opt: ResourceRecord): Array<{ code: number; data: Uint8Array }> {
  const cursor = new Cursor(opt.rdata);
  const options: Array<{ code: number; data: Uint8Array }> = [];
  while (cursor.at < opt.rdata.length) {
    const code = cursor.u16('option code');
    options.push({ code, data: cursor.take(cursor.u16('option length'), 'option data') });
  }
  return options;
}

class Cursor {
  at = 0;
  readonly octets: Uint8Array;

  constructor(octets: Uint8Array) {
    this.octets = octets;
  }

  take(length: number, what: string): Uint8Array {
    const end = this.at + length;
    if (end > this.octets.length) throw new MessageError(`message ends within ${what}`, this.at);
    const taken = this.octets.slice(this.at, end);
    this.at = end;
    return taken;
  }

  u16(what: string): number {
    const [high, low] = this.take(2, what);
    return high! * 256 + low!;
  }

  /** Leaves `at` behind the name where it was met, not where a pointer led. */
  name(what: string): CasedName {
    const start = this.at;
    const labels = this.#labels(what);
    const octets = Uint8Array.from([...labels.flatMap((label) => [label.length, ...label]), 0]);
    if (octets.length > 255) throw new MessageError(`${what} is longer than 255 octets`, start);
    return octets as CasedName;
  }

  /** Labels up to the root or a pointer, and then those it points to: always further up, so this ends. */
  #labels(what: string): Uint8Array[] {
    const start = this.at;
    const labels: Uint8Array[] = [];
    for (;;) {
      const [size] = this.take(1, what);
      if (size! >= 0xc0) {
        this.at -= 1;
        const target = this.u16(what) - 0xc000;
        if (target >= start || target < HEADER_LENGTH) {
          throw new MessageError(`${what} has a pointer to ${target}, which is no earlier name`, start);
        }
        const there = new Cursor(this.octets);
        there.at = target;
        return [...labels, ...there.#labels(what)];
      }
      if (size! > 63) throw new MessageError(`${what} has a label of an unknown kind`, start);
      if (size === 0) return labels;
      labels.push(this.take(size!, what));
    }
  }
}
