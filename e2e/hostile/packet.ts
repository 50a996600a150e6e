/** Packets part by part, each part as right or as wrong as a case wants it. It must not know what is expected of them. */

export type Octets = readonly number[];

export interface HeaderParts {
  readonly flags?: number;
  readonly opcode?: number;
  /** QDCOUNT, ANCOUNT, NSCOUNT, ARCOUNT; default 1, 0, 0, 0. */
  readonly counts?: readonly [number, number, number, number];
}

/** The id is set by whoever sends it. */
export function packet(header: HeaderParts, ...parts: readonly Octets[]): Uint8Array {
  const { flags = 0, opcode = 0, counts = [1, 0, 0, 0] } = header;
  return Uint8Array.from([0, 0, ...u16(flags | (opcode << 11)), ...counts.flatMap(u16), ...parts.flat()]);
}

/** A question and nothing else. */
export function plain(asked: Octets = question(), header: HeaderParts = {}): Uint8Array {
  return packet(header, asked);
}

/** A question and one OPT that holds these options. */
export function withEdns(options: Octets = [], edns: OptParts = {}, asked: Octets = question()): Uint8Array {
  return packet({ counts: [1, 0, 0, 1] }, asked, opt(options, edns));
}

export function question(owner: string | Octets = 'www.example.net', type = 1, rrclass = 1): Octets {
  return [...(typeof owner === 'string' ? name(owner) : owner), ...u16(type), ...u16(rrclass)];
}

export function name(text: string): Octets {
  return text === '.' ? [0] : labels(...text.split('.').map(octetsOf));
}

/** Each label with its length before it, and the final zero; lengths above 255 wrap. */
export function labels(...parts: readonly Octets[]): Octets {
  return [...parts.flatMap((part) => [part.length & 0xff, ...part]), 0];
}

export function pointer(target: number): Octets {
  return u16(0xc000 | target);
}

export interface OptParts {
  readonly owner?: Octets;
  readonly size?: number;
  readonly version?: number;
  readonly flags?: number;
  readonly extended?: number;
  /** Default: the length of the options. */
  readonly rdlength?: number;
}

export function opt(options: Octets = [], parts: OptParts = {}): Octets {
  const { owner = [0], size = 1232, version = 0, flags = 0, extended = 0, rdlength = options.length } = parts;
  return [...owner, ...u16(41), ...u16(size), extended, version, ...u16(flags), ...u16(rdlength), ...options];
}

/** @param length default: that of the data */
export function option(code: number, data: Octets = [], length = data.length): Octets {
  return [...u16(code), ...u16(length), ...data];
}

export function subnet(family: number, source: number, scope: number, address: Octets): Octets {
  return option(8, [...u16(family), source, scope, ...address]);
}

export function cookie(length: number): Octets {
  return option(10, fill(length, 7));
}

/** @param rdlength default: the length of `rdata` */
export function record(
  owner: Octets,
  type: number,
  rdata: Octets,
  rdlength = rdata.length,
  rrclass = 1,
): Octets {
  return [...owner, ...u16(type), ...u16(rrclass), 0, 0, 0, 60, ...u16(rdlength), ...rdata];
}

/** RFC 8945 4.2: HMAC-SHA256 under a key that nobody has, over nothing that is true. */
export function tsig(): Octets {
  const rdata = [...name('hmac-sha256'), 0, 0, ...u16(26_000), ...u16(0), ...u16(300)];
  const full = [...rdata, ...u16(32), ...fill(32, 5), 0, 0, 0, 0, 0, 0];
  return [...name('nobody.has'), ...u16(250), ...u16(255), 0, 0, 0, 0, ...u16(full.length), ...full];
}

/** RFC 2931: a SIG record that covers no type, signed by nobody. */
export function sig0(): Octets {
  const rdata = [
    0,
    0,
    13,
    0,
    0,
    0,
    0,
    0,
    0x70,
    0,
    0,
    0,
    0x60,
    0,
    0,
    0,
    0,
    1,
    ...name('nobody.has'),
    ...fill(64, 9),
  ];
  return [0, ...u16(24), ...u16(255), 0, 0, 0, 0, ...u16(rdata.length), ...rdata];
}

export function fill(length: number, value: number): Octets {
  return Array.from({ length }, () => value);
}

export function octetsOf(text: string): Octets {
  return Array.from(Buffer.from(text, 'latin1'));
}

function u16(value: number): Octets {
  return [(value >> 8) & 0xff, value & 0xff];
}
