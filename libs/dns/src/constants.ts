/**
 * The numbers of the DNS and their names, from the IANA registries.
 *
 * Only tables and the two-way translation between code and text. What a type
 * means on the wire stands in `rdata/`, never here.
 */

/** Resource record types and the query types that share their number space (RFC 6895). */
export const RRType = {
  A: 1,
  NS: 2,
  MD: 3,
  MF: 4,
  CNAME: 5,
  SOA: 6,
  MB: 7,
  MG: 8,
  MR: 9,
  NULL: 10,
  WKS: 11,
  PTR: 12,
  HINFO: 13,
  MINFO: 14,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  X25: 19,
  ISDN: 20,
  RT: 21,
  NSAP: 22,
  'NSAP-PTR': 23,
  SIG: 24,
  KEY: 25,
  PX: 26,
  GPOS: 27,
  AAAA: 28,
  LOC: 29,
  NXT: 30,
  EID: 31,
  NIMLOC: 32,
  SRV: 33,
  ATMA: 34,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  A6: 38,
  DNAME: 39,
  SINK: 40,
  OPT: 41,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  NINFO: 56,
  RKEY: 57,
  TALINK: 58,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  DSYNC: 66,
  SPF: 99,
  NID: 104,
  L32: 105,
  L64: 106,
  LP: 107,
  EUI48: 108,
  EUI64: 109,
  NXNAME: 128,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  MAILB: 253,
  MAILA: 254,
  ANY: 255,
  URI: 256,
  CAA: 257,
  AVC: 258,
  DOA: 259,
  AMTRELAY: 260,
  RESINFO: 261,
  TA: 32768,
  DLV: 32769,
} as const;
export type RRType = (typeof RRType)[keyof typeof RRType];

/** Classes (RFC 1035 3.2.4, RFC 2136 for NONE). */
export const RRClass = { IN: 1, CH: 3, HS: 4, NONE: 254, ANY: 255 } as const;
export type RRClass = (typeof RRClass)[keyof typeof RRClass];

export const Opcode = { QUERY: 0, IQUERY: 1, STATUS: 2, NOTIFY: 4, UPDATE: 5, DSO: 6 } as const;
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** Response codes; those above 15 need an OPT record for their upper eight bits (RFC 6891 6.1.3). */
export const Rcode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADVERS: 16,
  BADCOOKIE: 23,
} as const;
export type Rcode = (typeof Rcode)[keyof typeof Rcode];

/** Option codes inside an OPT record. */
export const EdnsOption = {
  NSID: 3,
  CLIENT_SUBNET: 8,
  EXPIRE: 9,
  COOKIE: 10,
  TCP_KEEPALIVE: 11,
  PADDING: 12,
  EXTENDED_ERROR: 15,
  REPORT_CHANNEL: 18,
  ZONEVERSION: 19,
} as const;
export type EdnsOption = (typeof EdnsOption)[keyof typeof EdnsOption];

/** Info codes of the Extended DNS Error option (RFC 8914 5.2). */
export const ExtendedError = {
  OTHER: 0,
  STALE_ANSWER: 3,
  FORGED_ANSWER: 4,
  NOT_READY: 14,
  BLOCKED: 15,
  CENSORED: 16,
  FILTERED: 17,
  PROHIBITED: 18,
  STALE_NXDOMAIN_ANSWER: 19,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  NO_REACHABLE_AUTHORITY: 22,
  NETWORK_ERROR: 23,
  INVALID_DATA: 24,
} as const;
export type ExtendedError = (typeof ExtendedError)[keyof typeof ExtendedError];

/** Masks for the second 16-bit word of the header (RFC 1035 4.1.1, RFC 4035 for AD and CD). */
export const HeaderFlag = {
  QR: 0x8000,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
} as const;
export type HeaderFlag = (typeof HeaderFlag)[keyof typeof HeaderFlag];

/** Where the opcode stands in the flags word: `(flags & OPCODE_MASK) >> OPCODE_SHIFT`. */
export const OPCODE_MASK = 0x7800;
export const OPCODE_SHIFT = 11;
export const RCODE_MASK = 0x000f;

/** The one defined bit of the OPT record's extended flags (RFC 3225). */
export const EDNS_DO = 0x8000;

/** Octets before the question. */
export const HEADER_LENGTH = 12;
/** A name on the wire, final zero included (RFC 1035 2.3.4). */
export const MAX_NAME_LENGTH = 255;
export const MAX_LABEL_LENGTH = 63;
/** What every DNS client can receive over UDP; smaller EDNS sizes are read as this (RFC 6891 6.2.3). */
export const MIN_UDP_SIZE = 512;
/** The UDP size we announce and keep to: no fragments on any usual path (RFC 9715). */
export const OUR_UDP_SIZE = 1232;

/** `AAAA` for 28; `TYPE123` for a number without a name here (RFC 3597 5). */
export function typeName(code: number): string {
  return TYPE_NAMES.get(code) ?? `TYPE${code}`;
}

/** The number of a type given by name or as `TYPE123`, upper or lower case; undefined if it is neither. */
export function typeCode(text: string): number | undefined {
  return TYPE_CODES.get(text.toUpperCase()) ?? numbered(text, /^TYPE(0|[1-9]\d{0,4})$/i);
}

/** Whether records of the type may stand in a zone; the others are for questions and messages (RFC 6895 3.1). */
export function isDataType(code: number): boolean {
  return code !== 0 && code !== RRType.OPT && (code < 128 || code > 255);
}

/** `IN` for 1; `CLASS123` for a number without a name here. */
export function className(code: number): string {
  return CLASS_NAMES.get(code) ?? `CLASS${code}`;
}

export function classCode(text: string): number | undefined {
  return CLASS_CODES.get(text.toUpperCase()) ?? numbered(text, /^CLASS(0|[1-9]\d{0,4})$/i);
}

/** `NXDOMAIN` for 3; `RCODE123` for a number without a name here. */
export function rcodeName(code: number): string {
  return RCODE_NAMES.get(code) ?? `RCODE${code}`;
}

function numbered(text: string, pattern: RegExp): number | undefined {
  const digits = pattern.exec(text)?.[1];
  const code = digits === undefined ? Number.NaN : Number(digits);
  return code <= 0xffff ? code : undefined;
}

const TYPE_CODES: ReadonlyMap<string, number> = new Map(Object.entries(RRType));
const TYPE_NAMES: ReadonlyMap<number, string> = inverted(RRType);
const CLASS_CODES: ReadonlyMap<string, number> = new Map(Object.entries(RRClass));
const CLASS_NAMES: ReadonlyMap<number, string> = inverted(RRClass);
const RCODE_NAMES: ReadonlyMap<number, string> = inverted(Rcode);

function inverted(table: Readonly<Record<string, number>>): ReadonlyMap<number, string> {
  return new Map(Object.entries(table).map(([name, code]) => [code, name]));
}
