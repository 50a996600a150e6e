/** Headers: too short, responses, each opcode, flags that mean nothing in a query, counts that lie. */
import type { MustCase, MustGroup } from '../must-case.ts';
import { fill, name, octetsOf, opt, packet, plain, pointer, question, record } from '../packet.ts';

const Q = question();
const OPT = opt();
const A = record(pointer(12), 1, [192, 0, 2, 9]);
const SOA = record(name('example.net'), 6, [...name('ns.example.net'), 0, ...fill(20, 1)]);

const short = (length: number): MustCase => [
  `${length} octets of a header`,
  plain().subarray(0, length),
  'silence FORMERR',
];
/** RFC 8906 3.1.4: an opcode that is not known gets NOTIMP. */
const unknown = (opcode: number): MustCase => [`opcode ${opcode}`, plain(Q, { opcode }), 'NOTIMP'];
const flagged = (what: string, flags: number): MustCase => [what, plain(Q, { flags }), 'NOERROR data no-opt'];

export const HEADERS: readonly MustGroup[] = [
  {
    name: 'headers that are too short',
    cases: [
      ...[1, 2, 3, 4, 6, 8, 10, 11].map(short),
      ['a header without anything', packet({ counts: [0, 0, 0, 0] }), 'FORMERR may-drop'],
      ['a header that promises a question', packet({}), 'FORMERR may-drop'],
      ['100 octets of zero', Uint8Array.from(fill(100, 0)), 'FORMERR may-drop'],
      ['100 octets of 255', Uint8Array.from(fill(100, 255)), 'silence'],
      [
        'a request of HTTP',
        Uint8Array.from(octetsOf('GET / HTTP/1.1\r\nHost: example.net\r\n\r\n')),
        'NOTIMP FORMERR may-drop',
      ],
    ],
  },
  {
    name: 'responses, which nobody may answer (RFC 5625 6.1, RFC 9267)',
    cases: [
      ['a response', plain(Q, { flags: 0x8000 }), 'silence'],
      ['an authoritative response', plain(Q, { flags: 0x8400 }), 'silence'],
      ['a response that says FORMERR', plain(Q, { flags: 0x8001 }), 'silence'],
      ['a response that says REFUSED', plain(Q, { flags: 0x8005 }), 'silence'],
      ['a truncated response', plain(Q, { flags: 0x8200 }), 'silence'],
      ['a response with a record', packet({ flags: 0x8000, counts: [1, 1, 0, 0] }, Q, A), 'silence'],
      ['a response with OPT', packet({ flags: 0x8000, counts: [1, 0, 0, 1] }, Q, OPT), 'silence'],
      ['a header of a response', packet({ flags: 0x8000, counts: [0, 0, 0, 0] }), 'silence'],
      ['a response to STATUS', plain(Q, { flags: 0x8000, opcode: 2 }), 'silence'],
      ['a response to UPDATE', plain(Q, { flags: 0x8000, opcode: 5 }), 'silence'],
      ['a response to opcode 15', plain(Q, { flags: 0x8000, opcode: 15 }), 'silence'],
    ],
  },
  {
    name: 'opcodes',
    cases: [
      ['IQUERY (RFC 3425)', plain(Q, { opcode: 1 }), 'NOTIMP'],
      ['STATUS', plain(Q, { opcode: 2 }), 'NOTIMP'],
      unknown(3),
      [
        'NOTIFY of a zone of ours',
        plain(question('example.net', 6), { opcode: 4 }),
        'NOTIMP REFUSED NOTAUTH NOERROR FORMERR',
      ],
      [
        'NOTIFY of another zone',
        plain(question('example.com', 6), { opcode: 4 }),
        'NOTIMP REFUSED NOTAUTH FORMERR NXDOMAIN',
      ],
      ['NOTIFY without a question', packet({ opcode: 4, counts: [0, 0, 0, 0] }), 'NOTIMP FORMERR REFUSED'],
      [
        'UPDATE of a zone of ours',
        plain(question('example.net', 6), { opcode: 5 }),
        'NOTIMP REFUSED NOTAUTH',
      ],
      [
        'UPDATE that adds a record',
        packet({ opcode: 5, counts: [1, 0, 1, 0] }, question('example.net', 6), A),
        'NOTIMP REFUSED NOTAUTH',
      ],
      ['UPDATE of another zone', plain(question('example.com', 6), { opcode: 5 }), 'NOTIMP REFUSED NOTAUTH'],
      ['UPDATE without a zone', packet({ opcode: 5, counts: [0, 0, 0, 0] }), 'NOTIMP FORMERR REFUSED'],
      [
        'DSO (RFC 8490)',
        packet({ opcode: 6, counts: [0, 0, 0, 0] }, [0, 1, 0, 8, ...fill(8, 1)]),
        'NOTIMP FORMERR',
      ],
      ...[7, 8, 9, 10, 11, 12, 13, 14, 15].map(unknown),
      ['opcode 15 with OPT', packet({ opcode: 15, counts: [1, 0, 0, 1] }, Q, OPT), 'NOTIMP'],
      ['opcode 14 and a header alone', packet({ opcode: 14, counts: [0, 0, 0, 0] }), 'NOTIMP'],
      [
        'opcode 13 and counts that lie',
        packet({ opcode: 13, counts: [9, 9, 9, 9] }, Q),
        'NOTIMP FORMERR may-drop',
      ],
    ],
  },
  {
    name: 'flags (RFC 8906 3.1.5)',
    cases: [
      flagged('RD', 0x0100),
      flagged('AA', 0x0400),
      flagged('RA', 0x0080),
      flagged('Z', 0x0040),
      flagged('AD', 0x0020),
      flagged('CD', 0x0010),
      ['TC', plain(Q, { flags: 0x0200 }), 'NOERROR FORMERR'],
      ['a response code', plain(Q, { flags: 0x000f }), 'NOERROR FORMERR'],
      ['all flags but QR', plain(Q, { flags: 0x07ff }), 'NOERROR FORMERR'],
    ],
  },
  {
    name: 'counts',
    cases: [
      ['QDCOUNT 0, and a question', packet({ counts: [0, 0, 0, 0] }, Q), 'FORMERR may-drop'],
      ['QDCOUNT 0, and OPT', packet({ counts: [0, 0, 0, 1] }, OPT), 'FORMERR unless-cookies'],
      [
        'QDCOUNT 2, and two questions (RFC 9619)',
        packet({ counts: [2, 0, 0, 0] }, Q, question('ns.example.net')),
        'FORMERR',
      ],
      ['QDCOUNT 2, and the same question twice', packet({ counts: [2, 0, 0, 0] }, Q, Q), 'FORMERR'],
      ['QDCOUNT 2, and one question', packet({ counts: [2, 0, 0, 0] }, Q), 'FORMERR'],
      ['QDCOUNT 65535', packet({ counts: [65_535, 0, 0, 0] }, Q), 'FORMERR'],
      [
        'QDCOUNT 100, and as many',
        packet({ counts: [100, 0, 0, 0] }, ...Array.from({ length: 100 }, () => Q)),
        'FORMERR',
      ],
      ['ANCOUNT 1, and none', packet({ counts: [1, 1, 0, 0] }, Q), 'FORMERR'],
      ['NSCOUNT 1, and none', packet({ counts: [1, 0, 1, 0] }, Q), 'FORMERR'],
      ['ARCOUNT 1, and none', packet({ counts: [1, 0, 0, 1] }, Q), 'FORMERR'],
      ['ARCOUNT 2, and OPT', packet({ counts: [1, 0, 0, 2] }, Q, OPT), 'FORMERR'],
      ['ANCOUNT 65535', packet({ counts: [1, 65_535, 0, 0] }, Q), 'FORMERR'],
      ['NSCOUNT 65535', packet({ counts: [1, 0, 65_535, 0] }, Q), 'FORMERR'],
      ['ARCOUNT 65535', packet({ counts: [1, 0, 0, 65_535] }, Q, OPT), 'FORMERR'],
      ['all counts 65535', packet({ counts: [65_535, 65_535, 65_535, 65_535] }, Q), 'FORMERR'],
      ['ARCOUNT 0, and OPT', packet({}, Q, OPT), 'NOERROR FORMERR'],
      ['a record in the answer section', packet({ counts: [1, 1, 0, 0] }, Q, A), 'NOERROR FORMERR'],
      ['SOA in the authority section', packet({ counts: [1, 0, 1, 0] }, Q, SOA), 'NOERROR FORMERR'],
      ['a record in the additional section', packet({ counts: [1, 0, 0, 1] }, Q, A), 'NOERROR FORMERR'],
      [
        'a record that is longer than the packet',
        packet({ counts: [1, 0, 0, 1] }, Q, record(pointer(12), 1, [1, 2, 3, 4], 5)),
        'FORMERR',
      ],
      ['a record that ends in its fixed part', packet({ counts: [1, 0, 0, 1] }, Q, A.slice(0, 8)), 'FORMERR'],
    ],
  },
];
