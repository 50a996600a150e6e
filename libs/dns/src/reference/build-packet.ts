/**
 * Builds packets octet by octet from plain values, also wrong ones: for tests,
 * probes and tools. Nothing is checked or compressed; never on the way of a query.
 */
import { HEADER_LENGTH, RRClass, RRType } from '../constants.ts';

export interface PacketOption {
  readonly code: number;
  readonly data: Uint8Array;
}

export interface PacketRecord {
  /** Wire form; may hold compression pointers. */
  readonly name: Uint8Array;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly rdata: Uint8Array;
}

export interface PacketQuestion {
  readonly name: Uint8Array;
  readonly type: number;
  readonly class?: number;
}

export interface Packet {
  readonly id?: number;
  readonly flags?: number;
  readonly questions?: readonly PacketQuestion[];
  readonly answers?: readonly PacketRecord[];
  readonly authority?: readonly PacketRecord[];
  readonly additional?: readonly PacketRecord[];
}

export function buildPacket(packet: Packet): Uint8Array {
  const { questions = [], answers = [], authority = [], additional = [] } = packet;
  const counts = [questions, answers, authority, additional].map((section) => section.length);
  const header = [packet.id ?? 0, packet.flags ?? 0, ...counts].flatMap(octetsOf16);
  const asked = questions.map((question) =>
    joined([question.name, octetsOf16(question.type), octetsOf16(question.class ?? RRClass.IN)]),
  );
  const records = [...answers, ...authority, ...additional].map(buildRecord);
  return joined([header.slice(0, HEADER_LENGTH), ...asked, ...records]);
}

/** An OPT record. `ttl` holds extended response code, version and flags (RFC 6891 6.1.3). */
export function optRecord(
  options: readonly PacketOption[] = [],
  edns: { readonly udpSize?: number; readonly version?: number; readonly flags?: number } = {},
): PacketRecord {
  return {
    name: Uint8Array.of(0),
    type: RRType.OPT,
    class: edns.udpSize ?? 1232,
    ttl: (edns.version ?? 0) * 0x10000 + (edns.flags ?? 0),
    rdata: joined(options.map(({ code, data }) => joined([octetsOf16(code), octetsOf16(data.length), data]))),
  };
}

export function joined(parts: ReadonlyArray<ArrayLike<number>>): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

function buildRecord(record: PacketRecord): Uint8Array {
  const ttl = [record.ttl >>> 16, record.ttl & 0xffff].flatMap(octetsOf16);
  const fixed = [record.type, record.class].flatMap(octetsOf16);
  return joined([record.name, fixed, ttl, octetsOf16(record.rdata.length), record.rdata]);
}

function octetsOf16(value: number): number[] {
  return [(value >>> 8) & 0xff, value & 0xff];
}
