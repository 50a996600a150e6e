/** What can go wrong with a TCP stream itself (RFC 7766): lengths, segments, order, ends. */
import { encodeQuery } from '@signpost/testkit/dns-client';

import type { TcpCase } from '../must-case.ts';
import { fill, plain } from '../packet.ts';
import { framed } from '../tcp-client.ts';

const asked = (id: number, name = 'www.example.net', type = 'A', edns: boolean | object = false) =>
  encodeQuery({ id, name, type, edns });
const DATA = 'NOERROR data no-tc';
/** Ids 1 to `count`, all to be answered. */
const answered = (count: number, allowed = DATA) =>
  new Map(Array.from({ length: count }, (_, i) => [i + 1, allowed] as const));
const octetByOctet = (octets: Uint8Array) => Array.from(octets, (octet) => Uint8Array.of(octet));
const first = framed(asked(1));
const none = new Map([[1, 'silence FORMERR']]);
const queries = (count: number, name?: string, type?: string) =>
  Array.from({ length: count }, (_, i) => framed(asked(i + 1, name, type)));
const response = () => {
  const octets = asked(2);
  octets[2]! |= 0x80;
  return octets;
};

export const STREAMS: readonly TcpCase[] = [
  { what: 'a query', segments: [first], allowed: answered(1) },
  {
    what: 'a query with OPT',
    segments: [framed(asked(1, 'www.example.net', 'A', true))],
    allowed: answered(1, `${DATA} opt`),
  },
  { what: 'length 0', segments: [Uint8Array.of(0, 0)], allowed: none },
  { what: 'length 0, a hundred times', segments: [Uint8Array.from(fill(200, 0))], allowed: none },
  { what: 'length 1', segments: [framed(Uint8Array.of(0))], allowed: none },
  { what: 'length 11', segments: [framed(asked(1).subarray(0, 11))], allowed: none },
  {
    what: 'length 12, a header alone',
    segments: [framed(plain().subarray(0, 12))],
    allowed: new Map([[0, 'FORMERR may-drop']]),
  },
  { what: 'half a length, then the end', segments: [Uint8Array.of(0)], allowed: none, ends: true },
  { what: 'a length, then the end', segments: [Uint8Array.of(0, 33)], allowed: none, ends: true },
  { what: 'half a message, then the end', segments: [first.subarray(0, 20)], allowed: none, ends: true },
  {
    what: 'a length larger than the message, then the end',
    segments: [framed(asked(1), 4_096)],
    allowed: none,
    ends: true,
  },
  { what: 'length 65535, then the end', segments: [framed(asked(1), 65_535)], allowed: none, ends: true },
  {
    what: 'a length smaller than the message',
    segments: [framed(asked(1), 20)],
    allowed: new Map([[1, 'FORMERR may-drop']]),
  },
  {
    what: 'a message of 65535 octets',
    segments: [framed(Buffer.concat([asked(1), Buffer.alloc(65_535 - asked(1).length)]))],
    allowed: new Map([[1, 'NOERROR FORMERR']]),
  },
  { what: 'octet by octet', segments: octetByOctet(first), allowed: answered(1) },
  {
    what: 'the length in two segments',
    segments: [first.subarray(0, 1), first.subarray(1)],
    allowed: answered(1),
  },
  {
    what: 'the length, then the message',
    segments: [first.subarray(0, 2), first.subarray(2)],
    allowed: answered(1),
  },
  { what: 'two queries in one segment', segments: [Buffer.concat(queries(2))], allowed: answered(2) },
  {
    what: 'two queries octet by octet',
    segments: octetByOctet(Buffer.concat(queries(2))),
    allowed: answered(2),
  },
  {
    what: 'a query and a half, then the rest',
    segments: [Buffer.concat(queries(2)).subarray(0, 60), Buffer.concat(queries(2)).subarray(60)],
    allowed: answered(2),
  },
  {
    what: '100 queries at once (RFC 7766 6.2.1.1)',
    segments: [Buffer.concat(queries(100))],
    allowed: answered(100),
  },
  { what: '100 queries, each in a segment', segments: queries(100), allowed: answered(100) },
  {
    what: '50 queries for long answers',
    segments: [Buffer.concat(queries(50, 'huge.example.net', 'TXT'))],
    allowed: answered(50),
  },
  { what: 'a long answer', segments: [framed(asked(1, 'huge.example.net', 'TXT'))], allowed: answered(1) },
  { what: 'a query, then the end', segments: [first], allowed: answered(1), ends: true },
  {
    what: '20 queries, then the end',
    segments: [Buffer.concat(queries(20))],
    allowed: answered(20),
    ends: true,
  },
  {
    what: 'a query, then a response',
    segments: [first, framed(response())],
    allowed: new Map([
      [1, DATA],
      [2, 'silence'],
    ]),
  },
  { what: 'a query, then length 0', segments: [first, Uint8Array.of(0, 0)], allowed: answered(1) },
  {
    what: 'a query, then one that is broken',
    segments: [first, framed(plain([1, 2]))],
    allowed: new Map([
      [1, DATA],
      [0, 'FORMERR may-drop'],
    ]),
  },
  {
    what: 'a broken query, then a good one',
    segments: [framed(plain([1, 2])), first],
    allowed: new Map([
      [0, 'FORMERR may-drop'],
      [1, 'silence NOERROR'],
    ]),
  },
  {
    what: 'AXFR of our zone',
    segments: [framed(asked(1, 'example.net', 'AXFR'))],
    allowed: new Map([[1, 'REFUSED NOTAUTH NOTIMP']]),
  },
  {
    what: 'AXFR among queries',
    segments: [Buffer.concat([first, framed(asked(2, 'example.net', 'AXFR')), framed(asked(3))])],
    allowed: new Map([
      [1, DATA],
      [2, 'REFUSED NOTAUTH NOTIMP'],
      [3, DATA],
    ]),
  },
];
