/**
 * A small real DNS client: asks one question over UDP or TCP, with EDNS and
 * Client Subnet (RFC 7871), and decodes the answer with dns-packet, which
 * shares no code with our own codec.
 */
import dnsPacket, { type Answer, type Packet } from 'dns-packet';

import { exchangeTcp, exchangeUdp, type DnsServerAddress } from './dns-exchange.ts';
import { parseAddress } from './parse-prefix.ts';

export interface DnsQuestion extends DnsServerAddress {
  readonly name: string;
  /** `A`, `AAAA`, …, or `TYPE65` for one that dns-packet does not know. */
  readonly type: string;
  /** Client Subnet, e.g. `81.2.69.0/24` or `2001:db8::/56`; implies EDNS. */
  readonly subnet?: string;
  readonly tcp?: boolean;
  /** `true` for an OPT record with the defaults; default: only when `subnet` is given. */
  readonly edns?: boolean | EdnsQuestion;
  /** Default: RD set, as `dig` does. */
  readonly recursionDesired?: boolean;
  readonly id?: number;
}

export interface EdnsQuestion {
  /** Default 1,232. */
  readonly udpPayloadSize?: number;
  readonly dnssecOk?: boolean;
  readonly version?: number;
  /** More options, as code and octets. */
  readonly options?: ReadonlyArray<{ readonly code: number; readonly data: Buffer }>;
}

export interface DnsAnswer {
  readonly id: number;
  /** `NOERROR`, `NXDOMAIN`, … with the extended bits of EDNS; `RCODE<n>` when it has no name here. */
  readonly rcode: string;
  readonly flags: DnsFlags;
  readonly questions: NonNullable<Packet['questions']>;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  /** Without the OPT record, which is `edns`. */
  readonly additionals: readonly Answer[];
  readonly edns: EdnsAnswer | undefined;
  readonly bytes: Buffer;
}

export interface DnsFlags {
  readonly qr: boolean;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly rd: boolean;
  readonly ra: boolean;
  readonly ad: boolean;
  readonly cd: boolean;
}

export interface EdnsAnswer {
  readonly udpPayloadSize: number;
  readonly version: number;
  readonly dnssecOk: boolean;
  readonly clientSubnet: ClientSubnet | undefined;
  /** Extended DNS Errors (RFC 8914), in order. */
  readonly errors: ReadonlyArray<{ readonly infoCode: number; readonly text: string }>;
  readonly options: ReadonlyArray<{ readonly code: number; readonly data: Buffer }>;
}

export interface ClientSubnet {
  readonly address: string;
  readonly sourcePrefixLength: number;
  readonly scopePrefixLength: number;
}

/** Rejects with DnsTimeout when nothing comes, and with the socket's error when nobody listens. */
export async function ask(question: DnsQuestion): Promise<DnsAnswer> {
  const query = encodeQuery(question);
  const bytes =
    question.tcp === true ? (await exchangeTcp([query], question))[0]! : await exchangeUdp(query, question);
  return decodeAnswer(bytes);
}

/** The octets `ask` would send, for tests that mutate or pipeline them. */
export function encodeQuery(question: Omit<DnsQuestion, keyof DnsServerAddress>): Buffer {
  const { name, type, subnet, edns = subnet !== undefined, recursionDesired = true } = question;
  const additionals = edns === false ? [] : [optRecord(edns === true ? {} : edns, subnet)];
  return dnsPacket.encode({
    type: 'query',
    id: question.id ?? Math.floor(Math.random() * 0x1_0000),
    flags: recursionDesired ? dnsPacket.RECURSION_DESIRED : 0,
    questions: [{ type: type.replace(/^TYPE(?=\d)/, 'UNKNOWN_') as 'A', name }],
    additionals,
  });
}

export function decodeAnswer(bytes: Buffer): DnsAnswer {
  const packet = dnsPacket.decode(bytes);
  const bits = bytes.readUInt16BE(2);
  const opt = packet.additionals?.find((record) => record.type === 'OPT');
  const extended = opt?.extendedRcode ?? 0;
  return {
    id: packet.id ?? 0,
    rcode: rcodeName((extended << 4) | (bits & 0xf)),
    flags: readFlags(bits),
    questions: packet.questions ?? [],
    answers: packet.answers ?? [],
    authorities: packet.authorities ?? [],
    additionals: (packet.additionals ?? []).filter((record) => record.type !== 'OPT'),
    edns: opt === undefined ? undefined : readEdns(opt),
    bytes,
  };
}

type OptRecord = Extract<Answer, { type: 'OPT' }>;

function optRecord(
  { udpPayloadSize = 1_232, dnssecOk = false, version = 0, options = [] }: EdnsQuestion,
  subnet?: string,
): OptRecord {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize,
    extendedRcode: 0,
    ednsVersion: version,
    flags: dnssecOk ? dnsPacket.DNSSEC_OK : 0,
    flag_do: dnssecOk,
    options: [...(subnet === undefined ? [] : [subnetOption(subnet)]), ...options] as OptRecord['options'],
  };
}

/** Family, source and scope length, then the address cut to whole octets, its last bits cleared (RFC 7871 section 6). */
function subnetOption(subnet: string): { code: number; data: Buffer } {
  const [text = '', lengthText] = subnet.split('/');
  const address = parseAddress(text);
  const length = Number(lengthText ?? address.length * 8);
  const octets = Buffer.from(address.subarray(0, Math.ceil(length / 8)));
  if (length % 8 !== 0) octets[octets.length - 1]! &= 0xff << (8 - (length % 8));
  return { code: 8, data: Buffer.concat([Buffer.of(0, address.length === 4 ? 1 : 2, length, 0), octets]) };
}

function readFlags(bits: number): DnsFlags {
  const has = (bit: number) => (bits & bit) !== 0;
  return {
    qr: has(0x8000),
    aa: has(0x400),
    tc: has(0x200),
    rd: has(0x100),
    ra: has(0x80),
    ad: has(0x20),
    cd: has(0x10),
  };
}

function readEdns(opt: OptRecord): EdnsAnswer {
  const options = opt.options.map(({ code, data }) => ({
    code: code as number,
    data: data ?? Buffer.alloc(0),
  }));
  const subnet = opt.options.find((option) => option.code === 8) as
    | { ip?: string; sourcePrefixLength?: number; scopePrefixLength?: number }
    | undefined;
  return {
    udpPayloadSize: opt.udpPayloadSize,
    version: opt.ednsVersion,
    dnssecOk: opt.flag_do,
    clientSubnet:
      subnet === undefined
        ? undefined
        : {
            address: subnet.ip ?? '',
            sourcePrefixLength: subnet.sourcePrefixLength ?? 0,
            scopePrefixLength: subnet.scopePrefixLength ?? 0,
          },
    errors: options
      .filter(({ code, data }) => code === 15 && data.length >= 2)
      .map(({ data }) => ({ infoCode: data.readUInt16BE(0), text: data.toString('utf8', 2) })),
    options,
  };
}

const rcodeNames: Readonly<Record<number, string>> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  9: 'NOTAUTH',
  10: 'NOTZONE',
  16: 'BADVERS',
  23: 'BADCOOKIE',
};

function rcodeName(rcode: number): string {
  return rcodeNames[rcode] ?? `RCODE${rcode}`;
}
