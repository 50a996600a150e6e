/** Names, types and classes: broken ones, and odd ones that are none the less well-formed. */
import type { MustCase, MustGroup } from '../must-case.ts';
import { fill, labels, name, octetsOf, packet, plain, pointer, question, withEdns } from '../packet.ts';

const TAIL = [0, 1, 0, 1];
const APEX = [octetsOf('example'), octetsOf('net')];
const asked = (...octets: readonly (readonly number[])[]) => packet({}, ...octets, TAIL);
const inside = (...parts: readonly (readonly number[])[]) => plain(question(labels(...parts, ...APEX)));
/** With the apex this makes `octets` octets. */
const ofLength = (octets: number) => {
  const long = fill(61, 0x61);
  const left = octets - 13 - 3 * 62 - 1;
  return inside(long, long, long, fill(left, 0x62));
};
const ones = (count: number) => Array.from({ length: count }, () => [0x61]);
const ofType = (what: string, type: number, allowed: string): MustCase => [
  `type ${type}, ${what}`,
  plain(question('www.example.net', type)),
  allowed,
];
const ofClass = (what: string, rrclass: number, allowed: string): MustCase => [
  `class ${rrclass}, ${what}`,
  plain(question('www.example.net', 1, rrclass)),
  allowed,
];

export const QUESTIONS: readonly MustGroup[] = [
  {
    name: 'names that are none (RFC 1035 2.3.4 and 4.1.4, RFC 9267)',
    cases: [
      ['a label of 64 octets', asked(labels(fill(64, 0x61), ...APEX)), 'FORMERR may-drop'],
      ['a label of 100 octets', asked(labels(fill(100, 0x61), ...APEX)), 'FORMERR may-drop'],
      [
        'label type 0x40, a bit string (RFC 2673)',
        asked([0x41, 8, 0xff], name('example.net')),
        'FORMERR may-drop',
      ],
      ['label type 0x80', asked([0x80, 1, 2], name('example.net')), 'FORMERR may-drop'],
      ['label type 0xbf', asked([0xbf, ...fill(63, 1)], name('example.net')), 'FORMERR may-drop'],
      ['256 octets', ofLength(256), 'FORMERR may-drop'],
      ['258 octets', ofLength(258), 'FORMERR may-drop'],
      ['128 labels', plain(question(labels(...ones(128)))), 'FORMERR may-drop'],
      ['400 labels', plain(question(labels(...ones(400)))), 'FORMERR may-drop'],
      ['a pointer to itself', asked(pointer(12)), 'FORMERR may-drop'],
      ['a pointer to the octet after it', asked(pointer(13)), 'FORMERR may-drop'],
      [
        'a pointer forward to a name',
        packet({}, pointer(18), TAIL, name('www.example.net')),
        'FORMERR may-drop',
      ],
      ['a pointer beyond the packet', asked(pointer(500)), 'FORMERR may-drop'],
      ['a pointer as far as there is', asked(pointer(0x3fff)), 'FORMERR may-drop'],
      ['a label and a pointer back to it', asked([3, ...octetsOf('www')], pointer(12)), 'FORMERR may-drop'],
      ['two pointers to each other', asked(pointer(14), pointer(12)), 'FORMERR may-drop'],
      ['a pointer without its second octet', packet({}, [0xc0]), 'FORMERR may-drop'],
      ['no final zero', packet({}, [3, ...octetsOf('www')]), 'FORMERR may-drop'],
      ['an end within a label', packet({}, [9, ...octetsOf('www')]), 'FORMERR may-drop'],
      ['an end after the name', packet({}, name('www.example.net')), 'FORMERR may-drop'],
      ['an end within the type', packet({}, name('www.example.net'), [0]), 'FORMERR may-drop'],
      ['an end before the class', packet({}, name('www.example.net'), [0, 1]), 'FORMERR may-drop'],
      ['an end within the class', packet({}, name('www.example.net'), [0, 1, 0]), 'FORMERR may-drop'],
      ['a name of which all is missing', packet({ counts: [1, 0, 0, 0] }), 'FORMERR may-drop'],
    ],
  },
  {
    name: 'pointers into the header, where zeros may pass for the root',
    cases: [
      ['to its first octet', asked(pointer(0)), 'FORMERR REFUSED may-drop'],
      ['to the flags', asked(pointer(2)), 'FORMERR REFUSED may-drop'],
      ['to QDCOUNT', asked(pointer(4)), 'FORMERR REFUSED may-drop'],
      ['to ARCOUNT', asked(pointer(10)), 'FORMERR REFUSED may-drop'],
      ['a label, then to the header', asked([1, 0x61], pointer(4)), 'FORMERR REFUSED may-drop'],
    ],
  },
  {
    name: 'names that are odd (RFC 2181 11: any octet may stand in a label)',
    cases: [
      ['255 octets', ofLength(255), 'NXDOMAIN no-opt'],
      ['254 octets', ofLength(254), 'NXDOMAIN no-opt'],
      ['254 octets, with OPT', withEdns([], {}, question(labels(...ones(120), ...APEX))), 'NXDOMAIN opt'],
      ['127 labels', plain(question(labels(...ones(127)))), 'REFUSED'],
      ['a label of 63 octets', inside(fill(63, 0x61)), 'NXDOMAIN'],
      ['octets of zero', inside(fill(5, 0)), 'NXDOMAIN'],
      ['octets of 255', inside(fill(5, 255)), 'NXDOMAIN'],
      ['a dot within a label', inside(octetsOf('a.b')), 'NXDOMAIN'],
      ['spaces and quotes', inside(octetsOf(' "\'\\')), 'NXDOMAIN'],
      ['octets that look like a pointer', inside([0xc0, 0x0c]), 'NXDOMAIN'],
      ['upper case (RFC 4343)', plain(question('WWW.eXamPLE.NET')), 'NOERROR data'],
      ['upper case beyond ASCII is another name', plain(question('\u00C4.example.net')), 'NXDOMAIN'],
      ['the root', plain(question('.')), 'REFUSED'],
      ['the root, its name servers', plain(question('.', 2)), 'REFUSED'],
      ['the zone above', plain(question('net', 2)), 'REFUSED'],
      ['another zone', plain(question('www.example.com')), 'REFUSED'],
      ['another zone, with OPT', withEdns([], {}, question('www.example.com')), 'REFUSED opt'],
      ['a name that ends as our zone does', plain(question('badexample.net')), 'REFUSED'],
      ['a wildcard by its own name', plain(question('*.wild.example.net')), 'NOERROR data'],
      ['below a wildcard', plain(question('a.b.wild.example.net')), 'NOERROR data'],
      ['below a delegation', plain(question('a.sub.example.net')), 'NOERROR empty'],
      ['an alias', plain(question('alias.example.net')), 'NOERROR data'],
      ['an alias to itself', plain(question('loop.example.net')), 'NOERROR SERVFAIL'],
      ['an underscore', plain(question('_dns.example.net', 64)), 'NXDOMAIN'],
    ],
  },
  {
    name: 'types (RFC 8906 3.1.2, RFC 6895)',
    cases: [
      ofType('reserved', 0, 'NOERROR FORMERR NOTIMP REFUSED empty'),
      ofType('OPT', 41, 'FORMERR NOTIMP NOERROR empty'),
      ofType('not assigned', 103, 'NOERROR empty'),
      ofType('NXNAME (RFC 9824 3.5)', 128, 'FORMERR NOERROR empty'),
      ofType('TKEY', 249, 'NOTIMP FORMERR REFUSED NOERROR empty'),
      ofType('TSIG', 250, 'FORMERR NOTIMP REFUSED NOERROR empty'),
      ofType('MAILB', 253, 'NOTIMP NOERROR FORMERR REFUSED empty'),
      ofType('MAILA', 254, 'NOTIMP NOERROR FORMERR REFUSED empty'),
      ofType('ANY (RFC 8482)', 255, 'NOERROR data'),
      ofType('RRSIG of a zone that is not signed', 46, 'NOERROR empty'),
      ofType('NULL', 10, 'NOERROR empty'),
      ofType('HTTPS', 65, 'NOERROR empty'),
      ofType('DLV', 32_769, 'NOERROR empty'),
      ofType('for private use', 65_280, 'NOERROR empty'),
      ofType('reserved', 65_535, 'NOERROR FORMERR empty'),
      ['ANY at the apex', plain(question('example.net', 255)), 'NOERROR data'],
      ['ANY of nothing', plain(question('nothing.example.net', 255)), 'NXDOMAIN'],
      [
        'DS at the apex, of which the parent has it',
        plain(question('example.net', 43)),
        'NOERROR REFUSED empty',
      ],
    ],
  },
  {
    name: 'transfers nobody is allowed',
    cases: [
      ['IXFR without SOA', plain(question('example.net', 251)), 'REFUSED NOTAUTH FORMERR NOTIMP NOERROR'],
      ['AXFR of another zone', plain(question('example.com', 252)), 'REFUSED NOTAUTH FORMERR NOTIMP'],
      ['AXFR of our zone', plain(question('example.net', 252)), 'REFUSED NOTAUTH FORMERR NOTIMP'],
      ['AXFR with OPT', withEdns([], {}, question('example.net', 252)), 'REFUSED NOTAUTH FORMERR NOTIMP'],
    ],
  },
  {
    name: 'classes',
    cases: [
      ofClass('reserved', 0, 'REFUSED FORMERR NOTIMP NOTAUTH'),
      ofClass('CSNET', 2, 'REFUSED FORMERR NOTIMP NOTAUTH'),
      ofClass('CHAOS', 3, 'REFUSED FORMERR NOTIMP NOTAUTH NXDOMAIN'),
      ofClass('Hesiod', 4, 'REFUSED FORMERR NOTIMP NOTAUTH'),
      ofClass('NONE', 254, 'REFUSED FORMERR NOTIMP NOTAUTH'),
      ofClass('ANY', 255, 'NOERROR REFUSED FORMERR NOTIMP NOTAUTH'),
      ofClass('for private use', 65_280, 'REFUSED FORMERR NOTIMP NOTAUTH'),
      ofClass('reserved', 65_535, 'REFUSED FORMERR NOTIMP NOTAUTH'),
      ['version.bind (RFC 4892)', plain(question('version.bind', 16, 3)), 'NOERROR REFUSED'],
      ['a transfer of class CHAOS', plain(question('example.net', 252, 3)), 'REFUSED NOTAUTH FORMERR NOTIMP'],
    ],
  },
];
